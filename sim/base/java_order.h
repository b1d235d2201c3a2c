#pragma once
// What Kafka's choices take from Java's own classes: the hash of a string, the order of strings,
// and the order in which a java.util.HashMap walks its entries. That last one shows in which rack
// of a placement draws first, in the order of config records of a new topic, and in which member of
// a group keeps a partition when there is one too few. Texts are valid UTF-8; Java counts and
// compares their UTF-16 units. Not reproduced: from nine keys in one bucket of a table of 64 or
// more on, Java keeps the bucket as a tree, whose root comes first. Source: java.util.HashMap,
// String.hashCode, String.compareTo; oracle/CLASSES.md.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bsim {

// String.hashCode.
std::uint32_t java_hash(std::string_view text);

// String.compareTo(a, b) < 0. Differs from the order of bytes for characters beyond U+FFFF.
bool java_less(std::string_view a, std::string_view b);

// Indices of keys, which are distinct and whose hashes stand here in order of insertion, in order
// of iteration. The map has the default capacity 16 and grows beyond three quarters.
std::vector<std::size_t> java_hash_order(const std::vector<std::uint32_t>& hashes);

// The same for strings; none counts as hash 0, as Optional.hashCode has it.
std::vector<std::size_t> java_hash_map_order(const std::vector<std::optional<std::string>>& keys);

// The same for Scala 2.13's mutable.HashMap, in which Kafka's coordinator keeps a group's members:
// as a sorted list in each bucket. It grows before it is three quarters full.
std::vector<std::size_t> scala_hash_order(const std::vector<std::uint32_t>& hashes);

// The same for a map that lost entries: `capacity` is what its table had grown to.
std::uint32_t java_bucket(std::uint32_t hash, std::uint32_t capacity);
// The capacity of a table after `hashes` were inserted.
std::uint32_t java_table_capacity(const std::vector<std::uint32_t>& hashes);

}  // namespace bsim
