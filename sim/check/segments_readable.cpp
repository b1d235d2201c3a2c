#include "sim/check/segments_readable.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/storage/log_file_reader.h"
#include "sim/storage/log_files.h"
#include "sim/trace/run_hash.h"
#include "sim/wire/record_reader.h"

namespace bsim {

namespace {

constexpr std::size_t kEntriesAtOnce = 1024;

struct PlacedBatch {
    std::int64_t position = 0;
    std::int64_t last_offset = 0;
    std::int64_t max_timestamp = 0;
};

// Reads the partition directories of a run, one segment at a time.
class SegmentsReader {
  public:
    SegmentsReader(Disk& disk, const EndOfRun& end, const ClusterView& view)
        : disk_(disk), end_(end), view_(view) {
        report_.check.name = "segments-readable";
    }

    void read_dir(const LogDirToRead& dir);
    SegmentsReport take() { return std::move(report_); }

  private:
    void read_partition(const LogDirToRead& dir, const TopicPartition& p);
    void read_segment(const LogDirToRead& dir, const std::string& path, Offset base);
    Stored<Done> read_log(const LogDirToRead& dir, const std::string& path, Offset base);
    std::string judge_batch(const wire::BatchHeader& header, ByteView batch) const;
    void read_index(const LogDirToRead& dir, const std::string& path, Offset base);
    void read_time_index(const LogDirToRead& dir, const std::string& path, Offset base);
    // The entries of an index file, those of a file that was not closed up to the first empty one.
    std::vector<std::vector<std::uint8_t>> read_entries(const LogDirToRead& dir,
                                                        const std::string& path,
                                                        std::size_t size);
    const PlacedBatch* batch_ending_at(std::int64_t offset) const;
    void note_values(const wire::BatchView& batch);
    void count_duplicates();
    void evaluated() { ++report_.check.evaluations; }
    void violated(const std::string& where, const std::string& what);

