#include "sim/protocol/group/sticky_user_data.h"

#include <map>
#include <string>
#include <string_view>

#include "sim/protocol/rules/java_order.h"
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
    std::vector<std::uint32_t> hashes;
    std::map<std::string_view, std::size_t> places;
    for (const TopicPartition& each : partitions) {
        const auto [place, first] = places.try_emplace(each.topic, topics.size());
        if (first) {
            topics.push_back({each.topic, {}});
            hashes.push_back(java_hash(each.topic));
        }
        topics[place->second].partitions.push_back(each.partition.value());
    }
    StickyData message;
    for (const std::size_t at : java_hash_order(hashes))
        message.previous_assignment.push_back(topics[at]);
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
