#include "sim/protocol/rules/assignors/consumer_protocol.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "sim/base/java_order.h"
#include "sim/wire/messages/consumer_protocol_assignment.h"
#include "sim/wire/messages/consumer_protocol_subscription.h"

namespace bsim::group {
namespace {

using WireSubscription = wire::ConsumerProtocolSubscription;
using WireAssignment = wire::ConsumerProtocolAssignment;

bool by_topic_and_partition(const TopicPartition& a, const TopicPartition& b) {
    if (a.topic != b.topic)
        return java_less(a.topic, b.topic);
    return a.partition < b.partition;
}

template <class Message>
std::vector<std::uint8_t> encode_versioned(const Message& message, std::int16_t version) {
    BSIM_CHECK(version >= Message::kMinVersion);
    const std::int16_t written = std::min(version, Message::kMaxVersion);
    ByteWriter out;
    out.put_i16(written);
    wire::encode(message, written, out);
    return out.take();
}

// Bytes behind the message are let be: a newer version has more fields.
template <class Message>
Result<Message, ConsumerProtocolError> decode_versioned(ByteView bytes) {
    ByteReader in(bytes);
    const std::int16_t version = in.take_i16();
    if (in.failed())
        return Err{ConsumerProtocolError::NoVersion};
    if (version < Message::kMinVersion)
        return Err{ConsumerProtocolError::UnsupportedVersion};
    Message message;
    wire::decode(in, std::min(version, Message::kMaxVersion), message);
    if (in.failed())
        return Err{ConsumerProtocolError::BadBody};
    return message;
}

template <class WireTopic>
std::vector<TopicPartition> flatten(const std::vector<WireTopic>& topics) {
    std::vector<TopicPartition> partitions;
    for (const WireTopic& topic : topics) {
        for (const std::int32_t index : topic.partitions)
            partitions.push_back({topic.topic, PartitionIndex(index)});
    }
    return partitions;
}

}  // namespace

std::string_view describe(ConsumerProtocolError error) {
    switch (error) {
        case ConsumerProtocolError::NoVersion:
            return "too short to hold a version";
        case ConsumerProtocolError::UnsupportedVersion:
            return "of a negative version";
        case ConsumerProtocolError::BadBody:
            return "not of the form that its version has";
    }
    return "";
}

std::vector<std::uint8_t> encode_subscription(const Subscription& subscription,
                                              std::int16_t version) {
    WireSubscription message;
    message.topics = subscription.topics;
    std::sort(message.topics.begin(), message.topics.end(), java_less);
    message.user_data = subscription.user_data;
    std::vector<TopicPartition> owned = subscription.owned;
    std::stable_sort(owned.begin(), owned.end(), by_topic_and_partition);
    for (const TopicPartition& partition : owned) {
        auto& topics = message.owned_partitions;
        if (topics.empty() || topics.back().topic != partition.topic)
            topics.push_back({partition.topic, {}});
        topics.back().partitions.push_back(partition.partition.value());
    }
    message.generation_id = subscription.generation.value_or(GenerationId(-1)).value();
    message.rack_id = subscription.rack;
    return encode_versioned(message, version);
}

Result<Subscription, ConsumerProtocolError> decode_subscription(ByteView bytes) {
    BSIM_TRY(WireSubscription message, decode_versioned<WireSubscription>(bytes));
    Subscription subscription;
    subscription.topics = std::move(message.topics);
    subscription.user_data = std::move(message.user_data);
    subscription.owned = flatten(message.owned_partitions);
    if (message.generation_id >= 0)
        subscription.generation = GenerationId(message.generation_id);
    if (message.rack_id && !message.rack_id->empty())
        subscription.rack = std::move(message.rack_id);
    return subscription;
}

std::vector<std::uint8_t> encode_assignment(const Assignment& assignment, std::int16_t version) {
    WireAssignment message;
    message.user_data = assignment.user_data;
    std::map<std::string_view, std::size_t> places;
    for (const TopicPartition& partition : assignment.partitions) {
        auto& topics = message.assigned_partitions;
        const auto [place, first] = places.try_emplace(partition.topic, topics.size());
        if (first)
            topics.push_back({partition.topic, {}});
        topics[place->second].partitions.push_back(partition.partition.value());
    }
    return encode_versioned(message, version);
}

Result<Assignment, ConsumerProtocolError> decode_assignment(ByteView bytes) {
    BSIM_TRY(WireAssignment message, decode_versioned<WireAssignment>(bytes));
    return Assignment{flatten(message.assigned_partitions), std::move(message.user_data)};
}

}  // namespace bsim::group
