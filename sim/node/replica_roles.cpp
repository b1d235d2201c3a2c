// The roles that the metadata gives to a broker's replicas.
// Source: ReplicaManager.applyDelta, Partition.makeLeader, Partition.makeFollower.

#include <utility>

#include "sim/node/must.h"
#include "sim/node/replica_manager.h"
#include "sim/protocol/replication/partition_news.h"
#include "sim/storage/log_files.h"

namespace bsim {
namespace {

replication::PartitionNews news_of(const PartitionRegistration& now) {
    replication::PartitionNews news;
    news.leader = now.leader;
    news.leader_epoch = now.leader_epoch;
    news.partition_epoch = now.partition_epoch;
    news.replicas = now.replicas;
    news.isr = now.isr;
    news.recovering = now.recovery == LeaderRecoveryState::Recovering;
    return news;
}

}  // namespace

void ReplicaManager::apply_to(const TopicIdPartition& tp, const PartitionRegistration& now) {
    const replication::PartitionNews news = news_of(now);
    Replica* replica = find(tp);
    std::optional<replication::KnownRole> known;
    if (replica != nullptr && replica->assigned) {
        known = replication::KnownRole{replica->leader.has_value(), replica->leader_epoch,
                                       replica->partition_epoch};
    }
    const auto change = replication::role_change(known, news, self_);
    if (change == replication::RoleChange::Ignore)
        return;
    if (replica == nullptr && is_offline({image_.topic(tp.topic_id)->name, tp.partition}))
        return;
    if (replica == nullptr) {
        replica = &open_replica(tp, {image_.topic(tp.topic_id)->name, tp.partition});
    }
    switch (change) {
        case replication::RoleChange::BecomeLeader:
            return become_leader(*replica, news);
        case replication::RoleChange::StayLeader: {
            const bool new_epoch = news.leader_epoch > replica->leader_epoch;
            update_role(*replica, news);
            replication::LeaderEffects effects;
            replica->leader->metadata_changed(context(), news, effects);
            if (new_epoch) {
                process_.emit(BecameLeader{replica->tp, news.leader_epoch, replica->log->leo()});
            }
            return run(*replica, effects);
        }
        case replication::RoleChange::BecomeFollower:
            return become_follower(*replica, news);
        case replication::RoleChange::StayFollower:
            update_role(*replica, news);
            if (in_controlled_shutdown_ && !contains(news.isr, self_))
                stop_following(tp);
            return;
        case replication::RoleChange::Ignore:
            return;
    }
}

void ReplicaManager::update_role(Replica& replica, const replication::PartitionNews& news) {
    replica.assigned = true;
    replica.leader_epoch = news.leader_epoch;
    replica.partition_epoch = news.partition_epoch;
    replica.leader_id = news.leader;
}

void ReplicaManager::become_leader(Replica& replica, const replication::PartitionNews& news) {
    stop_following(replica.id);
    update_role(replica, news);
    process_.emit(BecameLeader{replica.tp, news.leader_epoch, replica.log->leo()});
    replication::PartitionLeader::Start start;
    start.self = self_;
    start.news = news;
    start.log_start = replica.log->log_start_offset();
    start.hw = replica.log->high_watermark();
    start.leo = replica.log->leo();
    start.config = {config_.replica_lag_time_max, replica.config.min_insync_replicas};
    replication::LeaderEffects effects;
    replica.leader.emplace(context(), start, effects);
    run(replica, effects);
}

void ReplicaManager::become_follower(Replica& replica, const replication::PartitionNews& news) {
    replica.leader.reset();
    update_role(replica, news);
    process_.emit(BecameFollower{replica.tp, news.leader_epoch, news.leader, replica.log->leo()});
    stop_following(replica.id);
    const bool leaving = in_controlled_shutdown_ && (!news.leader || !contains(news.isr, self_));
    if (news.leader && !leaving)
        start_following(replica, *news.leader);
    // What waits on a leader that is one no more, or in an older epoch, is answered now.
    check_produces(replica.id);
    check_fetches(replica.id);
}

// A leader's parked requests are answered now; not those of DeleteRecords, as in Kafka.
void ReplicaManager::delete_replica(const TopicIdPartition& tp) {
    Replica* replica = find(tp);
    if (replica == nullptr)
        return;
    stop_following(tp);
    const std::unique_ptr<Replica> stopped = take_out(tp);
    check_produces(tp);
    check_fetches(tp);
    // The log's files are left as they are, and go with their directory.
    const std::size_t log_dir = stopped->log_dir;
    const std::string dir = stopped->log->dir();
    const std::string renamed = unique_dir(stopped->tp, kDeleteDirSuffix);
    stopped->log.reset();
    must(dirs_[log_dir].disk().rename(dir, renamed));
    delete_dir_later(log_dir, renamed);
}

}  // namespace bsim
