#include "sim/protocol/group/offset_records.h"

#include "sim/wire/batch_builder.h"
#include "sim/wire/messages/group_metadata_key.h"
#include "sim/wire/messages/offset_commit_key.h"

namespace bsim::group {
namespace {

// The highest versions without tagged fields.
constexpr std::int16_t kValueVersion = 3;
constexpr std::int16_t kExpiringOffsetVersion = 1;

template <class Message>
Bytes versioned(const Message& message, std::int16_t version) {
    ByteWriter out;
    out.put_i16(version);
    encode(message, version, out);
    return out.take();
}

template <class Message>
constexpr bool has_version(std::int16_t version) {
    return version >= Message::kMinVersion && version <= Message::kMaxVersion;
}

SharedBytes build(const std::vector<KeyValue>& records, WallMs now, std::int32_t base_sequence) {
    wire::BatchOptions options;
    options.base_sequence = base_sequence;
    wire::BatchBuilder batch(options);
    for (const KeyValue& record : records) {
        std::optional<ByteView> value;
        if (record.value)
            value = ByteView(*record.value);
        batch.append(now.value(), ByteView(record.key), value, {});
    }
    return SharedBytes(batch.build());
}

}  // namespace

Bytes encode_offset_key(const OffsetKey& key) {
    wire::OffsetCommitKey out;
    out.group = key.group;
    out.topic = key.partition.topic;
    out.partition = key.partition.partition.value();
    return versioned(out, wire::OffsetCommitKey::kMaxVersion);
}

Bytes encode_group_key(const GroupKey& key) {
    wire::GroupMetadataKey out;
    out.group = key.group;
    return versioned(out, wire::GroupMetadataKey::kMaxVersion);
}

RecordKey decode_key(ByteView bytes) {
    ByteReader in(bytes);
    const std::int16_t version = in.take_i16();
    if (in.failed())
        return DamagedKey{};
    if (has_version<wire::OffsetCommitKey>(version)) {
        wire::OffsetCommitKey key;
        decode(in, version, key);
        if (in.failed())
            return DamagedKey{};
        return OffsetKey{key.group, {key.topic, PartitionIndex(key.partition)}};
    }
    if (has_version<wire::GroupMetadataKey>(version)) {
        wire::GroupMetadataKey key;
        decode(in, version, key);
        if (in.failed())
            return DamagedKey{};
        return GroupKey{key.group};
    }
    return UnknownKey{version};
}

Bytes encode_offset_value(const OffsetAndMetadata& value) {
    wire::OffsetCommitValue out;
    out.offset = value.offset.value();
    out.leader_epoch = value.leader_epoch.value_or(LeaderEpoch(-1)).value();
    out.metadata = value.metadata;
    out.commit_timestamp = value.committed_at.value();
    out.expire_timestamp = value.expires_at.value_or(WallMs(-1)).value();
    return versioned(out, value.expires_at ? kExpiringOffsetVersion : kValueVersion);
}

std::optional<OffsetAndMetadata> decode_offset_value(ByteView bytes) {
    ByteReader in(bytes);
    const std::int16_t version = in.take_i16();
    if (in.failed() || !has_version<wire::OffsetCommitValue>(version))
        return std::nullopt;
    wire::OffsetCommitValue read;
    decode(in, version, read);
    if (in.failed())
        return std::nullopt;
    OffsetAndMetadata value;
    value.offset = Offset(read.offset);
    if (read.leader_epoch != -1)
        value.leader_epoch = LeaderEpoch(read.leader_epoch);
    value.metadata = read.metadata;
    value.committed_at = WallMs(read.commit_timestamp);
    if (read.expire_timestamp != -1)
        value.expires_at = WallMs(read.expire_timestamp);
    return value;
}

wire::GroupMetadataValue group_value(const GroupMetadata& group, const Assignments& assignments) {
    wire::GroupMetadataValue out;
    out.protocol_type = group.protocol_type.value_or("");
    out.generation = group.generation;
    out.protocol = group.protocol_name;
    out.leader = group.leader();
    out.current_state_timestamp = group.state_since().value_or(WallMs(-1)).value();
    for (const std::string& id : group.members_in_order()) {
        const Member& member = group.get(id);
        auto& written = out.members.emplace_back();
        written.member_id = member.id;
        written.client_id = member.client_id;
        written.client_host = member.client_host;
        written.session_timeout = member.session_timeout_ms;
        written.rebalance_timeout = member.rebalance_timeout_ms;
        written.group_instance_id = member.instance;
        if (group.protocol_name)
            written.subscription = member.metadata(*group.protocol_name);
        if (const auto at = assignments.find(id); at != assignments.end())
            written.assignment = at->second;
    }
    return out;
}

Bytes encode_group_value(const wire::GroupMetadataValue& value) {
    return versioned(value, kValueVersion);
}

std::optional<VersionedGroupValue> decode_group_value(ByteView bytes) {
    ByteReader in(bytes);
    VersionedGroupValue read;
    read.version = in.take_i16();
    if (in.failed() || !has_version<wire::GroupMetadataValue>(read.version))
        return std::nullopt;
    decode(in, read.version, read.value);
    if (in.failed())
        return std::nullopt;
    return read;
}

SharedBytes build_batch(const std::vector<KeyValue>& records, WallMs now) {
    return build(records, now, wire::kNoSequence);
}

SharedBytes build_commit_batch(const std::vector<KeyValue>& records, WallMs now) {
    return build(records, now, 0);
}

}  // namespace bsim::group
