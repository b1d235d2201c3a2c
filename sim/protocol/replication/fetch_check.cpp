#include "sim/protocol/replication/fetch_check.h"

namespace bsim::replication {

using wire::ErrorCode;

ErrorCode check_leader_epoch(std::optional<LeaderEpoch> asked, LeaderEpoch mine) {
    if (!asked || *asked == mine)
        return ErrorCode::None;
    return *asked < mine ? ErrorCode::FencedLeaderEpoch : ErrorCode::UnknownLeaderEpoch;
}

FetchVerdict check_fetch(const FetchPosition& position, const PositionFacts& facts) {
    FetchVerdict verdict;
    verdict.error = check_leader_epoch(position.current_leader_epoch, facts.leader_epoch);
    if (verdict.error != ErrorCode::None)
        return verdict;

    const auto& end = facts.end_of_last_fetched;
    if ((position.last_fetched_epoch && !end) || position.fetch_offset < facts.log_start) {
        verdict.error = ErrorCode::OffsetOutOfRange;
        return verdict;
    }
    if (position.last_fetched_epoch &&
        (end->epoch < *position.last_fetched_epoch || end->end < position.fetch_offset)) {
        verdict.diverging = end;
        return verdict;
    }
    if (position.fetch_offset > facts.leo)
        verdict.error = ErrorCode::OffsetOutOfRange;
    return verdict;
}

Offset read_limit(Isolation isolation, const ReadLimits& limits) {
    switch (isolation) {
        case Isolation::LogEnd:
            return limits.leo;
        case Isolation::HighWatermark:
            return limits.hw;
        case Isolation::TxnCommitted:
            return limits.last_stable;
    }
    return limits.hw;
}

}  // namespace bsim::replication
