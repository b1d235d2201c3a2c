// Deletion of a log's oldest segments.
// Source: UnifiedLog.deleteOldSegments, deletableSegments, deleteSegments.

#include "sim/storage/partition_log.h"

namespace bsim {

std::string_view name(SegmentDeletionReason reason) {
    switch (reason) {
        case SegmentDeletionReason::LogStart:
            return "log-start";
        case SegmentDeletionReason::RetentionBytes:
            return "retention-bytes";
        case SegmentDeletionReason::RetentionMs:
            return "retention-ms";
    }
    return "";
}

// How many segments from the oldest on may go. What the high watermark has not passed stays, so
// that the log start offset never passes it; so does an active segment that is empty.
std::size_t PartitionLog::count_oldest(const std::function<bool(std::size_t)>& deletable) const {
    std::size_t count = 0;
    for (; count < segments_.size(); ++count) {
        const bool last = count + 1 == segments_.size();
        const Offset end = last ? leo_ : segments_.at(count + 1).base_offset();
        const bool empty = last && segments_.at(count).size() == 0;
        if (hw_ < end || empty || !deletable(count))
            break;
    }
    return count;
}

Stored<Done> PartitionLog::delete_oldest(std::size_t count,
                                         SegmentDeletionReason reason,
                                         WallMs now,
                                         std::vector<DeletedSegment>& deleted) {
    if (count == 0)
        return Done{};
    // One segment must be left.
    if (count == segments_.size())
        BSIM_TRY_VOID(roll_at(leo_, now));
    for (std::size_t i = 0; i < count; ++i)
        deleted.push_back({segments_.at(i).base_offset(), reason});
    BSIM_TRY_VOID(increment_log_start_offset(segments_.at(count).base_offset()));
    return delete_files(segments_.take_first(count));
}

Stored<std::vector<DeletedSegment>> PartitionLog::delete_old_segments(WallMs now) {
    std::vector<DeletedSegment> deleted;
    const auto below_start = [this](std::size_t i) {
        return i + 1 < segments_.size() && segments_.at(i + 1).base_offset() <= log_start_;
    };
    BSIM_TRY_VOID(
        delete_oldest(count_oldest(below_start), SegmentDeletionReason::LogStart, now, deleted));
    if (!config_.delete_old)
        return deleted;
    if (config_.retention_bytes && size_bytes() >= *config_.retention_bytes) {
        std::int64_t excess = size_bytes() - *config_.retention_bytes;
        const auto too_much = [&](std::size_t i) {
            excess -= segments_.at(i).size();
            return excess >= 0;
        };
        BSIM_TRY_VOID(delete_oldest(count_oldest(too_much), SegmentDeletionReason::RetentionBytes,
                                    now, deleted));
    }
    if (config_.retention_ms) {
        const auto too_old = [&](std::size_t i) {
            const LogSegment& segment = segments_.at(i);
            return now.value() - segment.largest_timestamp().value() > *config_.retention_ms;
        };
        BSIM_TRY_VOID(
            delete_oldest(count_oldest(too_old), SegmentDeletionReason::RetentionMs, now, deleted));
    }
    return deleted;
}

}  // namespace bsim
