#pragma once
// What the settings excuse of the loss of a group's metadata or offsets: they stand in
// `__consumer_offsets`, and an unclean election there, or more power failures than
// min.insync.replicas cover, may take them. Nothing is excused before a leader has really come
// without what was committed. How long the excuse lasts is for the checker to say: until what it
// watches was told anew by the coordinator.

#include <optional>
#include <string>

#include "sim/check/checker.h"

namespace bsim {

struct ExcusedLoss {
    EventNumber since;  // what was told before is in doubt
    std::string words;
};

// The newest loss, if the settings excuse it.
std::optional<ExcusedLoss> offsets_topic_loss(const ClusterView& view,
                                              const CheckSettings& settings,
                                              const std::string& group);

// What the group's coordinator told at event `told` may have been lost since. Empty if not, else
// why, in words.
std::string excused_by_loss(const std::optional<ExcusedLoss>& loss, EventNumber told);

// When the event that tells of a group was told, to compare with a loss. 0, before all losses, if
// the teller was deposed: what it says may not be in the log that counts.
EventNumber told_when(const Event& event, const std::string& group, const ClusterView& view);

}  // namespace bsim
