// What administrators remove: offsets (OffsetDelete), and groups with all theirs (DeleteGroups).

#include <map>
#include <set>

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::DeleteGroupsRequest& body) {
    wire::DeleteGroupsResponse response;
    std::set<std::string> seen;
    for (const std::string& id : body.groups_names) {
        if (!seen.insert(id).second)
            continue;
        auto& out = response.results.emplace_back();
        out.group_id = id;
        out.error_code = number(delete_group(turn, id));
    }
    turn.add(Reply{in.caller.token, std::move(response)});
}

wire::ErrorCode GroupCoordinator::delete_group(const Turn& turn, const std::string& id) {
    if (const auto error = admit(id, Naming::MayBeEmpty))
        return *error;
    GroupMetadata* group = known(id);
    if (group == nullptr)
        return Error::GroupIdNotFound;
    if (!group->is(GroupState::Empty))
        return Error::NonEmptyGroup;
    // Dead at once: a first commit that is under way does not keep the group.
    transition(turn, *group, GroupState::Dead);
    clean_up(turn, *group, group->offsets.remove_all(), OffsetEnd::Deleted);
    return Error::None;
}

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::OffsetDeleteRequest& body) {
    wire::OffsetDeleteResponse response;
    const auto refuse = [&](Error error) {
        response.error_code = number(error);
        turn.add(Reply{in.caller.token, response});
    };
    if (const auto error = admit(body.group_id, Naming::Required))
        return refuse(*error);
    GroupMetadata* group = known(body.group_id);
    if (group == nullptr)
        return refuse(Error::GroupIdNotFound);
    const bool empty = group->is(GroupState::Empty);
    if (!empty && !group->is_consumer_group())
        return refuse(Error::NonEmptyGroup);
    std::vector<TopicPartition> eligible;
    for (const auto& topic : body.topics) {
        auto& out = response.topics.emplace_back();
        out.name = topic.name;
        const bool in_use = !empty && group->is_subscribed(topic.name);
        for (const auto& partition : topic.partitions) {
            auto& answer = out.partitions.emplace_back();
            answer.partition_index = partition.partition_index;
            answer.error_code = number(in_use ? Error::GroupSubscribedToTopic : Error::None);
            if (!in_use)
                eligible.push_back({topic.name, PartitionIndex(partition.partition_index)});
        }
    }
    if (!eligible.empty())
        clean_up(turn, *group, group->offsets.remove(eligible), OffsetEnd::Deleted);
    turn.add(Reply{in.caller.token, std::move(response)});
}

}  // namespace bsim::group
