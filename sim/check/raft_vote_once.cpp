#include "sim/check/raft_vote_once.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

namespace {

std::int32_t wipes_of(const NodeName& node, const ClusterView& view) {
    const auto found = view.nodes().find(node);
    return found == view.nodes().end() ? 0 : found->second.wipes;
}

// The log, if all up to its end is known and there is something in it.
const ReplicaLog* known_log(BrokerId node, const ClusterView& view) {
    const PartitionView* const metadata = view.partition(ClusterView::metadata_partition());
    const ReplicaView* const replica = metadata == nullptr ? nullptr : metadata->replica(node);
    if (replica == nullptr || replica->log.batches().empty())
        return nullptr;
    return replica->log.batches().back().last + 1 == replica->log.end() ? &replica->log : nullptr;
}

}  // namespace

void RaftVoteOnce::on(const Event& event, const ClusterView& view) {
    if (const auto* role = as<RaftRole>(event)) {
        on_role(event, *role, view);
    } else if (const auto* vote = as<RaftVote>(event)) {
        if (vote->granted && !vote->pre)
            on_vote(event, *vote, view);
    }
}

void RaftVoteOnce::on_role(const Event& event, const RaftRole& e, const ClusterView& view) {
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    evaluated();
    Node& node = nodes_[*id];
    const std::int32_t wipes = wipes_of(event.n, view);
    if (e.epoch < node.epoch) {
        judge(event.i, event.t,
              fmt::format("the epoch of {} falls from {} to {}", event.n.text(), node.epoch.value(),
                          e.epoch.value()),
              wipes > node.wipes ? "its disk was replaced" : "");
    }
    node.epoch = e.epoch;
    node.wipes = wipes;
    if (e.role == RaftRoleName::Candidate) {
        casts(event, e.epoch, *id, view);
        node.stood = e.epoch;
        node.standing.reset();
        if (const ReplicaLog* const log = known_log(*id, view)) {
            const LeaderEpoch written = log->batches().back().epoch;
            node.standing = Standing{std::max(written, node.led.value_or(written)), log->end()};
        }
    } else if (e.role == RaftRoleName::Leader) {
        node.led = e.epoch;
        casts(event, e.epoch, *id, view);
        counts(event, e.epoch);
    }
}

void RaftVoteOnce::on_vote(const Event& event, const RaftVote& e, const ClusterView& view) {
    const auto id = event.n.kafka_id();
    if (!id)
        return;
    const Node& node = nodes_[*id];
    if (e.epoch < node.epoch) {
        violated(event.i, event.t,
                 fmt::format("{} votes for {} in epoch {}, but it is in epoch {}", event.n.text(),
                             e.candidate.value(), e.epoch.value(), node.epoch.value()));
    }
    casts(event, e.epoch, e.candidate, view);
    compares(event, e, view);
}

void RaftVoteOnce::casts(const Event& event,
                         LeaderEpoch epoch,
                         BrokerId candidate,
                         const ClusterView& view) {
    evaluated();
    const std::int32_t wipes = wipes_of(event.n, view);
    const auto [cast, fresh] =
        ballots_[epoch].try_emplace(*event.n.kafka_id(), Ballot{candidate, wipes});
    if (fresh || cast->second.candidate == candidate)
        return;
    std::string allowed;
    if (wipes > cast->second.wipes) {
        allowed = "its disk was replaced";
    } else if (!settings_.persist_vote) {
        allowed = "persist_vote is off";
    }
    judge(event.i, event.t,
          fmt::format("{} votes for {} in epoch {}, after it had voted for {}", event.n.text(),
                      candidate.value(), epoch.value(), cast->second.candidate.value()),
          allowed);
    cast->second = {candidate, wipes};
}

void RaftVoteOnce::counts(const Event& event, LeaderEpoch epoch) {
    const auto& voters = settings_.voters;
    if (voters.empty())
        return;
    evaluated();
    const BrokerId leader = *event.n.kafka_id();
    const auto& ballots = ballots_[epoch];
    const auto votes = std::count_if(voters.begin(), voters.end(), [&](BrokerId voter) {
        const auto cast = ballots.find(voter);
        return cast != ballots.end() && cast->second.candidate == leader;
    });
    if (2 * votes > std::ssize(voters))
        return;
    violated(event.i, event.t,
             fmt::format("{} leads in epoch {} with {} votes of {} voters", event.n.text(),
                         epoch.value(), votes, voters.size()));
}

void RaftVoteOnce::compares(const Event& event, const RaftVote& e, const ClusterView& view) {
    const auto candidate = nodes_.find(e.candidate);
    const ReplicaLog* const own = known_log(*event.n.kafka_id(), view);
    if (own == nullptr || candidate == nodes_.end() || candidate->second.stood != e.epoch ||
        !candidate->second.standing) {
        return;
    }
    evaluated();
    const Standing mine{own->batches().back().epoch, own->end()};
    const Standing its = *candidate->second.standing;
    if (its >= mine)
        return;
    violated(event.i, event.t,
             fmt::format("{} votes for {}, whose log ends at {} in epoch {}, its own at {} in "
                         "epoch {}",
                         event.n.text(), e.candidate.value(), its.end.value(), its.epoch.value(),
                         mine.end.value(), mine.epoch.value()));
}

}  // namespace bsim
