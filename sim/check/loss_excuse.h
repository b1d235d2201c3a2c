#pragma once
// When a loss of records is within the contract because power failed: as many replicas as
// min.insync.replicas (at most the replication factor) lost the record before it was on disk.

#include <string>

#include "sim/check/checker.h"

namespace bsim {

// Empty, or why the record at that offset may be gone.
std::string lost_with_power(const CheckSettings& settings,
                            const TopicPartition& p,
                            const PartitionView& partition,
                            Offset offset);

}  // namespace bsim
