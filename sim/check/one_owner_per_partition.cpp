#include "sim/check/one_owner_per_partition.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/check/offsets_topic_loss.h"

namespace bsim {

void OneOwnerPerPartition::on(const Event& event, const ClusterView& view) {
    if (const auto* completed = as<RebalanceCompleted>(event)) {
        on_completed(event, *completed, view);
    } else if (const auto* changed = as<AssignmentChanged>(event)) {
        on_changed(event, *changed, view);
    } else if (const auto* joined = as<MemberJoined>(event)) {
        groups_[joined->group].joined.insert({joined->member, joined->client});
    } else if (as<NodeStopped>(event) != nullptr) {
        for (auto& [name, group] : groups_)
            group.claims.erase(event.n);
    }
}

void OneOwnerPerPartition::on_completed(const Event& event,
                                        const RebalanceCompleted& e,
                                        const ClusterView& view) {
    evaluated();
    groups_[e.group].completed = told_when(event, e.group, view);
    std::map<TopicPartition, std::string> owners;
    for (const auto& [client, partitions] : e.assignment) {
        for (const TopicPartition& p : partitions) {
            const auto [owner, first] = owners.try_emplace(p, client);
            if (first)
                continue;
            violated(event.i, event.t,
                     fmt::format("{}: generation {} gives {} to {} and to {}", e.group,
                                 e.generation.value(), p.to_string(), owner->second, client));
        }
    }
}

bool OneOwnerPerPartition::is_member(const Group& group,
                                     const NodeName& node,
                                     const Claim& claim,
                                     const GroupSnapshot* told) {
    const std::string& id = claim.member.empty() ? node.text() : claim.member;
    if (told == nullptr || !group.joined.contains(id))
        return true;  // nobody told who is
    if (!claim.member.empty())
        return told->members.contains(claim.member);
    return std::any_of(told->members.begin(), told->members.end(),
                       [&](const auto& entry) { return entry.second.client == id; });
}

void OneOwnerPerPartition::on_changed(const Event& event,
                                      const AssignmentChanged& e,
                                      const ClusterView& view) {
    Group& group = groups_[e.group];
    Claim& claim = group.claims[event.n];
    const std::set<TopicPartition> before = std::move(claim.owned);
    claim = {e.generation, e.member, {e.owned.begin(), e.owned.end()}, event.i};
    const GroupSnapshot* const told = view.groups().group(e.group);
    if (claim.owned.empty() || claim.generation < GenerationId() ||
        !is_member(group, event.n, claim, told))
        return;
    evaluated();
    for (const auto& [node, other] : group.claims) {
        if (node == event.n || other.generation != claim.generation ||
            !is_member(group, node, other, told))
            continue;
        for (const TopicPartition& p : claim.owned) {
            if (!other.owned.contains(p))
                continue;
            wrong(event, e.group,
                  {fmt::format("{}: {} holds {} in generation {}, and {} has not let go of it",
                               e.group, event.n.text(), p.to_string(), e.generation.value(),
                               node.text()),
                   std::min(other.at, group.completed)},
                  view);
        }
    }
    if (told != nullptr && told->assigned_generation == e.generation)
        within_assignment(event, e, *told, view);
    if (told != nullptr && told->assigned_generation == e.generation)
        gained_too_early(event, e, before, view);
}

// A member says in its JoinGroup what it holds, or has let go of all by then. So what it goes on
// holding, although it is a member of the generation, was given away under its hands.
void OneOwnerPerPartition::gained_too_early(const Event& event,
                                            const AssignmentChanged& e,
                                            const std::set<TopicPartition>& before,
                                            const ClusterView& view) {
    const Group& group = groups_[e.group];
    const GroupSnapshot& told = *view.groups().group(e.group);
    for (const auto& [node, other] : group.claims) {
        if (node == event.n || other.generation >= e.generation ||
            !takes_part(group, node, other, told))
            continue;
        for (const TopicPartition& p : e.owned) {
            if (before.contains(p) || !other.owned.contains(p))
                continue;
            wrong(
                event, e.group,
                {fmt::format("{}: {} gains {} in generation {}, of which {} is a member that holds "
                             "it since generation {}",
                             e.group, event.n.text(), p.to_string(), e.generation.value(),
                             node.text(), other.generation.value()),
                 std::min(other.at, group.completed)},
                view);
        }
    }
}

bool OneOwnerPerPartition::takes_part(const Group& group,
                                      const NodeName& node,
                                      const Claim& claim,
                                      const GroupSnapshot& told) {
    const auto member = told.written.find(claim.member);
    // A static member may be taken along without having joined.
    return member != told.written.end() && member->second.instance.empty() &&
           told.assignment.contains(member->second.client) && is_member(group, node, claim, &told);
}

void OneOwnerPerPartition::within_assignment(const Event& event,
                                             const AssignmentChanged& e,
                                             const GroupSnapshot& told,
                                             const ClusterView& view) {
    const std::string known = told.client_of(e.member);
    const auto given = told.assignment.find(known.empty() ? event.n.text() : known);
    if (given == told.assignment.end() && known.empty())
        return;  // under which client.id it goes is not known
    for (const TopicPartition& p : e.owned) {
        if (given != told.assignment.end() &&
            std::find(given->second.begin(), given->second.end(), p) != given->second.end())
            continue;
        wrong(event, e.group,
              {fmt::format("{}: {} holds {} in generation {}, which does not give it that", e.group,
                           event.n.text(), p.to_string(), e.generation.value()),
               groups_[e.group].completed},
              view);
    }
}

void OneOwnerPerPartition::wrong(const Event& event,
                                 const std::string& group,
                                 Wrong what,
                                 const ClusterView& view) {
    const std::string allowed =
        excused_by_loss(offsets_topic_loss(view, settings_, group), what.since);
    judge(event.i, event.t, std::move(what.how), allowed);
}

}  // namespace bsim