    Disk& disk_;
    const EndOfRun& end_;
    const ClusterView& view_;
    SegmentsReport report_;
    // Of the partition and the segment being read.
    bool count_values_ = false;
    std::vector<std::uint64_t> values_;  // hashes
    std::int64_t next_offset_ = 0;
    std::int32_t last_epoch_ = -1;
    std::vector<PlacedBatch> batches_;
};

void SegmentsReader::violated(const std::string& where, const std::string& what) {
    CheckResult& check = report_.check;
    ++check.violation_count;
    if (check.violations.size() >= Checker::kMaxFindings)
        return;
    check.violations.push_back({end_.i, end_.t, where + ": " + what});
}

void SegmentsReader::read_dir(const LogDirToRead& dir) {
    const auto names = disk_.list(dir.path);
    if (!names)
        return violated(dir.path, names.error().to_string());
    for (const std::string& name : *names) {
        if (const auto p = parse_partition_dir(name))
            read_partition(dir, *p);
    }
}

void SegmentsReader::read_partition(const LogDirToRead& dir, const TopicPartition& p) {
    const std::string path = join_path(dir.path, partition_dir_name(p));
    const auto names = disk_.list(path);
    if (!names)
        return violated(path, names.error().to_string());
    const PartitionView* const partition = view_.partition(p);
    // Topics of Kafka's own may well say the same thing twice.
    count_values_ = partition != nullptr && partition->leader &&
                    NodeName::broker(*partition->leader) == dir.node && !p.topic.starts_with("__");
    values_.clear();
    next_offset_ = 0;
    last_epoch_ = -1;
    for (const std::string& name : *names) {
        if (!is_log_file(name, kLogSuffix))
            continue;
        read_segment(dir, path, *offset_of_file(name));
    }
    count_duplicates();
}

void SegmentsReader::read_segment(const LogDirToRead& dir, const std::string& path, Offset base) {
    const std::string log = join_path(path, log_file_name(base, kLogSuffix));
    evaluated();
    if (base < Offset(next_offset_)) {
        violated(log, fmt::format("begins before {}, the end of the segment before", next_offset_));
    }
    next_offset_ = std::max(next_offset_, base.value());
    batches_.clear();
    const auto done = read_log(dir, log, base);
    if (!done)
        return violated(log, done.error().to_string());
    const auto has = [&](std::string_view suffix) {
        const auto found = disk_.exists(join_path(path, log_file_name(base, suffix)));
        return found.ok() && *found;
    };
    if (has(kIndexSuffix))
        read_index(dir, join_path(path, log_file_name(base, kIndexSuffix)), base);
    if (has(kTimeIndexSuffix)) {
        read_time_index(dir, join_path(path, log_file_name(base, kTimeIndexSuffix)), base);
    }
}

std::string SegmentsReader::judge_batch(const wire::BatchHeader& header, ByteView batch) const {
    if (!wire::crc_matches(batch))
        return "the CRC is wrong";
    if (header.base_offset < next_offset_) {
        return fmt::format("offset {} follows {}", header.base_offset, next_offset_ - 1);
    }
    if (header.partition_leader_epoch < last_epoch_) {
        return fmt::format("leader epoch {} follows {}", header.partition_leader_epoch,
                           last_epoch_);
    }
    return "";
}

Stored<Done> SegmentsReader::read_log(const LogDirToRead& dir,
                                      const std::string& path,
                                      Offset base) {
    BSIM_TRY(const File file, File::open(disk_, path, OpenMode::Existing));
    BSIM_TRY(const std::uint64_t bytes, file.size());
    const auto visit = [&](const wire::BatchHeader& header, ByteView batch,
                           std::int64_t position) -> Stored<bool> {
        evaluated();
        const std::string wrong = judge_batch(header, batch);
        if (!wrong.empty()) {
            // Whatever follows the first damage in a file that nobody closed is recovery's work.
            if (dir.closed)
                violated(fmt::format("{} at {}", path, position), wrong);
            return false;
        }
        if (header.base_offset < base.value()) {
            violated(path, fmt::format("holds offset {}", header.base_offset));
        }
        next_offset_ = header.next_offset();
        last_epoch_ = header.partition_leader_epoch;
        batches_.push_back({position, header.last_offset(), header.max_timestamp});
        if (count_values_)
            note_values({header, batch});
        return true;
    };
    const auto total = static_cast<std::int64_t>(bytes);
    const std::uint64_t before = report_.check.violation_count;
    BSIM_TRY(const std::int64_t end, walk_batches(file, 0, total, visit));
    if (dir.closed && end != total && report_.check.violation_count == before) {
        violated(path,
                 fmt::format("no batch can be read from position {} of {} bytes", end, total));
    }
    return Done{};
}

std::vector<std::vector<std::uint8_t>> SegmentsReader::read_entries(const LogDirToRead& dir,
                                                                    const std::string& path,
                                                                    std::size_t size) {
    const auto file = File::open(disk_, path, OpenMode::Existing);
    const auto bytes = file ? file->size() : Stored<std::uint64_t>(Err{file.error()});
    std::vector<std::vector<std::uint8_t>> entries;
    if (!bytes) {
        violated(path, bytes.error().to_string());
        return entries;
    }
    if (dir.closed && *bytes % size != 0) {
        violated(path, fmt::format("{} bytes are no whole number of entries", *bytes));
    }
    std::vector<std::uint8_t> chunk(size * kEntriesAtOnce);
    for (std::uint64_t at = 0; at < *bytes;) {
        const auto read = file->read(at, chunk);
        if (!read)
            violated(path, read.error().to_string());
        const std::size_t count = read.ok() ? *read / size : 0;
        if (count == 0)
            return entries;
        for (std::size_t i = 0; i < count; ++i, at += size) {
            const ByteView entry = ByteView(chunk).subspan(i * size, size);
            // An empty entry ends a file that was pre-allocated: no batch is indexed at position 0.
            const bool empty = std::all_of(entry.begin(), entry.end(),
                                           [](std::uint8_t byte) { return byte == 0; });
            if (empty && !dir.closed)
                return entries;
            entries.emplace_back(entry.begin(), entry.end());
        }
    }
    return entries;
}

const PlacedBatch* SegmentsReader::batch_ending_at(std::int64_t offset) const {
    const auto found = std::lower_bound(
        batches_.begin(), batches_.end(), offset,
        [](const PlacedBatch& batch, std::int64_t wanted) { return batch.last_offset < wanted; });
    return found != batches_.end() && found->last_offset == offset ? &*found : nullptr;
}

void SegmentsReader::read_index(const LogDirToRead& dir, const std::string& path, Offset base) {
    std::int64_t previous = -1;
    for (const auto& entry : read_entries(dir, path, 8)) {
        const std::int64_t offset = base.value() + load_be<std::int32_t>(entry.data());
        const std::int64_t position = load_be<std::int32_t>(entry.data() + 4);
        // The end of a log that nobody closed may be torn off below its index.
        if (!dir.closed && (batches_.empty() || position > batches_.back().position))
            return;
        evaluated();
        const auto at = std::lower_bound(
            batches_.begin(), batches_.end(), position,
            [](const PlacedBatch& batch, std::int64_t wanted) { return batch.position < wanted; });
        // The entry of a set of several batches names the last offset of the set.
        const PlacedBatch* const ends_at = batch_ending_at(offset);
        if (at == batches_.end() || at->position != position || ends_at == nullptr ||
            ends_at->position < position) {
            violated(path, fmt::format("entry for offset {} points at {}, where no such batch is",
                                       offset, position));
        }
        if (offset <= previous)
            violated(path, fmt::format("{} follows {}", offset, previous));
        previous = offset;
    }
}

void SegmentsReader::read_time_index(const LogDirToRead& dir,
                                     const std::string& path,
                                     Offset base) {
    std::int64_t previous = -1;
    const auto entries = read_entries(dir, path, 12);
    for (const auto& entry : entries) {
        const auto timestamp = load_be<std::int64_t>(entry.data());
        const std::int64_t offset = base.value() + load_be<std::int32_t>(entry.data() + 8);
        if (!dir.closed && offset >= next_offset_)
            return;
        evaluated();
        const PlacedBatch* const ends_at = batch_ending_at(offset);
        if (ends_at == nullptr || ends_at->max_timestamp != timestamp) {
            // A loss of power may leave the last one in part: it may lie in two pages.
            if (!dir.closed && &entry == &entries.back())
                return;
            violated(path, fmt::format("no batch ends at offset {} with timestamp {}", offset,
                                       timestamp));
        }
        if (timestamp <= previous) {
            violated(path, fmt::format("timestamp {} follows {}", timestamp, previous));
        }
        previous = timestamp;
    }
}

void SegmentsReader::note_values(const wire::BatchView& batch) {
    if (batch.header.is_control() || batch.header.codec() != wire::Codec::None)
        return;
    const auto read = wire::for_each_record(batch, [&](const wire::RecordView& record) {
        if (record.value)
            values_.push_back(xxh3_64(as_text(*record.value)));
    });
    if (!read) {
        violated(fmt::format("batch at offset {}", batch.header.base_offset),
                 std::string(wire::describe(read.error())));
    }
}

void SegmentsReader::count_duplicates() {
    std::sort(values_.begin(), values_.end());
    const auto distinct = std::unique(values_.begin(), values_.end()) - values_.begin();
    report_.records_duplicated += std::ssize(values_) - distinct;
}

}  // namespace

SegmentsReport read_segments(Disk& disk,
                             const std::vector<LogDirToRead>& dirs,
                             const EndOfRun& end,
                             const ClusterView& view) {
    SegmentsReader reader(disk, end, view);
    for (const LogDirToRead& dir : dirs)
        reader.read_dir(dir);
    return reader.take();
}

}  // namespace bsim
