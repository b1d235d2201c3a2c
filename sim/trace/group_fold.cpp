#include "sim/trace/group_fold.h"

#include <algorithm>
#include <limits>

#include "sim/base/java_order.h"

namespace bsim {

namespace {

// Utils.abs: the lowest integer has no positive counterpart.
std::int32_t positive(std::uint32_t hash) {
    const auto value = static_cast<std::int32_t>(hash);
    if (value == std::numeric_limits<std::int32_t>::min())
        return 0;
    return value < 0 ? -value : value;
}

}  // namespace

std::string GroupSnapshot::client_of(const std::string& member) const {
    for (const GroupMembers* known : {&members, &written}) {
        const auto found = known->find(member);
        if (found != known->end())
            return found->second.client;
    }
    return "";
}

void GroupFold::on(const Event& event) {
    std::visit([&](const auto& body) { apply(event, body); }, event.body);
}

const GroupSnapshot* GroupFold::group(const std::string& id) const {
    const auto found = groups_.find(id);
    return found == groups_.end() ? nullptr : &found->second;
}

std::optional<TopicPartition> GroupFold::partition_of(const std::string& id) const {
    if (partitions_ <= 0)
        return std::nullopt;
    return TopicPartition{std::string(kOffsetsTopic),
                          PartitionIndex(positive(java_hash(id)) % partitions_)};
}

bool GroupFold::coordinates(const NodeName& node, const std::string& id) const {
    const auto p = partition_of(id);
    const auto leader = p ? leaders_.find(p->partition) : leaders_.end();
    return leader == leaders_.end() || leader->second.node == node;
}

GroupSnapshot* GroupFold::kept_by(const Event& event, const std::string& id) {
    if (!coordinates(event.n, id))
        return nullptr;
    GroupSnapshot& group = groups_[id];
    if (group.coordinator == event.n)
        return &group;
    group.coordinator = event.n;
    group.state = GroupStateName::Empty;
    group.generation = GenerationId();
    group.members.clear();
    return &group;
}

void GroupFold::apply(const Event&, const TopicCreated& e) {
    if (e.topic != kOffsetsTopic)
        return;
    partitions_ = e.partitions;
    leaders_.clear();
}

void GroupFold::apply(const Event& event, const BecameLeader& e) {
    if (e.p.topic != kOffsetsTopic)
        return;
    const auto [leader, first] = leaders_.try_emplace(e.p.partition, Leader{event.n, e.epoch});
    if (!first && e.epoch >= leader->second.epoch)
        leader->second = {event.n, e.epoch};
}

void GroupFold::apply(const Event& event, const NodeStopped&) {
    if (!event.n.kafka_id())
        return;
    for (auto& [id, group] : groups_) {
        if (group.coordinator == event.n)
            group.coordinator.reset();
    }
}

void GroupFold::apply(const Event& event, const GroupState& e) {
    GroupSnapshot* const group = kept_by(event, e.group);
    if (group == nullptr)
        return;
    if (e.to == GroupStateName::Dead) {
        groups_.erase(e.group);
        return;
    }
    group->state = e.to;
    group->generation = e.generation;
    if (e.to == GroupStateName::Empty)
        group->members.clear();
}

// What its predecessor was assigned is now the new member's, whatever its client.id.
void GroupFold::take_place(GroupSnapshot& group, const MemberJoined& e) {
    const auto former =
        std::find_if(group.written.begin(), group.written.end(),
                     [&](const auto& entry) { return entry.second.instance == e.instance; });
    if (former == group.written.end() || former->second.client == e.client)
        return;
    auto assigned = group.assignment.extract(former->second.client);
    if (!assigned)
        return;
    auto& mine = group.assignment[e.client];
    mine.insert(mine.end(), assigned.mapped().begin(), assigned.mapped().end());
}

void GroupFold::apply(const Event& event, const MemberJoined& e) {
    GroupSnapshot* const group = kept_by(event, e.group);
    if (group == nullptr)
        return;
    if (!e.instance.empty()) {
        if (group->state == GroupStateName::Stable)
            take_place(*group, e);
        std::erase_if(group->members,
                      [&](const auto& entry) { return entry.second.instance == e.instance; });
    }
    group->members[e.member] = {e.client, e.instance, event.i};
    // A static member that takes its predecessor's place in a stable group is written down.
    if (group->state == GroupStateName::Stable && !e.instance.empty())
        group->written = group->members;
}

void GroupFold::apply(const Event& event, const MemberLeft& e) {
    if (GroupSnapshot* const group = kept_by(event, e.group))
        group->members.erase(e.member);
}

void GroupFold::apply(const Event& event, const RebalanceStarted& e) {
    kept_by(event, e.group);
}

GroupSnapshot& GroupFold::told_of(const Event& event, const std::string& id) {
    const auto [group, first] = groups_.try_emplace(id);
    if (first && coordinates(event.n, id))
        group->second.coordinator = event.n;
    return group->second;
}

void GroupFold::apply(const Event& event, const RebalanceCompleted& e) {
    GroupSnapshot& group = told_of(event, e.group);
    group.assigned_generation = e.generation;
    group.assignment = e.assignment;
    group.protocol = e.protocol;
    group.written = group.members;
    ++group.rebalances;
}

void GroupFold::apply(const Event& event, const OffsetCommitted& e) {
    told_of(event, e.group).offsets[e.p] = e.offset;
}

void GroupFold::apply(const Event&, const OffsetRemoved& e) {
    const auto group = groups_.find(e.group);
    if (group != groups_.end())
        group->second.offsets.erase(e.p);
}

void GroupFold::apply(const Event& event, const GroupMoved& e) {
    GroupSnapshot& group = groups_[e.group];
    if (!e.loaded) {
        if (group.coordinator == event.n)
            group.coordinator.reset();
        return;
    }
    if (!coordinates(event.n, e.group))
        return;
    group.coordinator = event.n;
    group.state = e.state;
    group.generation = e.generation;
    if (e.state == GroupStateName::Empty) {
        group.members.clear();
    } else if (group.assigned_generation == e.generation) {
        group.members = group.written;
    }
}

}  // namespace bsim
