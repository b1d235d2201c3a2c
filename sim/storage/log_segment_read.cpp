#include <algorithm>

#include "sim/storage/log_segment.h"

namespace bsim {
namespace {

constexpr auto kHeader = static_cast<std::int64_t>(wire::kBatchOverhead);

}  // namespace

Stored<SharedBytes> LogSegment::read_bytes(std::int64_t position, std::int64_t count) const {
    std::vector<std::uint8_t> bytes(static_cast<std::size_t>(count));
    BSIM_TRY(const std::size_t got, log_.read(static_cast<std::uint64_t>(position), bytes));
    bytes.resize(got);
    return SharedBytes(std::move(bytes));
}

Stored<std::optional<SegmentRead>> LogSegment::read(Offset from, const ReadLimits& limits) const {
    if (goes_on(from, limits))
        return read_on(from, limits);
    BSIM_TRY(const std::optional<BatchPosition> start, translate(from));
    if (!start)
        return std::optional<SegmentRead>();
    note_read(*start);
    SegmentRead result;
    result.position = start->position;
    std::int64_t wanted = limits.max_bytes;
    if (limits.min_one_batch)
        wanted = std::max(wanted, start->size);
    const std::int64_t available = std::min(limits.max_position, size_) - start->position;
    const std::int64_t count = std::min(wanted, available);
    if (count > 0) {
        result.first_batch_incomplete = wanted < start->size;
        BSIM_TRY(result.bytes, read_bytes(start->position, count));
    }
    return std::optional<SegmentRead>(std::move(result));
}

void LogSegment::note_read(const BatchPosition& batch) const {
    last_read_ = {batch.last_offset + 1, batch.position, batch.position + batch.size};
}

// Where a batch ends at the latest, by the index from this entry on: an entry points to the start
// of a batch.
std::int64_t LogSegment::latest_end(std::int64_t position, std::int64_t entry) const {
    for (; entry < offset_index_.entries(); ++entry) {
        const std::int64_t start = offset_index_.entry(entry).position;
        if (start > position)
            return start;
    }
    return size_;
}

// True if it is known, without a look at the file, that `from` begins the batch behind the one that
// was read last, that this batch is not longer than the limit, and that translate() would look at
// the headers of these two only. So it is with batches longer than index.interval.bytes.
bool LogSegment::goes_on(Offset from, const ReadLimits& limits) const {
    if (from != last_read_.next || find_recent(from))
        return false;
    const std::int64_t known = offset_index_.entries_up_to(from);
    const std::int64_t scanned_from = known == 0 ? 0 : offset_index_.entry(known - 1).position;
    const std::int64_t available = std::min(limits.max_position, size_) - last_read_.end;
    return scanned_from == last_read_.position &&
           std::min<std::int64_t>(limits.max_bytes, available) >= kHeader &&
           latest_end(last_read_.end, known) - last_read_.end <= limits.max_bytes;
}

// Reads where the last read ended. The headers that translate() would read are charged for, but
// not read: that would cost as much as reading the batch itself, which bears its header.
Stored<std::optional<SegmentRead>> LogSegment::read_on(Offset from,
                                                       const ReadLimits& limits) const {
    const std::int64_t before = last_read_.position;
    const std::int64_t position = last_read_.end;
    const auto charge_window = [&](std::int64_t at) {
        const std::int64_t count = std::min(HeaderScanner::kWindow, size_ - at);
        log_.charge_read(static_cast<std::uint64_t>(at), static_cast<std::size_t>(count));
        return at + count;
    };
    const std::int64_t window_end = charge_window(before);
    if (position + kHeader > window_end)
        charge_window(position);
    last_read_ = LastRead{};

    SegmentRead result;
    result.position = position;
    const std::int64_t available = std::min(limits.max_position, size_) - position;
    const std::int64_t count = std::min<std::int64_t>(limits.max_bytes, available);
    BSIM_TRY(result.bytes, read_bytes(position, count));
    const auto header = plausible_header(result.bytes.view(), size_ - position);
    const bool expected = header && header->last_offset() >= from.value() &&
                          static_cast<std::int64_t>(header->size_in_bytes()) <= limits.max_bytes;
    if (!expected)
        return read(from, limits);
    note_read({Offset(header->last_offset()), position,
               static_cast<std::int64_t>(header->size_in_bytes())});
    return std::optional<SegmentRead>(std::move(result));
}

}  // namespace bsim
