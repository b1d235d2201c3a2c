// OffsetFetch: where a group stands. Answered whatever the group's state, since a group may use
// Kafka for its offsets alone.

#include <map>

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {
namespace {

// From here on a request names several groups; before, one, and up to the second version its error
// could only stand with each partition.
constexpr std::int16_t kBatched = 8;
constexpr std::int16_t kTopLevelError = 2;

using Topics = std::vector<wire::OffsetFetchResponse::OffsetFetchResponseTopics>;
using Partition = wire::OffsetFetchResponse::OffsetFetchResponsePartitions;

Partition answer_for(const GroupMetadata* group, const TopicPartition& tp, bool require_stable) {
    Partition out;
    out.partition_index = tp.partition.value();
    out.committed_offset = -1;
    if (group == nullptr)
        return out;
    if (require_stable && group->offsets.has_pending(tp)) {
        out.error_code = number(wire::ErrorCode::UnstableOffsetCommit);
        return out;
    }
    const OffsetAndMetadata* found = group->offsets.find(tp);
    if (found == nullptr)
        return out;
    out.committed_offset = found->offset.value();
    out.committed_leader_epoch = found->leader_epoch.value_or(LeaderEpoch(-1)).value();
    out.metadata = found->metadata;
    return out;
}

// DEVIATION: Partitions stand in the order asked for, or sorted; Kafka has them in the order of a
// Scala map.
Topics all_offsets(const GroupMetadata* group, bool require_stable) {
    Topics topics;
    if (group == nullptr)
        return topics;
    for (const auto& [tp, committed] : group->offsets.committed()) {
        if (topics.empty() || topics.back().name != tp.topic)
            topics.emplace_back().name = tp.topic;
        topics.back().partitions.push_back(answer_for(group, tp, require_stable));
    }
    return topics;
}

template <class Wanted>
Topics some_offsets(const GroupMetadata* group, const Wanted& wanted, bool require_stable) {
    Topics topics;
    std::map<std::string, std::size_t> known;
    for (const auto& topic : wanted) {
        for (const std::int32_t index : topic.partition_indexes) {
            const auto [at, added] = known.try_emplace(topic.name, topics.size());
            if (added)
                topics.emplace_back().name = topic.name;
            const TopicPartition tp{topic.name, PartitionIndex(index)};
            topics[at->second].partitions.push_back(answer_for(group, tp, require_stable));
        }
    }
    return topics;
}

template <class Wanted>
Topics offsets_of(const GroupMetadata* group,
                  const std::optional<Wanted>& wanted,
                  bool require_stable) {
    return wanted ? some_offsets(group, *wanted, require_stable)
                  : all_offsets(group, require_stable);
}

void set_single(wire::OffsetFetchResponse& response, const Topics& topics) {
    for (const auto& topic : topics) {
        auto& out = response.topics.emplace_back();
        out.name = topic.name;
        for (const auto& p : topic.partitions) {
            auto& to = out.partitions.emplace_back();
            to.partition_index = p.partition_index;
            to.committed_offset = p.committed_offset;
            to.committed_leader_epoch = p.committed_leader_epoch;
            to.metadata = p.metadata;
            to.error_code = p.error_code;
        }
    }
}

void set_all_failed(wire::OffsetFetchResponse& response,
                    const wire::OffsetFetchRequest& request,
                    wire::ErrorCode error) {
    if (!request.topics)
        return;
    for (const auto& topic : *request.topics) {
        auto& out = response.topics.emplace_back();
        out.name = topic.name;
        for (const std::int32_t index : topic.partition_indexes) {
            auto& to = out.partitions.emplace_back();
            to.partition_index = index;
            to.committed_offset = -1;
            to.error_code = number(error);
        }
    }
}

}  // namespace

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::OffsetFetchRequest& body) {
    wire::OffsetFetchResponse response;
    const bool stable = body.require_stable;
    if (in.caller.version >= kBatched) {
        for (const auto& asked : body.groups) {
            auto& out = response.groups.emplace_back();
            out.group_id = asked.group_id;
            if (const auto error = admit(asked.group_id, Naming::MayBeEmpty)) {
                out.error_code = number(*error);
            } else {
                out.topics = offsets_of(known(asked.group_id), asked.topics, stable);
            }
        }
    } else if (const auto error = admit(body.group_id, Naming::MayBeEmpty)) {
        response.error_code = number(*error);
        if (in.caller.version < kTopLevelError)
            set_all_failed(response, body, *error);
    } else {
        set_single(response, offsets_of(known(body.group_id), body.topics, stable));
    }
    turn.add(Reply{in.caller.token, std::move(response)});
}

}  // namespace bsim::group
