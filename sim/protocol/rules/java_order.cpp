#include "sim/protocol/rules/java_order.h"

#include <algorithm>
#include <numeric>

namespace bsim {

std::uint32_t java_hash(std::string_view text) {
    std::uint32_t hash = 0;
    for (const char c : text)
        hash = 31 * hash + static_cast<std::uint8_t>(c);
    return hash;
}

std::vector<std::size_t> java_hash_map_order(const std::vector<std::optional<std::string>>& keys) {
    std::uint32_t capacity = 16;
    while (keys.size() * 4 > std::size_t{capacity} * 3)
        capacity *= 2;

    std::vector<std::uint32_t> buckets;
    for (const auto& key : keys) {
        const std::uint32_t hash = key ? java_hash(*key) : 0;
        buckets.push_back((hash ^ (hash >> 16U)) & (capacity - 1));
    }
    std::vector<std::size_t> order(keys.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    // Entries of one bucket stay in order of insertion, also when the map grows.
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return buckets[a] < buckets[b]; });
    return order;
}

}  // namespace bsim
