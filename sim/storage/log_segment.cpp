#include "sim/storage/log_segment.h"

#include <algorithm>
#include <limits>

#include "sim/storage/atomic_file.h"
#include "sim/storage/log_files.h"

namespace bsim {
namespace {

std::string file_path(const LogSegment::Place& place, std::string_view suffix) {
    return join_path(place.dir, log_file_name(place.base, suffix));
}

}  // namespace

LogSegment::LogSegment(Disk& disk, const Place& place, const LogConfig& config, Files files)
    : disk_(&disk),
      dir_(place.dir),
      base_(place.base),
      index_interval_bytes_(config.index_interval_bytes),
      roll_jitter_ms_(config.roll_jitter_ms),
      log_(std::move(files.log)),
      offset_index_(std::move(files.offset_index)),
      time_index_(std::move(files.time_index)),
      txn_index_(std::move(files.txn_index)),
      created_(place.now) {}

Stored<LogSegment> LogSegment::open_files(Disk& disk,
                                          const Place& place,
                                          const LogConfig& config,
                                          OpenMode mode) {
    const std::string log_path = file_path(place, kLogSuffix);
    BSIM_TRY(File log, File::open(disk, log_path, mode));
    BSIM_TRY(const std::uint64_t size, log.size());
    if (size > static_cast<std::uint64_t>(std::numeric_limits<std::int32_t>::max())) {
        return Err{StorageError{StorageErrorKind::Corrupt, log_path, "above 2 GiB"}};
    }
    BSIM_TRY(OffsetIndex offset_index, OffsetIndex::open(disk, file_path(place, kIndexSuffix),
                                                         place.base, config.index_size_max_bytes));
    BSIM_TRY(TimeIndex time_index, TimeIndex::open(disk, file_path(place, kTimeIndexSuffix),
                                                   place.base, config.index_size_max_bytes));
    Files files{std::move(log), std::move(offset_index), std::move(time_index),
                TransactionIndex::unread(disk, file_path(place, kTxnIndexSuffix), place.base)};
    LogSegment segment(disk, place, config, std::move(files));
    segment.size_ = static_cast<std::int64_t>(size);
    return segment;
}

Stored<LogSegment> LogSegment::create(Disk& disk, const Place& place, const LogConfig& config) {
    for (const std::string_view suffix : {kIndexSuffix, kTimeIndexSuffix, kTxnIndexSuffix}) {
        const std::string leftover = file_path(place, suffix);
        BSIM_TRY(const bool present, disk.exists(leftover));
        if (present)
            BSIM_TRY_VOID(disk.remove(leftover));
    }
    return open_files(disk, place, config, OpenMode::Truncate);
}

Stored<LogSegment> LogSegment::open(Disk& disk, const Place& place, const LogConfig& config) {
    return open_files(disk, place, config, OpenMode::Existing);
}

std::string LogSegment::path(std::string_view suffix) const {
    return join_path(dir_, log_file_name(base_, suffix));
}

Stored<Done> LogSegment::load_indexes() {
    if (offset_index_.created()) {
        return Err{StorageError{StorageErrorKind::Corrupt, path(kIndexSuffix), "was missing"}};
    }
    BSIM_TRY_VOID(offset_index_.load(path(kIndexSuffix), size_));
    if (time_index_.created()) {
        BSIM_TRY_VOID(time_index_.trim());
    } else {
        BSIM_TRY_VOID(time_index_.load(path(kTimeIndexSuffix)));
    }
    BSIM_TRY(txn_index_, TransactionIndex::open(*disk_, path(kTxnIndexSuffix), base_));
    return Done{};
}

TimestampOffset LogSegment::max_timestamp_so_far() const {
    return max_timestamp_ ? *max_timestamp_ : time_index_.last_entry();
}

WallMs LogSegment::largest_timestamp() const {
    const WallMs largest = max_timestamp_so_far().timestamp;
    return largest >= WallMs(0) ? largest : created_;
}

Stored<std::optional<WallMs>> LogSegment::first_batch_timestamp() {
    if (!rolling_timestamp_ && size_ > 0) {
        HeaderScanner scanner(log_, 0, size_);
        BSIM_TRY(const bool found, scanner.next());
        if (found)
            rolling_timestamp_ = WallMs(scanner.header().max_timestamp);
    }
    return rolling_timestamp_;
}

Stored<bool> LogSegment::should_roll(const RollQuestion& set, const LogConfig& config) {
    if (size_ > config.segment_bytes - set.bytes)
        return true;
    if (offset_index_.is_full() || time_index_.is_full())
        return true;
    if (!offset_index_.can_append(set.last_offset))
        return true;
    if (size_ == 0)
        return false;
    BSIM_TRY(const std::optional<WallMs> first, first_batch_timestamp());
    const bool has_time = first && *first >= WallMs(0);
    const std::int64_t waited =
        has_time ? set.max_timestamp.value() - first->value() : set.now.value() - created_.value();
    return waited > config.segment_ms - roll_jitter_ms_;
}

Stored<Done> LogSegment::append(const SegmentAppend& set) {
    BSIM_CHECK(set.bytes() > 0 && offset_index_.can_append(set.last_offset));
    const std::int64_t position = size_;
    if (position == 0)
        rolling_timestamp_ = set.max_timestamp;
    BSIM_TRY_VOID(log_.write2(static_cast<std::uint64_t>(position), set.head, set.tail));
    size_ += set.bytes();
    if (set.max_timestamp > max_timestamp_so_far().timestamp) {
        max_timestamp_ = TimestampOffset{set.max_timestamp, set.offset_of_max_timestamp};
    }
    if (bytes_since_index_entry_ > index_interval_bytes_) {
        BSIM_TRY_VOID(index_batch(set.last_offset_of_first_batch, position));
        bytes_since_index_entry_ = 0;
    }
    bytes_since_index_entry_ += set.bytes();
    if (set.single_batch)
        remember(set, position);
    return Done{};
}

Stored<Done> LogSegment::index_batch(Offset last_offset, std::int64_t position) {
    BSIM_TRY_VOID(offset_index_.append(last_offset, position));
    return time_index_.maybe_append(max_timestamp_so_far(), false);
}

void LogSegment::remember(const SegmentAppend& set, std::int64_t position) {
    recent_[next_recent_] = {set.first_offset, set.last_offset, position, set.bytes()};
    next_recent_ = (next_recent_ + 1) % kRecentKept;
}

void LogSegment::forget_batches() {
    recent_.fill(Recent{});
    last_read_ = LastRead{};
}

std::optional<BatchPosition> LogSegment::find_recent(Offset offset) const {
    for (const Recent& batch : recent_) {
        if (batch.first <= offset && offset <= batch.last) {
            return BatchPosition{batch.last, batch.position, batch.size};
        }
    }
    return {};
}

// The first batch at or behind an index entry's position.
Stored<bool> LogSegment::start_scan(HeaderScanner& scanner, const OffsetPosition& entry) const {
    BSIM_TRY(const bool found, scanner.next());
    if (entry.position == 0)
        return found;
    if (found && scanner.header().base_offset >= base_.value() &&
        scanner.header().base_offset <= entry.offset.value()) {
        return true;
    }
    scanner.restart(0);
    return scanner.next();
}

Stored<std::optional<BatchPosition>> LogSegment::translate(Offset offset) const {
    if (auto recent = find_recent(offset))
        return recent;
    const OffsetPosition entry = offset_index_.lookup(offset);
    HeaderScanner scanner(log_, entry.position, size_);
    BSIM_TRY(bool found, start_scan(scanner, entry));
    while (found && scanner.header().last_offset() < offset.value()) {
        BSIM_TRY(found, scanner.next());
    }
    if (!found)
        return std::optional<BatchPosition>();
    return std::optional<BatchPosition>(
        BatchPosition{Offset(scanner.header().last_offset()), scanner.position(),
                      static_cast<std::int64_t>(scanner.header().size_in_bytes())});
}

Stored<Offset> LogSegment::read_next_offset() const {
    const OffsetPosition entry = offset_index_.lookup(offset_index_.last_offset());
    HeaderScanner scanner(log_, entry.position, size_);
    BSIM_TRY(bool found, start_scan(scanner, entry));
    Offset next = base_;
    while (found) {
        next = Offset(scanner.header().next_offset());
        BSIM_TRY(found, scanner.next());
    }
    return next;
}

Stored<LogSegment::Recovered> LogSegment::recover(const BatchVisitor& visit) {
    BSIM_TRY_VOID(offset_index_.reset());
    BSIM_TRY_VOID(time_index_.reset());
    BSIM_TRY_VOID(txn_index_.reset());
    max_timestamp_.reset();
    forget_batches();
    std::int64_t last_entry_at = 0;
    Offset expected = base_;
    const auto take = [&](const wire::BatchHeader& header, ByteView batch,
                          std::int64_t position) -> Stored<bool> {
        const Offset last(header.last_offset());
        if (Offset(header.base_offset) < expected || !offset_index_.can_append(last))
            return false;
        if (!wire::crc_matches(batch))
            return false;
        if (WallMs(header.max_timestamp) > max_timestamp_so_far().timestamp) {
            max_timestamp_ = TimestampOffset{WallMs(header.max_timestamp), last};
        }
        const bool room = !offset_index_.is_full() && !time_index_.is_full();
        if (position - last_entry_at > index_interval_bytes_ && room) {
            BSIM_TRY_VOID(index_batch(last, position));
            last_entry_at = position;
        }
        expected = last + 1;
        return visit(header, batch, position);
    };
    Recovered result;
    BSIM_TRY(result.valid_bytes, walk(0, size_, take));
    result.truncated_bytes = size_ - result.valid_bytes;
    if (result.truncated_bytes > 0) {
        BSIM_TRY_VOID(log_.resize(static_cast<std::uint64_t>(result.valid_bytes)));
        size_ = result.valid_bytes;
    }
    BSIM_TRY_VOID(offset_index_.trim());
    BSIM_TRY_VOID(time_index_.maybe_append(max_timestamp_so_far(), true));
    BSIM_TRY_VOID(time_index_.trim());
    return result;
}

Stored<std::int64_t> LogSegment::truncate_to(Offset offset, WallMs now) {
    forget_batches();
    BSIM_TRY(const std::optional<BatchPosition> cut, translate(offset));
    offset_index_.truncate_to(offset);
    time_index_.truncate_to(offset);
    BSIM_TRY_VOID(txn_index_.truncate_to(offset));
    BSIM_TRY_VOID(resize_indexes_to_max());
    std::int64_t removed = 0;
    if (cut) {
        removed = size_ - cut->position;
        BSIM_TRY_VOID(log_.resize(static_cast<std::uint64_t>(cut->position)));
        size_ = cut->position;
    }
    if (size_ == 0) {
        created_ = now;
        rolling_timestamp_.reset();
    }
    bytes_since_index_entry_ = 0;
    if (max_timestamp_so_far().timestamp >= WallMs(0)) {
        BSIM_TRY(max_timestamp_, read_largest_timestamp());
    }
    return removed;
}

Stored<TimestampOffset> LogSegment::read_largest_timestamp() const {
    TimestampOffset largest = time_index_.last_entry();
    const OffsetPosition entry = offset_index_.lookup(largest.offset);
    HeaderScanner scanner(log_, entry.position, size_);
    BSIM_TRY(bool found, start_scan(scanner, entry));
    while (found) {
        const WallMs timestamp(scanner.header().max_timestamp);
        if (timestamp > largest.timestamp) {
            largest = {timestamp, Offset(scanner.header().last_offset())};
        }
        BSIM_TRY(found, scanner.next());
    }
    return largest;
}

Stored<Done> LogSegment::resize_indexes_to_max() {
    BSIM_TRY_VOID(offset_index_.resize_to_max());
    return time_index_.resize_to_max();
}

Stored<Done> LogSegment::on_become_inactive() {
    BSIM_TRY_VOID(time_index_.maybe_append(max_timestamp_so_far(), true));
    BSIM_TRY_VOID(offset_index_.trim());
    return time_index_.trim();
}

Stored<Done> LogSegment::flush() {
    BSIM_TRY_VOID(log_.sync());
    BSIM_TRY_VOID(offset_index_.sync());
    BSIM_TRY_VOID(time_index_.sync());
    return txn_index_.sync();
}

Stored<Done> LogSegment::close() {
    BSIM_TRY_VOID(on_become_inactive());
    BSIM_TRY_VOID(log_.sync());
    log_.close();
    offset_index_.close();
    time_index_.close();
    txn_index_.close();
    return Done{};
}

Stored<Done> LogSegment::rename_to_deleted(std::vector<std::string>& deleted) {
    log_.close();
    offset_index_.close();
    time_index_.close();
    txn_index_.close();
    for (const std::string_view suffix :
         {kLogSuffix, kIndexSuffix, kTimeIndexSuffix, kTxnIndexSuffix}) {
        const std::string from = path(suffix);
        BSIM_TRY(const bool present, disk_->exists(from));
        if (!present)
            continue;
        std::string to = from + std::string(kDeletedSuffix);
        BSIM_TRY_VOID(disk_->rename(from, to));
        deleted.push_back(std::move(to));
    }
    return Done{};
}

}  // namespace bsim
