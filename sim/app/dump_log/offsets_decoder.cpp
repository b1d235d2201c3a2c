#include <algorithm>
#include <fmt/format.h>
#include <string>

#include <nlohmann/json.hpp>

#include "sim/app/dump_log/decoder.h"
#include "sim/app/dump_log/java_text.h"
#include "sim/app/dump_log/read_failure.h"
#include "sim/app/dump_log/stopped.h"
#include "sim/wire/message_json.h"
#include "sim/wire/messages/consumer_group_current_member_assignment_key.h"
#include "sim/wire/messages/consumer_group_current_member_assignment_value.h"
#include "sim/wire/messages/consumer_group_member_metadata_key.h"
#include "sim/wire/messages/consumer_group_member_metadata_value.h"
#include "sim/wire/messages/consumer_group_metadata_key.h"
#include "sim/wire/messages/consumer_group_metadata_value.h"
#include "sim/wire/messages/consumer_group_partition_metadata_key.h"
#include "sim/wire/messages/consumer_group_partition_metadata_value.h"
#include "sim/wire/messages/consumer_group_target_assignment_member_key.h"
#include "sim/wire/messages/consumer_group_target_assignment_member_value.h"
#include "sim/wire/messages/consumer_group_target_assignment_metadata_key.h"
#include "sim/wire/messages/consumer_group_target_assignment_metadata_value.h"
#include "sim/wire/messages/consumer_protocol_assignment.h"
#include "sim/wire/messages/consumer_protocol_subscription.h"
#include "sim/wire/messages/group_metadata_key.h"
#include "sim/wire/messages/group_metadata_value.h"
#include "sim/wire/messages/offset_commit_key.h"
#include "sim/wire/messages/offset_commit_value.h"

namespace bsim::dump_log {
namespace {

using Json = nlohmann::ordered_json;

// Why a record could not be read, in the words of CoordinatorRecordSerde.
struct Refusal {
    std::string why;
};
struct UnknownType {
    std::int16_t type;
};

// The type of a key is the version before it.
struct Versioned {
    std::int16_t version = 0;
    ByteView body{};
};

Versioned take_version(ByteView bytes, std::string_view which) {
    if (bytes.size() < sizeof(std::int16_t))
        throw Refusal{fmt::format("Could not read version from {}'s buffer.", which)};
    return {load_be<std::int16_t>(bytes.data()), bytes.subspan(sizeof(std::int16_t))};
}

// The generated readers of Java take a version outside their range for the nearest.
template <class Message>
std::int16_t readable(std::int16_t version) {
    return std::clamp(version, Message::kMinVersion, Message::kMaxVersion);
}

// The failure's text, or nothing if the message was read.
template <class Message>
std::optional<std::string> read_body(const Versioned& from, Message& message) {
    const std::int16_t version = readable<Message>(from.version);
    const ReadAs how{Message::kSchema, version, from.version};
    if (from.version > version) {
        if (auto failure = read_failure(how, from.body))
            return failure;
    }
    ByteReader in(from.body);
    wire::decode(in, version, message);
    if (!in.failed())
        return std::nullopt;
    return read_failure(how, from.body).value_or("null");
}

template <class Message>
Message read_message(const Versioned& from, std::string_view which) {
    Message message;
    if (const auto failure = read_body(from, message)) {
        throw Refusal{
            fmt::format("Could not read record with version {} from {}'s buffer due to: {}.",
                        from.version, which, *failure)};
    }
    return message;
}

template <class Message>
Json as_json(const Message& message, std::int16_t version) {
    return wire::to_json(message, readable<Message>(version));
}

// Bytes that hold a version and a message become that message's JSON, if they can be read.
template <class Message>
void unfold(const std::vector<std::uint8_t>& bytes, Json& json) {
    if (bytes.size() < sizeof(std::int16_t))
        return;
    const Versioned from = take_version(bytes, "member");
    Message message;
    if (!read_body(from, message))
        json = as_json(message, from.version);
}

Json as_json(const wire::GroupMetadataValue& group, std::int16_t version) {
    Json json = wire::to_json(group, readable<wire::GroupMetadataValue>(version));
    if (group.protocol_type != "consumer")
        return json;
    for (std::size_t i = 0; i < group.members.size(); ++i) {
        Json& member = json["members"][i];
        unfold<wire::ConsumerProtocolSubscription>(group.members[i].subscription,
                                                   member["subscription"]);
        unfold<wire::ConsumerProtocolAssignment>(group.members[i].assignment, member["assignment"]);
    }
    return json;
}

Shown shown(const char* number_name, std::int16_t number, Json data) {
    Json json;
    json[number_name] = std::to_string(number);
    json["data"] = std::move(data);
    return Shown{jackson_text(json), true};
}

template <class Key, class Value>
Contents decode_pair(const Versioned& key_bytes, const std::optional<ByteView>& value_bytes) {
    Contents contents;
    const auto key = read_message<Key>(key_bytes, "key");
    contents.key = shown("type", key_bytes.version, as_json(key, key_bytes.version));
    if (!value_bytes) {
        contents.payload = Shown{"<DELETE>"};
        return contents;
    }
    const Versioned from = take_version(*value_bytes, "value");
    const auto value = read_message<Value>(from, "value");
    contents.payload = shown("version", from.version, as_json(value, from.version));
    return contents;
}

Contents decode_record(const FileRecord& record) {
    using namespace wire;
    if (!record.value_error.empty())
        throw Refusal{record.value_error};
    const Versioned key = take_version(*record.key, "key");
    const auto& value = record.value;
    switch (key.version) {
        case 0:
        case 1:
            return decode_pair<OffsetCommitKey, OffsetCommitValue>(key, value);
        case 2:
            return decode_pair<GroupMetadataKey, GroupMetadataValue>(key, value);
        case 3:
            return decode_pair<ConsumerGroupMetadataKey, ConsumerGroupMetadataValue>(key, value);
        case 4:
            return decode_pair<ConsumerGroupPartitionMetadataKey,
                               ConsumerGroupPartitionMetadataValue>(key, value);
        case 5:
            return decode_pair<ConsumerGroupMemberMetadataKey, ConsumerGroupMemberMetadataValue>(
                key, value);
        case 6:
            return decode_pair<ConsumerGroupTargetAssignmentMetadataKey,
                               ConsumerGroupTargetAssignmentMetadataValue>(key, value);
        case 7:
            return decode_pair<ConsumerGroupTargetAssignmentMemberKey,
                               ConsumerGroupTargetAssignmentMemberValue>(key, value);
        case 8:
            return decode_pair<ConsumerGroupCurrentMemberAssignmentKey,
                               ConsumerGroupCurrentMemberAssignmentValue>(key, value);
        default:
            throw UnknownType{key.version};
    }
}

}  // namespace

Contents decode_offsets(const FileRecord& record) {
    if (!record.key) {
        throw Stopped(
            fmt::format("Failed to decode message at offset {} using offset topic "
                        "decoder (message had a missing key)",
                        record.offset));
    }
    Contents contents;
    try {
        contents = decode_record(record);
    } catch (const UnknownType& unknown) {
        contents.key = Shown{fmt::format("Unknown record type {} at offset {}, skipping.",
                                         unknown.type, record.offset)};
    } catch (const Refusal& refusal) {
        contents.key =
            Shown{fmt::format("Error at offset {}, skipping. {}", record.offset, refusal.why)};
    }
    return contents;
}

}  // namespace bsim::dump_log
