// OffsetCommit: from validation to the moment when the offsets are in force.

#include <map>

#include "sim/base/java_order.h"
#include "sim/protocol/group/group_coordinator.h"
#include "sim/protocol/group/scala_order.h"

namespace bsim::group {
namespace {

// Java counts UTF-16 units.
std::size_t java_length(std::string_view text) {
    std::size_t units = 0;
    for (const char c : text) {
        const auto byte = static_cast<std::uint8_t>(c);
        if ((byte & 0xc0U) != 0x80)
            units += byte >= 0xf0 ? 2 : 1;
    }
    return units;
}

using Offsets = std::vector<std::pair<TopicPartition, OffsetAndMetadata>>;

// A later entry for the same partition replaces the earlier one. The order is that of Kafka's maps:
// the order of the records, and of the answer.
Offsets asked_offsets(const wire::OffsetCommitRequest& body, WallMs now) {
    Offsets asked;
    std::map<TopicPartition, std::size_t> seen;
    for (const auto& topic : body.topics) {
        for (const auto& partition : topic.partitions) {
            const TopicPartition tp{topic.name, PartitionIndex(partition.partition_index)};
            OffsetAndMetadata value;
            value.offset = Offset(partition.committed_offset);
            if (partition.committed_leader_epoch != -1)
                value.leader_epoch = LeaderEpoch(partition.committed_leader_epoch);
            value.metadata = partition.committed_metadata.value_or("");
            value.committed_at =
                partition.commit_timestamp == -1 ? now : WallMs(partition.commit_timestamp);
            if (body.retention_time_ms != -1)
                value.expires_at = WallMs(now.value() + body.retention_time_ms);
            const auto [at, added] = seen.try_emplace(tp, asked.size());
            if (added) {
                asked.emplace_back(tp, value);
            } else {
                asked[at->second].second = value;
            }
        }
    }
    const auto ordered = [](const Offsets& from, const std::vector<std::size_t>& order) {
        Offsets out;
        for (const std::size_t i : order)
            out.push_back(from[i]);
        return out;
    };
    const auto hashes = [](const Offsets& of) {
        std::vector<std::uint32_t> out;
        for (const auto& [tp, value] : of)
            out.push_back(unnamed_topic_id_partition_hash(tp));
        return out;
    };
    asked = ordered(asked, scala_hash_order(hashes(asked)));
    return ordered(asked, scala_immutable_order(hashes(asked)));
}

// What the log answers is not what a client of a group expects.
wire::ErrorCode commit_error(wire::ErrorCode error) {
    using Error = wire::ErrorCode;
    switch (error) {
        case Error::NetworkException:
            return Error::CoordinatorLoadInProgress;
        case Error::UnknownTopicOrPartition:
        case Error::NotEnoughReplicas:
        case Error::NotEnoughReplicasAfterAppend:
            return Error::CoordinatorNotAvailable;
        case Error::NotLeaderOrFollower:
        case Error::KafkaStorageError:
            return Error::NotCoordinator;
        case Error::MessageTooLarge:
        case Error::RecordListTooLarge:
        case Error::InvalidFetchSize:
            return Error::InvalidCommitOffsetSize;
        default:
            return error;
    }
}

}  // namespace

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::OffsetCommitRequest& body) {
    Commit commit{in.caller, body.member_id, GenerationId(body.generation_id_or_member_epoch),
                  asked_offsets(body, turn.at.wall)};
    if (const auto error = admit(body.group_id, Naming::MayBeEmpty))
        return answer_commit(turn, commit, *error);
    const bool fenced = config_.fence_commits;
    GroupMetadata* group = known(body.group_id);
    if (group == nullptr) {
        if (body.generation_id_or_member_epoch >= 0 && fenced)
            return answer_commit(turn, commit, Error::IllegalGeneration);
        group = &find_or_create(turn, body.group_id);
    }
    if (const auto error = fenced ? validate_commit(*group, body) : std::nullopt)
        return answer_commit(turn, commit, *error);
    if (group->is(GroupState::CompletingRebalance) && fenced)
        return answer_commit(turn, commit, Error::RebalanceInProgress);
    if (!group->is(GroupState::Empty) && group->has(body.member_id))
        expect_heartbeat(turn, *group, group->get(body.member_id));
    store_offsets(turn, *group, std::move(commit));
}

