#include "sim/base/java_order.h"

#include <algorithm>
#include <numeric>

namespace bsim {
namespace {

constexpr std::uint32_t kDefaultCapacity = 16;
// A ninth key in one bucket makes a table of fewer than 64 buckets grow, full or not.
constexpr std::size_t kBucketKeys = 8;
constexpr std::uint32_t kTreeCapacity = 64;

std::size_t sequence_length(std::uint8_t lead) {
    return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

std::uint32_t code_point(std::string_view sequence) {
    const auto lead = static_cast<std::uint8_t>(sequence.front());
    if (lead < 0x80)
        return lead;
    std::uint32_t point = lead & (0xffU >> (sequence_length(lead) + 1));
    for (const char c : sequence.substr(1))
        point = point << 6U | (static_cast<std::uint8_t>(c) & 0x3fU);
    return point;
}

std::vector<std::size_t> bucket_sizes(const std::vector<std::uint32_t>& hashes,
                                      std::size_t count,
                                      std::uint32_t capacity) {
    std::vector<std::size_t> sizes(capacity);
    for (std::size_t i = 0; i < count; ++i)
        ++sizes[java_bucket(hashes[i], capacity)];
    return sizes;
}

}  // namespace

std::uint32_t java_hash(std::string_view text) {
    std::uint32_t hash = 0;
    while (!text.empty()) {
        const std::size_t length = sequence_length(static_cast<std::uint8_t>(text.front()));
        const std::uint32_t point = code_point(text.substr(0, length));
        if (point > 0xffff) {
            hash = 31 * hash + (0xd7c0U + (point >> 10U));
            hash = 31 * hash + (0xdc00U + (point & 0x3ffU));
        } else {
            hash = 31 * hash + point;
        }
        text.remove_prefix(std::min(length, text.size()));
    }
    return hash;
}

bool java_less(std::string_view a, std::string_view b) {
    const auto [at_a, at_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (at_a == a.end() || at_b == b.end())
        return at_a == a.end() && at_b != b.end();
    const auto x = static_cast<std::uint8_t>(*at_a);
    const auto y = static_cast<std::uint8_t>(*at_b);
    // A surrogate pair starts below U+E000, whose UTF-8 starts with 0xee.
    if (x >= 0xee && y >= 0xee && (x >= 0xf0) != (y >= 0xf0))
        return x >= 0xf0;
    return x < y;
}

std::uint32_t java_bucket(std::uint32_t hash, std::uint32_t capacity) {
    return (hash ^ (hash >> 16U)) & (capacity - 1);
}

std::uint32_t java_table_capacity(const std::vector<std::uint32_t>& hashes) {
    std::uint32_t capacity = kDefaultCapacity;
    std::vector<std::size_t> sizes(capacity);
    for (std::size_t count = 1; count <= hashes.size(); ++count) {
        const auto grow = [&] {
            capacity *= 2;
            sizes = bucket_sizes(hashes, count, capacity);
        };
        const std::size_t in_bucket = ++sizes[java_bucket(hashes[count - 1], capacity)];
        if (in_bucket > kBucketKeys && capacity < kTreeCapacity)
            grow();
        if (count * 4 > std::size_t{capacity} * 3)
            grow();
    }
    return capacity;
}

std::vector<std::size_t> java_hash_order(const std::vector<std::uint32_t>& hashes) {
    const std::uint32_t capacity = java_table_capacity(hashes);
    std::vector<std::size_t> order(hashes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Entries of one bucket stay in order of insertion, also when the map grows.
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return java_bucket(hashes[a], capacity) < java_bucket(hashes[b], capacity);
    });
    return order;
}

std::vector<std::size_t> scala_hash_order(const std::vector<std::uint32_t>& hashes) {
    std::uint32_t capacity = kDefaultCapacity;
    while (hashes.size() * 4 >= std::size_t{capacity} * 3)
        capacity *= 2;
    std::vector<std::size_t> order(hashes.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    const auto spread = [&](std::size_t i) {
        return static_cast<std::int32_t>(hashes[i] ^ (hashes[i] >> 16U));
    };
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        const std::uint32_t x = java_bucket(hashes[a], capacity);
        const std::uint32_t y = java_bucket(hashes[b], capacity);
        return x != y ? x < y : spread(a) < spread(b);
    });
    return order;
}

std::vector<std::size_t> java_hash_map_order(const std::vector<std::optional<std::string>>& keys) {
    std::vector<std::uint32_t> hashes;
    hashes.reserve(keys.size());
    for (const auto& key : keys)
        hashes.push_back(key ? java_hash(*key) : 0);
    return java_hash_order(hashes);
}

}  // namespace bsim
