#pragma once
// A partition as Kafka writes it, in names of directories and for people: "orders-0".

#include <optional>
#include <string_view>

#include "sim/model/ids.h"

namespace bsim {

// {topic, number}: what stands before and behind the last "-". Nothing if that leaves no topic, or
// no number of digits alone that fits.
std::optional<TopicPartition> parse_partition_name(std::string_view name);

}  // namespace bsim
