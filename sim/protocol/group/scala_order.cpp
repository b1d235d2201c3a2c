#include "sim/protocol/group/scala_order.h"

#include <array>
#include <numeric>
#include <span>

#include "sim/base/java_order.h"

namespace bsim::group {
namespace {

constexpr std::uint32_t kTrieBits = 5;
constexpr std::uint32_t kHashBits = 32;
constexpr std::size_t kTrieWidth = 32;
constexpr std::size_t kPlainMapEntries = 4;

// How the trie spreads hashes.
std::uint32_t improve(std::uint32_t hash) {
    std::uint32_t h = hash + ~(hash << 9U);
    h ^= h >> 14U;
    h += h << 4U;
    return h ^ (h >> 10U);
}

// A node of the trie lists its own entries first, then its children's, each by five bits of hash.
void walk(std::span<const std::uint32_t> improved,
          const std::vector<std::size_t>& entries,
          std::uint32_t shift,
          std::vector<std::size_t>& out) {
    if (shift >= kHashBits) {
        out.insert(out.end(), entries.begin(), entries.end());
        return;
    }
    std::array<std::vector<std::size_t>, kTrieWidth> slots;
    for (const std::size_t entry : entries)
        slots[improved[entry] >> shift & (kTrieWidth - 1)].push_back(entry);
    for (const auto& slot : slots) {
        if (slot.size() == 1)
            out.push_back(slot.front());
    }
    for (const auto& slot : slots) {
        if (slot.size() > 1)
            walk(improved, slot, shift + kTrieBits, out);
    }
}

}  // namespace

void ScalaTable::note_put(std::size_t entries_before) {
    if ((entries_before + 1) * 4 >= std::size_t{capacity_} * 3)
        capacity_ *= 2;
}

ScalaTable::Place ScalaTable::place(std::uint32_t java_hash, std::uint64_t serial) const {
    const std::uint32_t hash = java_hash ^ (java_hash >> 16U);
    return {java_bucket(java_hash, capacity_), static_cast<std::int32_t>(hash), serial};
}

std::vector<std::size_t> scala_trie_order(const std::vector<std::uint32_t>& hashes) {
    std::vector<std::size_t> entries(hashes.size());
    std::iota(entries.begin(), entries.end(), std::size_t{0});
    std::vector<std::uint32_t> improved;
    improved.reserve(hashes.size());
    for (const std::uint32_t hash : hashes)
        improved.push_back(improve(hash));
    std::vector<std::size_t> order;
    order.reserve(hashes.size());
    walk(improved, entries, 0, order);
    return order;
}

std::vector<std::size_t> scala_immutable_order(const std::vector<std::uint32_t>& hashes) {
    if (hashes.size() > kPlainMapEntries)
        return scala_trie_order(hashes);
    std::vector<std::size_t> entries(hashes.size());
    std::iota(entries.begin(), entries.end(), std::size_t{0});
    return entries;
}

std::uint32_t topic_partition_hash(const TopicPartition& tp) {
    return 31 * (31 + static_cast<std::uint32_t>(tp.partition.value())) + java_hash(tp.topic);
}

std::uint32_t unnamed_topic_id_partition_hash(const TopicPartition& tp) {
    return 31 * 31 + topic_partition_hash(tp);
}

}  // namespace bsim::group
