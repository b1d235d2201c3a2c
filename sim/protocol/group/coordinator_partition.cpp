#include "sim/protocol/group/coordinator_partition.h"

#include "sim/base/check.h"
#include "sim/base/java_order.h"

namespace bsim::group {

PartitionIndex coordinator_partition(std::string_view id, std::int32_t partitions) {
    BSIM_CHECK(partitions > 0);
    const auto hash = static_cast<std::int32_t>(java_hash(id));
    // The one number whose absolute value does not fit counts as 0.
    const std::int32_t positive = hash == INT32_MIN ? 0 : (hash < 0 ? -hash : hash);
    return PartitionIndex(positive % partitions);
}

}  // namespace bsim::group
