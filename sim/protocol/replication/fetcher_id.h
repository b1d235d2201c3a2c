#pragma once
// Which of a broker's fetchers (num.replica.fetchers per source broker) follows a partition:
// abs(31 * hash(topic) + partition) % fetchers, in 32 bits that wrap, with Java's string hash.
// Source: AbstractFetcherManager.getFetcherId, Utils.abs, String.hashCode.

#include <cstdint>
#include <string_view>

#include "sim/base/strong.h"
#include "sim/model/ids.h"

namespace bsim::replication {

using FetcherId = Strong<struct FetcherIdTag, std::int32_t>;

// For ASCII, which is all that a topic name may hold.
constexpr std::int32_t java_string_hash(std::string_view text) {
    std::uint32_t hash = 0;
    for (const char c : text)
        hash = 31U * hash + static_cast<std::uint8_t>(c);
    return static_cast<std::int32_t>(hash);
}

constexpr FetcherId fetcher_id(std::string_view topic,
                               PartitionIndex partition,
                               std::int32_t fetchers_per_broker) {
    const auto mixed =
        static_cast<std::int32_t>(31U * static_cast<std::uint32_t>(java_string_hash(topic)) +
                                  static_cast<std::uint32_t>(partition.value()));
    // The one number whose absolute value does not fit counts as 0.
    const std::int32_t positive = mixed == INT32_MIN ? 0 : (mixed < 0 ? -mixed : mixed);
    return FetcherId(positive % fetchers_per_broker);
}

}  // namespace bsim::replication
