#include "sim/check/group_churn.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace bsim {

namespace {

// Within metadata.max.age.ms (5 min) a member hears of a new topic; then it has to join.
constexpr SimDuration kMetadataAge = seconds(330);

}  // namespace

std::size_t GroupChurn::take_judged() {
    return std::exchange(judged_, 0);
}

void GroupChurn::told_by(const Event& event, const std::string& name) {
    Group& group = groups_[name];
    if (group.coordinator && group.coordinator != event.n)
        group.cause = true;
    group.coordinator = event.n;
}

void GroupChurn::on(const Event& event, const ClusterView& view, const Explained& explained) {
    const auto heard = [&](const std::string& group) {
        if (!view.groups().coordinates(event.n, group))
            return false;
        told_by(event, group);
        return true;
    };
    if (as<NodeStarted>(event) != nullptr) {
        node_started_[event.n.text()] = event.i;
    } else if (as<NodeStopped>(event) != nullptr) {
        on_stopped(event.n);
    } else if (const auto* held = as<AssignmentChanged>(event)) {
        groups_[held->group].held[event.n] = {held->owned.begin(), held->owned.end()};
    } else if (const auto* created = as<TopicCreated>(event)) {
        if (created->topic != GroupFold::kOffsetsTopic)
            note_topics(event);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->reason == "created" && changed->p.topic != GroupFold::kOffsetsTopic)
            note_topics(event);
    } else if (as<TopicDeleted>(event) != nullptr) {
        note_topics(event);
    } else if (const auto* joined = as<MemberJoined>(event)) {
        if (heard(joined->group))
            on_joined(event, *joined, explained);
    } else if (const auto* left = as<MemberLeft>(event)) {
        if (heard(left->group))
            on_left(*left, explained);
    } else if (const auto* moved = as<GroupMoved>(event)) {
        groups_[moved->group].cause = true;
    } else if (const auto* started = as<RebalanceStarted>(event)) {
        if (heard(started->group) && !groups_[started->group].started)
            groups_[started->group].started = {event.i, event.t, started->why};
    } else if (const auto* state = as<GroupState>(event)) {
        if (heard(state->group) && state->to == GroupStateName::Empty) {
            Group& group = groups_[state->group];
            judge(state->group, group, view, explained);
            group.members.clear();
            group.since = event.i;
        }
    } else if (const auto* completed = as<RebalanceCompleted>(event)) {
        on_completed(event, *completed, view, explained);
    }
}

void GroupChurn::on_joined(const Event& event, const MemberJoined& e, const Explained& explained) {
    Group& group = groups_[e.group];
    const auto before = group.clients.find(e.client);
    const bool counted =
        std::any_of(group.members.begin(), group.members.end(),
                    [&](const auto& entry) { return entry.second.client == e.client; });
    // Several consumers may share a client.id; nodes do not.
    const bool is_node = node_started_.contains(e.client);
    if (counted && is_node && before != group.clients.end() &&
        node_started_[e.client] < before->second &&
        !explained(NodeName(e.client), before->second) && !explained(event.n, before->second)) {
        group.without_reason.push_back(fmt::format(
            "{} joins again, while it counts as a member, although nothing befell it", e.client));
    }
    const auto gone = group.gone.find(e.client);
    if (gone != group.gone.end()) {
        const EventNumber since = gone->second;
        group.gone.erase(gone);
        if (is_node && node_started_[e.client] < since && !explained(NodeName(e.client), since) &&
            !explained(event.n, since)) {
            group.without_reason.push_back(
                fmt::format("{} left and joins again, although nothing befell it", e.client));
        }
    }
    group.clients[e.client] = event.i;
    group.members[e.member] = {e.client, event.i};
    group.cause = true;
}

void GroupChurn::on_left(const MemberLeft& e, const Explained& explained) {
    Group& group = groups_[e.group];
    const auto member = group.members.find(e.member);
    const EventNumber joined =
        member == group.members.end() ? EventNumber() : member->second.joined;
    const bool silent = e.why != "leave" && e.why != "fenced" && e.why != "group_full";
    if (silent && !explained(NodeName(e.client), joined) &&
        !explained(*group.coordinator, joined)) {
        group.without_reason.push_back(
            fmt::format("{} is struck off ({}) although nothing befell it", e.client, e.why));
    }
    if (e.why == "leave" && joined > EventNumber())
        group.gone[e.client] = joined;
    if (member != group.members.end())
        group.members.erase(member);
    group.cause = true;
}

void GroupChurn::on_completed(const Event& event,
                              const RebalanceCompleted& e,
                              const ClusterView& view,
                              const Explained& explained) {
    Group& group = groups_[e.group];
    judge(e.group, group, view, explained);
    std::set<TopicPartition> assigned;
    for (const auto& [client, partitions] : e.assignment)
        assigned.insert(partitions.begin(), partitions.end());
    group.cause = leaves_some_out(group, assigned);
    group.assigned = std::move(assigned);
    group.since = event.i;
    if (!group.first)
        group.first = event.i;
}

bool GroupChurn::leaves_some_out(const Group& group, const std::set<TopicPartition>& assigned) {
    const auto has_all = [&](const std::set<TopicPartition>& some) {
        return std::includes(assigned.begin(), assigned.end(), some.begin(), some.end());
    };
    return !has_all(group.assigned) ||
           std::any_of(group.held.begin(), group.held.end(),
                       [&](const auto& entry) { return !has_all(entry.second); });
}

void GroupChurn::note_topics(const Event& event) {
    topics_changed_ = event.i;
    topics_changed_at_ = event.t;
}

// Members hear of new partitions one after another, and each may ask for a rebalance.
bool GroupChurn::topics_explain(const Group& group, const Started& started) const {
    return group.first && topics_changed_ > *group.first &&
           started.t - topics_changed_at_ <= kMetadataAge;
}

void GroupChurn::on_stopped(const NodeName& node) {
    for (auto& [name, group] : groups_)
        group.held.erase(node);
}

void GroupChurn::judge(const std::string& name,
                       Group& group,
                       const ClusterView& view,
                       const Explained& explained) {
    if (!group.started)
        return;
    ++judged_;
    const Started started = *std::exchange(group.started, std::nullopt);
    for (const std::string& what : std::exchange(group.without_reason, {}))
        complaints_.push_back({started.i, started.t, fmt::format("{}: {}", name, what)});
    const bool caused = std::exchange(group.cause, false);
    if (caused || topics_explain(group, started))
        return;
    const auto befell = [&](const NodeName& node) { return explained(node, group.since); };
    if (group.coordinator && befell(*group.coordinator))
        return;
    if (std::any_of(group.members.begin(), group.members.end(),
                    [&](const auto& entry) { return befell(NodeName(entry.second.client)); })) {
        return;
    }
    // The group's metadata may not have been replicated in time.
    for (const auto& [node, state] : view.nodes()) {
        if (node.kafka_id() && befell(node))
            return;
    }
    complaints_.push_back(
        {started.i, started.t,
         fmt::format("{}: a rebalance ({}) without a reason", name, started.why)});
}

}  // namespace bsim
