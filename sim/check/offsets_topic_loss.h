#pragma once
// What the settings excuse of the loss of a group's metadata or offsets: they stand in
// `__consumer_offsets`, and an unclean election there, or more power failures than
// min.insync.replicas cover, may take them.

#include <string>

#include "sim/check/checker.h"

namespace bsim {

// In words; empty if nothing excuses a loss.
std::string offsets_topic_loss(const ClusterView& view,
                               const CheckSettings& settings,
                               const std::string& group);

}  // namespace bsim
