#pragma once
// The records of __consumer_offsets, in Kafka's encoding: a key of i16 version and fields says what
// the record is about, a value likewise, or none as a tombstone.
//   key version 0, 1: OffsetCommitKey {group, topic, partition}  value: OffsetCommitValue
//   key version 2:    GroupMetadataKey {group}                   value: GroupMetadataValue
// Written are key versions 1 and 2 and value version 3; an offset with a time to expire at has
// version 1. Timestamps are of the writer's wall clock. Source: GroupMetadataManager.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/protocol/group/group_metadata.h"
#include "sim/wire/messages/group_metadata_value.h"
#include "sim/wire/messages/offset_commit_value.h"

namespace bsim::group {

struct OffsetKey {
    std::string group;
    TopicPartition partition;
    auto operator<=>(const OffsetKey&) const = default;
};
struct GroupKey {
    std::string group;
    auto operator<=>(const GroupKey&) const = default;
};
struct UnknownKey {
    std::int16_t version = 0;
    auto operator<=>(const UnknownKey&) const = default;
};
// Bytes that are no key at all.
struct DamagedKey {
    auto operator<=>(const DamagedKey&) const = default;
};
using RecordKey = std::variant<OffsetKey, GroupKey, UnknownKey, DamagedKey>;

Bytes encode_offset_key(const OffsetKey& key);
Bytes encode_group_key(const GroupKey& key);
RecordKey decode_key(ByteView bytes);

Bytes encode_offset_value(const OffsetAndMetadata& value);
// nullopt if the bytes are none or of an unknown version.
std::optional<OffsetAndMetadata> decode_offset_value(ByteView bytes);

// With the members' assignments as given; a member that is not among them has an empty one.
using Assignments = std::map<std::string, Bytes>;
wire::GroupMetadataValue group_value(const GroupMetadata& group, const Assignments& assignments);
Bytes encode_group_value(const wire::GroupMetadataValue& value);
struct VersionedGroupValue {
    std::int16_t version = 0;
    wire::GroupMetadataValue value;
};
std::optional<VersionedGroupValue> decode_group_value(ByteView bytes);

struct KeyValue {
    Bytes key;
    std::optional<Bytes> value{};
};
// One batch, uncompressed, all records with this time; the leader stamps the rest.
SharedBytes build_batch(const std::vector<KeyValue>& records, WallMs now);
// The batch of a commit. It differs in that Kafka gives it sequences from 0 on, though no producer.
SharedBytes build_commit_batch(const std::vector<KeyValue>& records, WallMs now);

}  // namespace bsim::group
