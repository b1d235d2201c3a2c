// The ISR side of PartitionLeader: who leaves, who joins, and what the controller made of it.

#include <algorithm>

#include "sim/protocol/replication/partition_leader.h"

namespace bsim::replication {

using wire::ErrorCode;

namespace {

bool contains(const std::vector<BrokerId>& set, BrokerId id) {
    return std::find(set.begin(), set.end(), id) != set.end();
}

std::vector<BrokerId> without(const std::vector<BrokerId>& set,
                              const std::vector<BrokerId>& others) {
    std::vector<BrokerId> rest;
    for (const BrokerId id : set) {
        if (!contains(others, id))
            rest.push_back(id);
    }
    return rest;
}

bool same_members(const std::vector<IsrMember>& proposed, const std::vector<BrokerId>& isr) {
    return proposed.size() == isr.size() &&
           std::all_of(proposed.begin(), proposed.end(),
                       [&isr](const IsrMember& member) { return contains(isr, member.id); });
}

}  // namespace

void PartitionLeader::isr_check_due(const LeaderContext& ctx, LeaderEffects& out) {
    if (pending_)
        return;
    std::vector<BrokerId> kept;
    for (const BrokerId id : isr_) {
        const RemoteReplica* remote = follower(id);
        const bool in_sync =
            id == self_ ||
            (remote != nullptr && remote->caught_up(leo_, ctx.now, config_.replica_lag_time_max));
        if (in_sync)
            kept.push_back(id);
    }
    if (kept.size() < isr_.size())
        propose(ctx.cluster, kept, out);
}

bool PartitionLeader::eligible(const RemoteReplica& remote, const ClusterView& cluster) const {
    const auto status = cluster.broker(remote.id());
    if (!status)
        return false;
    if (!cluster.has_broker_epochs())
        return true;
    if (!remote.has_fetched() || status->fenced || status->in_controlled_shutdown)
        return false;
    // A fetch of an earlier life of that broker says nothing about the log that it has now.
    return !remote.broker_epoch() || *remote.broker_epoch() == status->epoch;
}

void PartitionLeader::maybe_expand(const LeaderContext& ctx,
                                   const RemoteReplica& remote,
                                   LeaderEffects& out) {
    if (pending_ || in_isr(remote.id()) || !eligible(remote, ctx.cluster))
        return;
    // Beyond the mark alone is not enough: between a new leader's mark and the start of its epoch
    // lie records that may be committed, and the newcomer must have them before it can be elected.
    if (remote.leo() < hw_ || remote.leo() < epoch_start_)
        return;
    // DEVIATION: with more than four members the order is still that of joining; Kafka's set of
    // that size would list them in hash order.
    std::vector<BrokerId> isr = isr_;
    isr.push_back(remote.id());
    newcomer_ = remote.id();
    propose(ctx.cluster, isr, out);
}

void PartitionLeader::propose(const ClusterView& cluster,
                              const std::vector<BrokerId>& isr,
                              LeaderEffects& out) {
    IsrProposal proposal{leader_epoch_, partition_epoch_, {}, recovering_};
    proposal.isr.reserve(isr.size());
    for (const BrokerId id : isr) {
        IsrMember member{id, std::nullopt};
        if (cluster.has_broker_epochs()) {
            const RemoteReplica* remote = follower(id);
            // A member that has not fetched from this leader goes without an epoch: should it have
            // died, the controller has moved the partition epoch and will refuse the proposal.
            if (id == self_) {
                member.epoch = cluster.own_epoch();
            } else if (remote != nullptr) {
                member.epoch = remote->broker_epoch();
            }
        }
        proposal.isr.push_back(member);
    }
    pending_ = std::move(proposal);
    out.push_back(ProposeIsr{*pending_});
}

void PartitionLeader::isr_answered(const LeaderContext& ctx,
                                   const IsrProposal& proposal,
                                   const IsrAnswer& answer,
                                   LeaderEffects& out) {
    // Metadata may have overtaken the answer; then it speaks of a change that is history.
    if (pending_ != proposal)
        return;
    if (const auto* accepted = std::get_if<IsrAccepted>(&answer)) {
        accept(ctx, *accepted, out);
    } else {
        reject(std::get<ErrorCode>(answer), out);
    }
}

void PartitionLeader::accept(const LeaderContext& ctx,
                             const IsrAccepted& accepted,
                             LeaderEffects& out) {
    if (accepted.leader_epoch != leader_epoch_ || accepted.partition_epoch < partition_epoch_) {
        return;
    }
    commit_isr(accepted.isr, out);
    recovering_ = accepted.recovering;
    partition_epoch_ = accepted.partition_epoch;
    if (maybe_advance_hw(ctx, out))
        wake_all(hw_, out);
}

void PartitionLeader::reject(ErrorCode error, LeaderEffects& out) {
    switch (error) {
        case ErrorCode::OperationNotAttempted:
        case ErrorCode::IneligibleReplica:
            // Only these two say for sure that no controller has applied or will apply it.
            pending_.reset();
            newcomer_.reset();
            return;
        case ErrorCode::UnknownTopicOrPartition:
        case ErrorCode::UnknownTopicId:
        case ErrorCode::FencedLeaderEpoch:
        case ErrorCode::InvalidUpdateVersion:
        case ErrorCode::InvalidRequest:
        case ErrorCode::NewLeaderElected:
            return;
        default:
            out.push_back(ProposeIsr{*pending_});
    }
}

void PartitionLeader::metadata_changed(const LeaderContext& ctx,
                                       const PartitionNews& news,
                                       LeaderEffects& out) {
    if (news.partition_epoch < partition_epoch_)
        return;
    set_assignment(news.replicas);
    // As in Kafka, news with the partition epoch that is known already (from the answer to
    // AlterPartition) drops what was proposed since, even if the controller has accepted it: until
    // the next news the maximal ISR may then be smaller than the controller's.
    if (pending_ && news.partition_epoch == partition_epoch_)
        out.push_back(ProposalDropped{*pending_});
    commit_isr(news.isr, out);
    recovering_ = false;
    if (news.leader_epoch > leader_epoch_)
        start_epoch(ctx, news, false, out);
    partition_epoch_ = news.partition_epoch;
    if (maybe_advance_hw(ctx, out))
        wake_all(hw_, out);
}

void PartitionLeader::commit_isr(const std::vector<BrokerId>& isr, LeaderEffects& out) {
    IsrCommitted committed{isr, without(isr, isr_), without(isr_, isr), false};
    committed.proposed = pending_ && same_members(pending_->isr, isr);
    isr_ = isr;
    pending_.reset();
    newcomer_.reset();
    if (!committed.added.empty() || !committed.removed.empty()) {
        out.push_back(std::move(committed));
    }
}

}  // namespace bsim::replication
