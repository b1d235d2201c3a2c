#pragma once
// Which messages a `message-hold`, `message-drop` or `message-delay` means, as a scenario writes
// it.

#include <cstdint>
#include <map>
#include <string>

namespace bsim {

struct MessageFilter {
    enum class Of : std::uint8_t { Request, Response, Both };
    std::string api;  // Kafka's or ZooKeeper's name: Fetch, AlterPartition, Vote
    Of of = Of::Request;
    std::int64_t nth = 1;    // the n-th match after the fault has begun
    std::int64_t count = 1;  // how many matches from the n-th on
    // Fields that the message must have, by name, values as text; "partition" is topic-index.
    std::map<std::string, std::string> match;

    bool operator==(const MessageFilter&) const = default;
};

}  // namespace bsim
