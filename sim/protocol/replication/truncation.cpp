#include "sim/protocol/replication/truncation.h"

#include <algorithm>

namespace bsim::replication {

Offset truncation_offset(const EpochEnd& leader,
                         const std::optional<EpochEnd>& own,
                         Offset own_leo) {
    if (!own)
        return std::min(leader.end, own_leo);
    if (own->epoch != leader.epoch)
        return std::min(own->end, own_leo);
    return std::min({own->end, leader.end, own_leo});
}

}  // namespace bsim::replication