GroupCoordinator::OptionalError GroupCoordinator::validate_commit(
    const GroupMetadata& group, const wire::OffsetCommitRequest& body) const {
    const std::int32_t generation = body.generation_id_or_member_epoch;
    // From outside of the group's membership: allowed while nobody is in it.
    if (generation < 0 && group.is(GroupState::Empty))
        return std::nullopt;
    if (generation >= 0 || !body.member_id.empty() || body.group_instance_id) {
        if (const auto error = validate_member(group, body.member_id, body.group_instance_id))
            return error;
        if (generation != group.generation)
            return Error::IllegalGeneration;
        return std::nullopt;
    }
    if (!group.is(GroupState::Empty))
        return Error::UnknownMemberId;
    return std::nullopt;
}

bool GroupCoordinator::metadata_fits(const OffsetAndMetadata& value) const {
    return java_length(value.metadata) <= static_cast<std::size_t>(config_.metadata_max_bytes);
}

void GroupCoordinator::store_offsets(const Turn& turn, GroupMetadata& group, Commit commit) {
    std::vector<KeyValue> records;
    for (const auto& [tp, value] : commit.offsets) {
        if (!metadata_fits(value))
            continue;
        records.push_back({encode_offset_key({group.id(), tp}), encode_offset_value(value)});
        group.offsets.prepare(tp, value);
    }
    if (records.empty())
        return answer_commit(turn, commit, Error::OffsetMetadataTooLarge);
    commit.accepted = turn.at.now;
    const AppendToken token(next_append_++);
    appends_.emplace(token, PendingAppend{group.id(), group.serial(), std::move(commit)});
    Append append{token, partition_of(group.id()), build_commit_batch(records, turn.at.wall),
                  config_.commit_required_acks, config_.commit_timeout_ms};
    if (!config_.commits_wait_for_isr)
        append.acks = 1;
    turn.add(std::move(append));
}

// `group` is null if the one that was committed to is here no longer.
void GroupCoordinator::offsets_stored(const Turn& turn,
                                      GroupMetadata* group,
                                      const Commit& commit,
                                      const AppendFinished& in) {
    if (group != nullptr) {
        for (const auto& [tp, value] : commit.offsets) {
            if (!metadata_fits(value))
                continue;
            if (in.error != Error::None) {
                group->offsets.fail(tp, value);
            } else if (group->offsets.complete(tp, {in.base_offset, value})) {
                turn.add(OffsetInForce{group->id(), tp, value.offset, commit.generation,
                                       commit.member, turn.at.now - commit.accepted});
            }
        }
    }
    answer_commit(turn, commit, commit_error(in.error), true);
}

// Once the others were given to the log, an offset whose metadata is too large has that error,
// whatever became of them.
void GroupCoordinator::answer_commit(const Turn& turn,
                                     const Commit& commit,
                                     Error error,
                                     bool append_tried) const {
    wire::OffsetCommitResponse response;
    std::map<std::string, std::size_t> topics;
    for (const auto& [tp, value] : commit.offsets) {
        const auto [at, added] = topics.try_emplace(tp.topic, response.topics.size());
        if (added)
            response.topics.emplace_back().name = tp.topic;
        auto& out = response.topics[at->second].partitions.emplace_back();
        out.partition_index = tp.partition.value();
        out.error_code =
            number(append_tried && !metadata_fits(value) ? Error::OffsetMetadataTooLarge : error);
    }
    turn.add(Reply{commit.caller.token, std::move(response)});
}

}  // namespace bsim::group
