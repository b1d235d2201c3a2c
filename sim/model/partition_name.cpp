#include "sim/model/partition_name.h"

#include <charconv>
#include <string>

namespace bsim {

std::optional<TopicPartition> parse_partition_name(std::string_view name) {
    const std::size_t dash = name.rfind('-');
    if (dash == std::string_view::npos || dash == 0)
        return std::nullopt;
    // Behind the last "-" there is no sign left that from_chars would take.
    const std::string_view digits = name.substr(dash + 1);
    std::int32_t index = 0;
    const char* const stop = digits.data() + digits.size();
    const auto [end, error] = std::from_chars(digits.data(), stop, index);
    if (error != std::errc{} || end != stop)
        return std::nullopt;
    return TopicPartition{std::string(name.substr(0, dash)), PartitionIndex(index)};
}

}  // namespace bsim
