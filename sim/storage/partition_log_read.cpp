#include <algorithm>
#include <fmt/format.h>

#include "sim/storage/partition_log.h"

namespace bsim {

// Where a read that may not pass `upper_bound` has to stop inside the segment.
Stored<std::int64_t> PartitionLog::position_limit(const LogSegment& segment,
                                                  Offset upper_bound) const {
    if (upper_bound >= leo_)
        return segment.size();
    const auto bound_in = segments_.floor(upper_bound);
    if (!bound_in || segments_.at(*bound_in).base_offset() != segment.base_offset()) {
        return segment.size();
    }
    BSIM_TRY(const auto bound, segment.translate(upper_bound));
    return bound ? bound->position : segment.size();
}

Stored<ReadInfo> PartitionLog::read(const ReadSpec& spec) const {
    auto at = segments_.floor(spec.from);
    if (spec.from < log_start_ || spec.from > leo_ || !at) {
        return Err{refused({StorageErrorKind::OffsetOutOfRange,
                            fmt::format("offset {} is outside [{}, {}]", spec.from.value(),
                                        log_start_.value(), leo_.value())})};
    }
    ReadInfo info;
    info.segment_base = segments_.at(*at).base_offset();
    if (spec.from >= spec.upper_bound || spec.from == leo_) {
        if (spec.from == leo_) {
            info.segment_base = segments_.active().base_offset();
            info.position = segments_.active().size();
        }
        return info;
    }
    for (std::size_t i = *at; i < segments_.size(); ++i) {
        const LogSegment& segment = segments_.at(i);
        // What lies behind the bound's segment is out of reach.
        if (segment.base_offset() >= spec.upper_bound)
            break;
        BSIM_TRY(const std::int64_t limit, position_limit(segment, spec.upper_bound));
        BSIM_TRY(auto found, segment.read(spec.from, {spec.max_bytes, limit, spec.min_one_batch}));
        if (!found)
            continue;
        info.bytes = std::move(found->bytes);
        info.segment_base = segment.base_offset();
        info.position = found->position;
        info.first_batch_incomplete = found->first_batch_incomplete;
        return info;
    }
    return info;
}

Stored<LogPlace> PartitionLog::place_of(Offset offset) const {
    if (offset >= leo_)
        return LogPlace{segments_.active().base_offset(), segments_.active().size()};
    const auto at = segments_.floor(std::max(offset, log_start_));
    for (std::size_t i = at.value_or(0); i < segments_.size(); ++i) {
        BSIM_TRY(const auto found, segments_.at(i).translate(offset));
        if (found)
            return LogPlace{segments_.at(i).base_offset(), found->position};
    }
    return LogPlace{segments_.active().base_offset(), segments_.active().size()};
}

}  // namespace bsim
