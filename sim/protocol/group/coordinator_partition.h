#pragma once
// Where a group or a transactional id is looked after: the partition of `__consumer_offsets` (or
// `__transaction_state`) whose leader is its coordinator, abs(hash of the id) % partitions.
// Source: GroupMetadataManager.partitionFor, TransactionStateManager.partitionFor, Utils.abs.

#include <cstdint>
#include <string_view>

#include "sim/model/ids.h"

namespace bsim::group {

// `partitions` > 0. "my-group" of 50 is in partition 12.
PartitionIndex coordinator_partition(std::string_view id, std::int32_t partitions);

}  // namespace bsim::group
