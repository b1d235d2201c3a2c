#include "sim/check/commit_fencing.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

namespace {

// Longer than a commit may wait for its replicas (offsets.commit.timeout.ms is 5 s).
constexpr SimDuration kRemembered = seconds(60);
constexpr std::size_t kGenerations = 4;

}  // namespace

void CommitFencing::on(const Event& event, const ClusterView& view) {
    if (const auto* state = as<GroupState>(event)) {
        note_state(event, state->group, view);
    } else if (const auto* moved = as<GroupMoved>(event)) {
        note_state(event, moved->group, view);
    } else if (const auto* left = as<MemberLeft>(event)) {
        if (view.groups().coordinates(event.n, left->group))
            groups_[left->group].departed[left->member] = {event.t, left->client};
    } else if (const auto* completed = as<RebalanceCompleted>(event)) {
        on_completed(*completed);
    } else if (const auto* committed = as<OffsetCommitted>(event)) {
        on_committed(event, *committed, view);
    }
}

void CommitFencing::note_state(const Event& event,
                               const std::string& group,
                               const ClusterView& view) {
    if (!view.groups().coordinates(event.n, group))
        return;
    auto& moments = groups_[group].moments;
    const GroupSnapshot* const told = view.groups().group(group);
    if (told == nullptr) {  // Dead
        groups_.erase(group);
        return;
    }
    moments.push_back({event.t, told->state, told->generation});
    while (moments.size() > 2 && moments[1].since < event.t - kRemembered)
        moments.pop_front();
    std::erase_if(groups_[group].departed, [&](const auto& entry) {
        return entry.second.at < event.t - kRemembered && !told->written.contains(entry.first);
    });
}

void CommitFencing::on_completed(const RebalanceCompleted& e) {
    auto& all = groups_[e.group].owners;
    // What the new generation gives to nobody stays where it was.
    Owners owners = all.empty() ? Owners() : all.back().second;
    for (const auto& [client, partitions] : e.assignment) {
        for (const TopicPartition& p : partitions)
            owners[p] = client;
    }
    std::erase_if(all, [&](const auto& entry) { return entry.first == e.generation; });
    all.emplace_back(e.generation, std::move(owners));
    while (all.size() > kGenerations)
        all.pop_front();
}

void CommitFencing::on_committed(const Event& event,
                                 const OffsetCommitted& e,
                                 const ClusterView& view) {
    const auto group = groups_.find(e.group);
    if (group == groups_.end() || group->second.moments.empty())
        return;
    const SimTime at = event.t - e.latency_ns;
    if (at < group->second.moments.front().since)
        return;
    evaluated();
    std::string wrong = wrong_generation(group->second, e, at);
    if (wrong.empty() && e.generation >= GenerationId())
        wrong = wrong_member(group->second, e, at, *view.groups().group(e.group));
    if (wrong.empty())
        return;
    violated(event.i, event.t,
             fmt::format("{}: {} accepts {} = {} {}", e.group, event.n.text(), e.p.to_string(),
                         e.offset.value(), wrong));
}

std::string CommitFencing::wrong_generation(const Group& group,
                                            const OffsetCommitted& e,
                                            SimTime at) {
    // At the very time of a change both sides of it count.
    const Moment* last = nullptr;
    for (std::size_t i = 0; i < group.moments.size(); ++i) {
        const Moment& moment = group.moments[i];
        const bool over = i + 1 < group.moments.size() && group.moments[i + 1].since < at;
        if (moment.since > at || over)
            continue;
        last = &moment;
        const bool fits = e.generation < GenerationId()
                              ? moment.state == GroupStateName::Empty
                              : moment.generation == e.generation &&
                                    moment.state != GroupStateName::CompletingRebalance;
        if (fits)
            return "";
    }
    if (last == nullptr)
        return "";
    const std::string_view state =
        EnumNames<GroupStateName>::kNames[static_cast<std::size_t>(last->state)];
    if (e.generation < GenerationId())
        return fmt::format("from outside while the group is {}", state);
    return fmt::format("of generation {} from {} while the group is {} in generation {}",
                       e.generation.value(), e.member, state, last->generation.value());
}

std::string CommitFencing::wrong_member(const Group& group,
                                        const OffsetCommitted& e,
                                        SimTime at,
                                        const GroupSnapshot& told) {
    std::string client = told.client_of(e.member);
    if (!told.members.contains(e.member)) {
        const auto departed = group.departed.find(e.member);
        if (departed == group.departed.end() && !told.written.contains(e.member))
            return fmt::format("from {}, which is no member", e.member);
        if (departed != group.departed.end()) {
            if (departed->second.at < at)
                return fmt::format("from {}, which has left", e.member);
            client = departed->second.client;
        }
    }
    // A static member may have taken another's place since the generation was completed.
    const auto now = told.assignment.find(client);
    if (told.assigned_generation == e.generation && now != told.assignment.end() &&
        std::find(now->second.begin(), now->second.end(), e.p) != now->second.end())
        return "";
    const auto owners =
        std::find_if(group.owners.begin(), group.owners.end(),
                     [&](const auto& entry) { return entry.first == e.generation; });
    if (owners == group.owners.end())
        return "";
    const auto owner = owners->second.find(e.p);
    if (owner != owners->second.end() && owner->second == client)
        return "";
    return fmt::format("from {}, but generation {} gives it to {}", client, e.generation.value(),
                       owner == owners->second.end() ? "nobody" : owner->second);
}

}  // namespace bsim
