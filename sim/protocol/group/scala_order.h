#pragma once
// The order in which Scala's hash maps walk their entries. It shows in which member of a group
// becomes leader when the leader goes, in the order of members in a group's record, and of offsets
// in a batch of them. Source: scala.collection.mutable.HashMap and immutable.HashMap (2.13).

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/model/ids.h"

namespace bsim::group {

// The table of a mutable.HashMap: 16 buckets at first, doubled when an entry is put that fills
// three quarters of it, never made smaller.
class ScalaTable {
  public:
    void note_put(std::size_t entries_before);

    // Sort key of an entry: its bucket, then its hash; entries of equal hash stand in the order in
    // which they came.
    struct Place {
        std::uint32_t bucket = 0;
        std::int32_t hash = 0;
        std::uint64_t serial = 0;

        auto operator<=>(const Place&) const = default;
    };
    Place place(std::uint32_t java_hash, std::uint64_t serial) const;

  private:
    std::uint32_t capacity_ = 16;
};

// Indices of distinct keys with these hashes, in the order of an immutable.HashMap, a trie. Keys of
// equal hash stand in the order given. (Of a mutable.HashMap: scala_hash_order of base/java_order.)
std::vector<std::size_t> scala_trie_order(const std::vector<std::uint32_t>& hashes);

// The same of an immutable Map: order of insertion up to four entries, then that of the trie.
std::vector<std::size_t> scala_immutable_order(const std::vector<std::uint32_t>& hashes);

// Of a TopicPartition as a key, and of a TopicIdPartition without an id.
std::uint32_t topic_partition_hash(const TopicPartition& tp);
std::uint32_t unnamed_topic_id_partition_hash(const TopicPartition& tp);

}  // namespace bsim::group
