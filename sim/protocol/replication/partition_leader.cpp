#include "sim/protocol/replication/partition_leader.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim::replication {

using wire::ErrorCode;

PartitionLeader::PartitionLeader(const LeaderContext& ctx, const Start& start, LeaderEffects& out)
    : self_(start.self),
      config_(start.config),
      leader_epoch_(start.news.leader_epoch),
      partition_epoch_(start.news.partition_epoch),
      log_start_(start.log_start),
      hw_(start.hw),
      leo_(start.leo),
      epoch_start_(start.leo),
      isr_(start.news.isr) {
    BSIM_CHECK(start.news.leader == self_);
    BSIM_CHECK(log_start_ <= hw_ && hw_ <= leo_);
    set_assignment(start.news.replicas);
    start_epoch(ctx, start.news, true, out);
    // The ISR may be this broker alone.
    if (maybe_advance_hw(ctx, out))
        wake_all(hw_, out);
}

void PartitionLeader::set_assignment(const std::vector<BrokerId>& replicas) {
    std::vector<RemoteReplica> next;
    next.reserve(replicas.size());
    for (const BrokerId id : replicas) {
        if (id == self_)
            continue;
        const RemoteReplica* known = find_remote(id);
        next.push_back(known != nullptr ? *known : RemoteReplica(id));
    }
    remotes_ = std::move(next);
}

void PartitionLeader::start_epoch(const LeaderContext& ctx,
                                  const PartitionNews& news,
                                  bool new_leader,
                                  LeaderEffects& out) {
    leader_epoch_ = news.leader_epoch;
    epoch_start_ = leo_;
    // Cached at once: a follower may hold records of an epoch later than any in this log, and must
    // learn where its own log goes astray even if nothing is ever appended in this epoch.
    out.push_back(StartEpoch{leader_epoch_, leo_});
    for (RemoteReplica& remote : remotes_) {
        remote.reset({ctx.now, leo_, new_leader, in_isr(remote.id())});
    }
}

void PartitionLeader::local_appended(const LeaderContext& ctx, Offset leo, LeaderEffects& out) {
    BSIM_CHECK(leo >= leo_);
    leo_ = leo;
    if (maybe_advance_hw(ctx, out)) {
        out.push_back(CompleteProduces{hw_});
        out.push_back(WakeFetches{});
        out.push_back(CompleteDeletes{});
    } else {
        out.push_back(WakeFetches{});
    }
}

void PartitionLeader::log_start_moved(const LeaderContext& ctx,
                                      Offset log_start,
                                      LeaderEffects& out) {
    const Offset before = low_watermark(ctx.cluster);
    log_start_ = log_start;
    if (low_watermark(ctx.cluster) > before)
        out.push_back(CompleteDeletes{});
}

ErrorCode PartitionLeader::follower_fetched(const LeaderContext& ctx,
                                            const FollowerFetched& fetch,
                                            LeaderEffects& out) {
    RemoteReplica* remote = find_remote(fetch.replica);
    BSIM_CHECK(remote != nullptr);
    if (ctx.cluster.has_broker_epochs() && fetch.broker_epoch) {
        const auto status = ctx.cluster.broker(fetch.replica);
        if (status && !status->fenced && status->epoch > *fetch.broker_epoch) {
            return ErrorCode::NotLeaderOrFollower;
        }
    }

    const std::optional<Offset> old_leo = remote->leo();
    const bool start_moves = remote->log_start() != fetch.log_start;
    const Offset old_low = start_moves ? low_watermark(ctx.cluster) : Offset();
    remote->fetched(ctx.now, fetch);

    maybe_expand(ctx, *remote, out);
    const bool hw_rose = old_leo != remote->leo() && maybe_advance_hw(ctx, out);
    const bool low_rose = start_moves && low_watermark(ctx.cluster) > old_low;
    if (hw_rose) {
        wake_all(hw_, out);
    } else if (low_rose) {
        out.push_back(CompleteDeletes{});
    }
    return ErrorCode::None;
}

