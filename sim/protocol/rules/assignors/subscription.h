#pragma once
// What a member of a consumer group tells the group's leader, and what it is told in return.
// Source: ConsumerPartitionAssignor.Subscription, .Assignment.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/strong.h"
#include "sim/model/ids.h"

namespace bsim::group {

using UserData = std::vector<std::uint8_t>;

struct Subscription {
    std::vector<std::string> topics{};
    std::optional<UserData> user_data{};       // the assignor's own, opaque to everybody else
    std::vector<TopicPartition> owned{};       // at the time of joining
    std::optional<GenerationId> generation{};  // in which `owned` were assigned
    std::optional<std::string> rack{};         // not empty

    bool operator==(const Subscription&) const = default;
};

struct GroupMember {
    std::string member_id;
    std::optional<std::string> instance_id{};  // of a static member
    Subscription subscription{};
};

struct Assignment {
    std::vector<TopicPartition> partitions{};  // each once
    std::optional<UserData> user_data{};

    bool operator==(const Assignment&) const = default;
};

}  // namespace bsim::group
