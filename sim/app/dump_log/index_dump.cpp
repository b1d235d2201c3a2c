#include "sim/app/dump_log/index_dump.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/app/dump_log/log_batches.h"
#include "sim/app/dump_log/stopped.h"

namespace bsim::dump_log {
namespace {

// The bytes of an index, of which only whole entries count.
class IndexFile {
  public:
    IndexFile(const InputFile& file, std::size_t entry_size)
        : path_(file.path()),
          base_(file.base_offset()),
          bytes_(file.read()),
          entry_size_(entry_size) {}

    const std::string& path() const { return path_; }
    std::int64_t base() const { return base_; }
    std::size_t entries() const { return bytes_.size() / entry_size_; }
    const std::uint8_t* entry(std::size_t i) const { return bytes_.data() + i * entry_size_; }
    std::int64_t absolute(std::int32_t relative) const {
        return wire::wrapping_add(base_, relative);
    }

    // What both kinds of index are asked at a broker's start.
    void check_last_offset(std::int64_t last) const {
        if (last < base_) {
            throw Stopped(fmt::format("corrupt index {}: the last offset {} is below the base {}",
                                      path_, last, base_));
        }
    }
    void check_length() const {
        if (bytes_.size() % entry_size_ != 0) {
            throw Stopped(fmt::format("corrupt index {}: {} bytes are no multiple of {}", path_,
                                      bytes_.size(), entry_size_));
        }
    }

  private:
    std::string path_;
    std::int64_t base_;
    std::vector<std::uint8_t> bytes_;
    std::size_t entry_size_;
};

struct OffsetEntry {
    std::int64_t offset = 0;
    std::int32_t position = 0;
};

class OffsetIndexFile : public IndexFile {
  public:
    explicit OffsetIndexFile(const InputFile& file) : IndexFile(file, 8) {}

    OffsetEntry at(std::size_t i) const {
        return {absolute(load_be<std::int32_t>(entry(i))), load_be<std::int32_t>(entry(i) + 4)};
    }
    void check_sanity() const {
        check_last_offset(at(entries() - 1).offset);
        check_length();
    }
    // Finds what a broker would find, though the entries may not be in order.
    OffsetEntry lookup(std::int64_t offset) const;

  private:
    // A broker looks among the last 8 KiB first, which it expects to be in memory.
    static constexpr std::size_t kWarmEntries = 8192 / 8;

    OffsetEntry search(std::size_t low, std::size_t high, std::int64_t offset) const;
};

OffsetEntry OffsetIndexFile::lookup(std::int64_t offset) const {
    if (entries() == 0)
        return {base(), 0};
    const std::size_t last = entries() - 1;
    const std::size_t first_warm = last > kWarmEntries ? last - kWarmEntries : 0;
    if (at(first_warm).offset < offset)
        return search(first_warm, last, offset);
    if (at(0).offset > offset)
        return {base(), 0};
    return search(0, first_warm, offset);
}

OffsetEntry OffsetIndexFile::search(std::size_t low, std::size_t high, std::int64_t offset) const {
    while (low < high) {
        const std::size_t middle = (low + high + 1) / 2;
        const OffsetEntry found = at(middle);
        if (found.offset == offset)
            return found;
        if (found.offset > offset)
            high = middle - 1;
        else
            low = middle;
    }
    return at(low);
}

struct TimeEntry {
    std::int64_t timestamp = 0;
    std::int64_t offset = 0;
};

class TimeIndexFile : public IndexFile {
  public:
    explicit TimeIndexFile(const InputFile& file) : IndexFile(file, 12) {}

    TimeEntry at(std::size_t i) const {
        return {load_be<std::int64_t>(entry(i)), absolute(load_be<std::int32_t>(entry(i) + 8))};
    }
    void check_sanity() const {
        if (entries() > 0) {
            const TimeEntry last = at(entries() - 1);
            if (last.timestamp < at(0).timestamp) {
                throw Stopped(
                    fmt::format("corrupt index {}: the last timestamp {} is below the first {}",
                                path(), last.timestamp, at(0).timestamp));
            }
            check_last_offset(last.offset);
        }
        check_length();
    }
};

LogFile log_beside(const InputFile& index) {
    // A name that tells no offset is what to complain about first.
    static_cast<void>(index.base_offset());
    return LogFile(index.sibling(".log"));
}

// The last offset of the batch that an entry points to.
std::int64_t last_offset_at(const LogFile& log, std::int32_t position, const Options& options) {
    FileBatches batches(log, log.slice(position, options.max_message_bytes));
    FileBatch batch;
    if (!batches.next(batch)) {
        throw Stopped(fmt::format("no batch at position {} of {}", position, log.file().path()));
    }
    return batch.last_offset();
}

std::int64_t largest_timestamp(const FileBatch& batch) {
    std::int64_t largest = wire::kNoTimestamp;
    for_each_record(
        batch, [&](const FileRecord& record) { largest = std::max(largest, record.timestamp); });
    return largest;
}

// Compares an entry with the first batch, from where the offset index leads, that reaches its
// offset.
void check_time_entry(const TimeEntry& entry,
                      std::int64_t previous,
                      FileBatches batches,
                      const std::string& path,
                      Complaints& complaints) {
    FileBatch batch;
    bool found = false;
    while (!found && batches.next(batch))
        found = batch.last_offset() >= entry.offset;
    if (!found)
        return complaints.offset_not_found(path, {entry.offset, -1});
    if (batch.last_offset() != entry.offset)
        return complaints.offset_not_found(path, {entry.offset, batch.last_offset()});
    const std::int64_t largest = largest_timestamp(batch);
    if (largest != entry.timestamp)
        complaints.time_mismatch(path, {entry.timestamp, largest});
    if (previous >= entry.timestamp)
        complaints.time_disorder(path, {entry.timestamp, previous});
}

}  // namespace

void dump_offset_index(const InputFile& file, Session& session) {
    const LogFile log = log_beside(file);
    const OffsetIndexFile index(file);
    if (index.entries() == 0)
        return session.writer.empty_index(index.path());
    if (session.options.index_sanity_check) {
        index.check_sanity();
        return session.writer.passed_sanity_check(index.path());
    }
    for (std::size_t i = 0; i < index.entries(); ++i) {
        const OffsetEntry entry = index.at(i);
        if (entry.offset == index.base() && i > 0)
            return;
        const std::int64_t last = last_offset_at(log, entry.position, session.options);
        if (last != entry.offset)
            session.complaints.index_mismatch(index.path(), {entry.offset, last});
        if (!session.options.verify_index_only) {
            session.writer.entry({{"offset", entry.offset}, {"position", entry.position}});
        }
    }
}

void dump_time_index(const InputFile& file, Session& session) {
    const LogFile log = log_beside(file);
    const OffsetIndexFile offsets(file.sibling(".index"));
    const TimeIndexFile index(file);
    if (session.options.index_sanity_check) {
        index.check_sanity();
        return session.writer.passed_sanity_check(index.path());
    }
    std::int64_t previous = wire::kNoTimestamp;
    for (std::size_t i = 0; i < index.entries(); ++i) {
        const TimeEntry entry = index.at(i);
        if (entry.offset == index.base() && i > 0)
            return;
        const std::int32_t from = offsets.lookup(entry.offset).position;
        const FileBatches batches(log, log.slice(from, INT32_MAX));
        check_time_entry(entry, previous, batches, index.path(), session.complaints);
        if (!session.options.verify_index_only)
            session.writer.entry({{"timestamp", entry.timestamp}, {"offset", entry.offset}});
        previous = entry.timestamp;
    }
}

}  // namespace bsim::dump_log
