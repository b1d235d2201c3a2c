#pragma once
// The order in which a java.util.HashMap with string keys walks its entries. Kafka's choices depend
// on it in two places that show: which rack of a placement draws first, and the order of config
// records of a new topic.
// Source: java.util.HashMap, String.hashCode; oracle/CLASSES.md.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bsim {

// Of ASCII text; 0 for none, as Optional.hashCode.
std::uint32_t java_hash(std::string_view text);

// Indices into `keys`, which are distinct and stand in order of insertion, in order of iteration.
// The map has the default capacity 16 and grows beyond three quarters.
std::vector<std::size_t> java_hash_map_order(const std::vector<std::optional<std::string>>& keys);

}  // namespace bsim