bool PartitionLeader::maybe_advance_hw(const LeaderContext& ctx, LeaderEffects& out) {
    if (under_min_isr())
        return false;
    std::optional<Offset> lowest = leo_;
    for (const RemoteReplica& remote : remotes_) {
        // A follower that has not fetched yet compares below every offset: it holds the mark.
        if (remote.leo() >= lowest)
            continue;
        // A caught-up outsider counts too, else the mark could run ahead of it for ever and it
        // would never meet the condition for joining.
        const bool counts = in_maximal_isr(remote.id()) ||
                            (remote.caught_up(leo_, ctx.now, config_.replica_lag_time_max) &&
                             eligible(remote, ctx.cluster));
        if (counts)
            lowest = remote.leo();
    }
    if (!lowest || *lowest <= hw_)
        return false;
    hw_ = *lowest;
    out.push_back(AdvanceHw{hw_});
    return true;
}

void PartitionLeader::wake_all(Offset hw, LeaderEffects& out) {
    out.push_back(WakeFetches{});
    out.push_back(CompleteProduces{hw});
    out.push_back(CompleteDeletes{});
}

ErrorCode PartitionLeader::admit_produce(std::int16_t acks) const {
    if (acks < -1 || acks > 1)
        return ErrorCode::InvalidRequiredAcks;
    if (acks == -1 && under_min_isr())
        return ErrorCode::NotEnoughReplicas;
    return ErrorCode::None;
}

std::optional<ErrorCode> PartitionLeader::produce_status(Offset required) const {
    if (hw_ < required)
        return std::nullopt;
    return effective_min_isr() <= maximal_isr_size() ? ErrorCode::None
                                                     : ErrorCode::NotEnoughReplicasAfterAppend;
}

ErrorCode PartitionLeader::admit_follower(BrokerId replica,
                                          std::optional<LeaderEpoch> current) const {
    const ErrorCode error = check_leader_epoch(current, leader_epoch_);
    if (error != ErrorCode::None || follower(replica) != nullptr)
        return error;
    // With the right epoch it may be a replica that is just being added and that I have not heard
    // of; without an epoch nobody can say whose view is stale.
    return current ? ErrorCode::UnknownLeaderEpoch : ErrorCode::NotLeaderOrFollower;
}

FetchVerdict PartitionLeader::check_position(
    const FetchPosition& position, const std::optional<EpochEnd>& end_of_last_fetched) const {
    return check_fetch(position, {leader_epoch_, log_start_, leo_, end_of_last_fetched});
}

ErrorCode PartitionLeader::latest_offset_status() const {
    return epoch_start_ > hw_ ? ErrorCode::OffsetNotAvailable : ErrorCode::None;
}

Offset PartitionLeader::low_watermark(const ClusterView& cluster) const {
    std::optional<Offset> low = log_start_;
    for (const RemoteReplica& remote : remotes_) {
        if (remote.log_start() >= low)
            continue;
        const auto status = cluster.broker(remote.id());
        if (status && !status->fenced)
            low = remote.log_start();
    }
    // Kafka's "unknown" is -1; below every offset that a DeleteRecords can ask for.
    return low.value_or(Offset(-1));
}

const RemoteReplica* PartitionLeader::follower(BrokerId id) const {
    for (const RemoteReplica& remote : remotes_) {
        if (remote.id() == id)
            return &remote;
    }
    return nullptr;
}

RemoteReplica* PartitionLeader::find_remote(BrokerId id) {
    for (RemoteReplica& remote : remotes_) {
        if (remote.id() == id)
            return &remote;
    }
    return nullptr;
}

bool PartitionLeader::in_isr(BrokerId id) const {
    return std::find(isr_.begin(), isr_.end(), id) != isr_.end();
}

bool PartitionLeader::in_maximal_isr(BrokerId id) const {
    return newcomer_ == id || in_isr(id);
}

std::vector<BrokerId> PartitionLeader::maximal_isr() const {
    std::vector<BrokerId> maximal = isr_;
    if (newcomer_)
        maximal.push_back(*newcomer_);
    return maximal;
}

IsrState PartitionLeader::isr_state() const {
    if (!pending_)
        return IsrState::Committed;
    return newcomer_ ? IsrState::PendingExpand : IsrState::PendingShrink;
}

std::size_t PartitionLeader::effective_min_isr() const {
    const auto configured = static_cast<std::size_t>(std::max(config_.min_insync_replicas, 0));
    return std::min(configured, remotes_.size() + 1);
}

}  // namespace bsim::replication
