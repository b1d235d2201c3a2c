#include "sim/check/raft_roles.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/check/punctual.h"

namespace bsim {

namespace {

constexpr SimDuration kLookEvery = seconds(1);

std::string_view text_of(RaftRoleName role) {
    return EnumNames<RaftRoleName>::kNames[static_cast<std::size_t>(role)];
}

bool is_unattached(RaftRoleName role) {
    return role == RaftRoleName::Unattached || role == RaftRoleName::Voted;
}

bool is_follower(RaftRoleName role) {
    return role == RaftRoleName::Follower || role == RaftRoleName::Observer;
}

// Within one life, in the same epoch or the next one as the table in the header says.
bool is_legal(const RaftRole& from, const RaftRole& to) {
    const bool later = to.epoch > from.epoch;
    const bool same = to.epoch == from.epoch;
    switch (to.role) {
        case RaftRoleName::Unattached:
        case RaftRoleName::Voted:
            return later ||
                   (same && (is_unattached(from.role) || from.role == RaftRoleName::Prospective));
        case RaftRoleName::Follower:
        case RaftRoleName::Observer:
            return later ||
                   (same && (is_unattached(from.role) || from.role == RaftRoleName::Candidate ||
                             from.role == RaftRoleName::Prospective));
        case RaftRoleName::Prospective:
            return same && from.role != RaftRoleName::Leader && from.role != RaftRoleName::Resigned;
        case RaftRoleName::Candidate:
            return to.epoch.value() == from.epoch.value() + 1 && from.role != RaftRoleName::Leader;
        case RaftRoleName::Leader:
            return same && from.role == RaftRoleName::Candidate;
        case RaftRoleName::Resigned:
            return same && from.role == RaftRoleName::Leader;
    }
    return false;
}

}  // namespace

void RaftRoles::on(const Event& event, const ClusterView& view) {
    if (event.t >= next_look_) {
        look_for_leftovers(event, view);
        next_look_ = event.t + kLookEvery;
    }
    if (const auto* appended = as<LogAppended>(event)) {
        if (appended->p.topic == "__cluster_metadata")
            on_append(event, *appended);
    } else if (const auto* role = as<RaftRole>(event)) {
        on_role(event, *role);
    } else if (const auto* vote = as<RaftVote>(event)) {
        if (vote->granted && !vote->pre)
            on_vote(event, *vote);
    } else if (const auto* hw = as<RaftHw>(event)) {
        if (const auto id = event.n.kafka_id())
            nodes_[*id].committed_in = hw->epoch;
    } else if (const auto* active = as<ControllerElected>(event)) {
        on_active(event, *active);
    } else if (as<NodeStarted>(event) != nullptr) {
        on_started(event, view);
    }
}

void RaftRoles::on_started(const Event& event, const ClusterView& view) {
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    Node& node = nodes_[*id];
    node.now.reset();
    node.superseded.reset();
    // On an empty disk it knows of no epoch that it led.
    const auto found = view.nodes().find(event.n);
    if (found == view.nodes().end() || found->second.wipes == node.wipes)
        return;
    node.wipes = found->second.wipes;
    node.led.reset();
}

void RaftRoles::on_role(const Event& event, const RaftRole& e) {
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    evaluated();
    Node& node = nodes_[*id];
    std::string wrong = wrong_itself(*id, e);
    if (wrong.empty() && !node.now) {
        wrong = wrong_start(node, e);
    } else if (wrong.empty() && !is_legal(*node.now, e)) {
        wrong =
            fmt::format("it was {} in epoch {}", text_of(node.now->role), node.now->epoch.value());
    }
    if (!wrong.empty()) {
        violated(event.i, event.t,
                 fmt::format("{} becomes {} in epoch {}, but {}", event.n.text(), text_of(e.role),
                             e.epoch.value(), wrong));
    }
    node.now = e;
    node.superseded.reset();
    if (e.role != RaftRoleName::Leader)
        return;
    node.led = e.epoch;
    for (auto& [other, state] : nodes_) {
        if (state.now && state.now->role == RaftRoleName::Leader && state.now->epoch < e.epoch &&
            !state.superseded)
            state.superseded = event.t;
    }
}

void RaftRoles::look_for_leftovers(const Event& event, const ClusterView& view) {
    const SimDuration bound = settings_.quorum_fetch_timeout * 3 / 2 + kRaftResignSlack;
    std::optional<std::set<std::string>> slowed;
    for (auto& [id, node] : nodes_) {
        if (!node.superseded)
            continue;
        if (!slowed)
            slowed = slowed_by_faults(view);
        if (!is_punctual(NodeName::controller(id), *slowed, view) ||
            !is_punctual(NodeName::broker(id), *slowed, view)) {
            node.superseded = event.t;
            continue;
        }
        evaluated();
        if (*node.superseded + bound > event.t)
            continue;
        judge(event.i, event.t,
              fmt::format("node {} still leads in epoch {}, although another leads in a later one "
                          "for more than {} ms",
                          id.value(), node.now->epoch.value(), bound.ms()),
              settings_.leader_resign_on_no_fetch ? "" : "leader_resign_on_no_fetch is off");
        node.superseded.reset();
    }
}

std::string RaftRoles::wrong_start(const Node& node, const RaftRole& e) const {
    if (e.role == RaftRoleName::Leader || e.role == RaftRoleName::Prospective)
        return "it has just started";
    if (e.role == RaftRoleName::Candidate && node.led >= e.epoch)
        return "it led that epoch before it started";
    return "";
}

std::string RaftRoles::wrong_itself(BrokerId id, const RaftRole& e) const {
    if (is_follower(e.role) && (!e.leader || *e.leader == id))
        return e.leader ? "it names itself as leader" : "it names no leader";
    if (is_unattached(e.role) && e.leader)
        return fmt::format("it knows that {} leads", e.leader->value());
    if (e.role == RaftRoleName::Leader && e.leader != id)
        return "it names another leader";
    const auto& voters = settings_.voters;
    if (voters.empty() || is_unattached(e.role))
        return "";
    const bool votes = std::find(voters.begin(), voters.end(), id) != voters.end();
    if (votes == (e.role != RaftRoleName::Observer))
        return "";
    return votes ? "it is a voter" : "it is no voter";
}

void RaftRoles::on_vote(const Event& event, const RaftVote& e) {
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    const auto& now = nodes_[*id].now;
    if (!now || now->epoch != e.epoch)
        return;
    evaluated();
    if (is_unattached(now->role) || now->role == RaftRoleName::Prospective)
        return;
    violated(event.i, event.t,
             fmt::format("{} votes for {} in epoch {}, in which it is {}", event.n.text(),
                         e.candidate.value(), e.epoch.value(), text_of(now->role)));
}

void RaftRoles::on_append(const Event& event, const LogAppended& e) {
    const auto id = event.n.kafka_id();
    const auto node = id ? nodes_.find(*id) : nodes_.end();
    if (node == nodes_.end() || !node->second.now)
        return;
    evaluated();
    const RaftRole& now = *node->second.now;
    const bool legal = now.role == RaftRoleName::Leader
                           ? e.epoch == now.epoch
                           : is_follower(now.role) && e.epoch <= now.epoch;
    if (legal)
        return;
    violated(
        event.i, event.t,
        fmt::format("{}, {} in epoch {}, appends a batch of epoch {} at offset {}", event.n.text(),
                    text_of(now.role), now.epoch.value(), e.epoch.value(), e.base.value()));
}

void RaftRoles::on_active(const Event& event, const ControllerElected& e) {
    const auto id = event.n.kafka_id();
    const auto node = id ? nodes_.find(*id) : nodes_.end();
    if (node == nodes_.end())
        return;
    evaluated();
    if (node->second.led < e.epoch) {
        violated(event.i, event.t,
                 fmt::format("{} is active controller of epoch {}, which it does not lead",
                             event.n.text(), e.epoch.value()));
    } else if (node->second.committed_in < e.epoch) {
        violated(event.i, event.t,
                 fmt::format("{} is active controller of epoch {}, in which it has committed "
                             "nothing",
                             event.n.text(), e.epoch.value()));
    }
}

}  // namespace bsim
