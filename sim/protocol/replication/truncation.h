#pragma once
// Where a follower cuts its log when the leader reports that the two diverge.
//
// The leader answers with its largest epoch e that is not above the follower's last one, and with
// the end of e in its log. The follower looks up where e ends in its own log (own: the largest
// epoch of its own that is not above e, and its end):
//   - it knows no such epoch: cut to the leader's end;
//   - its epoch is smaller than e: cut to the end of that smaller epoch; the next fetch, with the
//     epoch that is last then, narrows it further (KIP-279);
//   - it knows e: cut to the smaller of the two ends.
// Never beyond the own LEO. Source: AbstractFetcherThread.getOffsetTruncationState; KIP-101,
// KIP-279.

#include <optional>

#include "sim/model/ids.h"
#include "sim/protocol/replication/fetch_check.h"

namespace bsim::replication {

Offset truncation_offset(const EpochEnd& leader,
                         const std::optional<EpochEnd>& own,
                         Offset own_leo);

}  // namespace bsim::replication
