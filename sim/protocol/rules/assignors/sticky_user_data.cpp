#include "sim/protocol/rules/assignors/sticky_user_data.h"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/java_order.h"
#include "sim/wire/messages/cooperative_sticky_assignor_user_data.h"
#include "sim/wire/messages/sticky_assignor_user_data.h"

namespace bsim::group {
namespace {

using StickyData = wire::StickyAssignorUserData;
using CooperativeData = wire::CooperativeStickyAssignorUserData;

constexpr std::int32_t kNoGeneration = -1;

template <class Message>
UserData encoded(const Message& message) {
    ByteWriter out;
    wire::encode(message, Message::kMaxVersion, out);
    return out.take();
}

template <class Message>
std::optional<Message> decoded(const UserData& bytes, std::int16_t version) {
    ByteReader in(bytes);
    Message message;
    wire::decode(in, version, message);
    return in.failed() ? std::nullopt : std::optional(std::move(message));
}

std::int32_t number(std::optional<GenerationId> generation) {
    return generation ? generation->value() : kNoGeneration;
}

}  // namespace

UserData encode_sticky_user_data(const std::vector<TopicPartition>& partitions,
                                 std::optional<GenerationId> generation) {
    std::vector<StickyData::TopicAssignment> topics;
    std::map<std::string_view, std::size_t> places;
    std::uint32_t capacity = 16;
    for (const TopicPartition& each : partitions) {
        // HashMap.computeIfAbsent, unlike put, lets the table grow only at the call after.
        if (topics.size() * 4 > std::size_t{capacity} * 3)
            capacity *= 2;
        const auto [place, first] = places.try_emplace(each.topic, topics.size());
        if (first)
            topics.push_back({each.topic, {}});
        topics[place->second].partitions.push_back(each.partition.value());
    }
    // And it puts a new key in front of its bucket.
    std::reverse(topics.begin(), topics.end());
    std::stable_sort(topics.begin(), topics.end(), [&](const auto& a, const auto& b) {
        return java_bucket(java_hash(a.topic), capacity) <
               java_bucket(java_hash(b.topic), capacity);
    });
    StickyData message;
    message.previous_assignment = std::move(topics);
    message.generation = number(generation);
    return encoded(message);
}

UserData encode_cooperative_user_data(std::optional<GenerationId> generation) {
    return encoded(CooperativeData{.generation = number(generation)});
}

MemberData sticky_member_data(const Subscription& subscription) {
    if (!subscription.user_data || subscription.user_data->empty())
        return {};
    MemberData data;
    auto message = decoded<StickyData>(*subscription.user_data, 1);
    if (message) {
        data.generation = message->generation;
    } else {
        message = decoded<StickyData>(*subscription.user_data, 0);
    }
    if (!message)
        return MemberData{{}, kNoGeneration};
    for (const StickyData::TopicAssignment& topic : message->previous_assignment) {
        for (const std::int32_t index : topic.partitions)
            data.partitions.push_back({topic.topic, PartitionIndex(index)});
    }
    return data;
}

MemberData cooperative_member_data(const Subscription& subscription) {
    MemberData data{subscription.owned, std::nullopt};
    if (subscription.generation) {
        data.generation = subscription.generation->value();
    } else if (subscription.user_data) {
        const auto message = decoded<CooperativeData>(*subscription.user_data, 0);
        data.generation = message ? message->generation : kNoGeneration;
    }
    return data;
}

}  // namespace bsim::group
