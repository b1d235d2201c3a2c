#include "sim/node/replica_manager.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/node/must.h"
#include "sim/protocol/replication/isr_expiration.h"
#include "sim/protocol/replication/partition_news.h"

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

ReplicaManager::ReplicaManager(const Parts& parts)
    : process_(parts.process),
      disk_(parts.disk),
      server_(parts.server),
      controller_(parts.controller),
      image_(parts.image),
      self_(parts.self),
      config_(parts.config),
      address_of_(parts.address_of),
      own_epoch_(parts.own_epoch),
      alter_queue_(parts.self),
      session_draws_(
          process_.env().rng.stream("broker/" + process_.name().text() + "/fetch-sessions")),
      isr_alarm_(process_, [this] { expire_isrs(); }),
      hw_checkpoint_alarm_(process_, [this] { checkpoint_hws(); }),
      recovery_checkpoint_alarm_(process_, [this] { checkpoint_recovery_points(); }),
      produce_expiry_(process_,
                      [this] {
                          std::vector<replication::CompletedProduce> done;
                          delayed_produces_.expire(process_.now(), done);
                          complete(done);
                      }),
      fetch_expiry_(process_,
                    [this] {
                        std::vector<replication::OperationId> done;
                        delayed_fetches_.expire(process_.now(), done);
                        complete_fetches(done);
                    }),
      alter_retry_(process_, [this] {
          replication::AlterPartitionEffects effects;
          alter_queue_.retry_due(own_epoch_(), effects);
          run(effects);
      }) {
    disk_.on_write_back([this](const std::vector<std::string>& files, const DiskTicket& ticket) {
        written_back(files, ticket);
    });
}

ReplicaManager::~ReplicaManager() {
    disk_.on_write_back(nullptr);
}

void ReplicaManager::start() {
    const SimTime now = process_.now();
    isr_alarm_.arm(now + replication::isr_check_interval(config_.replica_lag_time_max));
    hw_checkpoint_alarm_.arm(now + config_.replica_high_watermark_checkpoint_interval);
    recovery_checkpoint_alarm_.arm(now + config_.log_flush_offset_checkpoint_interval);
}

// Kafka's order: what is gone, then leaders, then followers.
void ReplicaManager::apply(const MetadataDelta& delta) {
    std::vector<TopicIdPartition> followers;
    for (const auto& [tp, before] : delta.partitions) {
        const PartitionRegistration* now = image_.partition(tp);
        if (now == nullptr || !contains(now->replicas, self_)) {
            stop_replica(tp);
        } else if (now->leader == self_) {
            apply_to(tp, *now);
        } else {
            followers.push_back(tp);
        }
    }
    for (const TopicIdPartition& tp : followers)
        apply_to(tp, *image_.partition(tp));
    drop_idle_fetchers();
    for (const ConfigResource& changed : delta.configs) {
        if (changed.type == ConfigResourceType::Topic)
            apply_config(changed.name);
    }
}

void ReplicaManager::apply_config(const std::string& topic) {
    for (auto& [tp, replica] : replicas_) {
        if (replica.tp.topic != topic)
            continue;
        replica.config = topic_config(topic);
        replica.log->set_config(log_config(replica.config));
        if (replica.leader) {
            replica.leader->config_changed(
                {config_.replica_lag_time_max, replica.config.min_insync_replicas});
        }
    }
}

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
    const bool led = replica.leader.has_value();
    replica.leader.reset();
    update_role(replica, news);
    process_.emit(BecameFollower{replica.tp, news.leader_epoch, news.leader, replica.log->leo()});
    stop_following(replica.id);
    const bool leaving = in_controlled_shutdown_ && (!news.leader || !contains(news.isr, self_));
    if (news.leader && !leaving)
        start_following(replica, *news.leader);
    if (!led)
        return;
    // What waits on a leader that is one no more is answered now.
    std::vector<replication::CompletedProduce> produces;
    delayed_produces_.check(replica.id, *this, produces);
    complete(produces);
    check_fetches(replica.id);
}

void ReplicaManager::stop_replica(const TopicIdPartition& tp) {
    Replica* replica = find(tp);
    if (replica == nullptr)
        return;
    stop_following(tp);
    replica->leader.reset();
    replica->assigned = false;
    std::vector<replication::CompletedProduce> produces;
    delayed_produces_.check(tp, *this, produces);
    complete(produces);
    check_fetches(tp);
    by_name_.erase(replica->tp);
    must(replica->log->close(LogClose{}));
    replicas_.erase(tp);
}

void ReplicaManager::run(Replica& replica, const replication::LeaderEffects& effects) {
    for (const replication::LeaderEffect& effect : effects) {
        std::visit([&](const auto& e) { run_effect(replica, e); }, effect);
    }
}

void ReplicaManager::run_effect(Replica& replica, const replication::StartEpoch& effect) {
    must(replica.log->assign_epoch(effect.epoch, effect.offset));
}

void ReplicaManager::run_effect(Replica& replica, const replication::AdvanceHw& effect) {
    set_hw(replica, effect.hw);
}

void ReplicaManager::run_effect(Replica& replica, const replication::WakeFetches& /*effect*/) {
    check_fetches(replica.id);
}

void ReplicaManager::run_effect(Replica& replica, const replication::CompleteProduces& /*effect*/) {
    std::vector<replication::CompletedProduce> done;
    delayed_produces_.check(replica.id, *this, done);
    complete(done);
}

void ReplicaManager::run_effect(Replica& /*replica*/,
                                const replication::CompleteDeletes& /*effect*/) {
    // No DeleteRecords request is served yet, so none waits.
}

void ReplicaManager::run_effect(Replica& replica, const replication::ProposeIsr& effect) {
    replication::AlterPartitionEffects effects;
    alter_queue_.submit(replica.id, effect.proposal, own_epoch_(), effects);
    run(effects);
}

void ReplicaManager::run_effect(Replica& replica, const replication::IsrCommitted& effect) {
    if (!effect.removed.empty()) {
        process_.emit(IsrShrunk{replica.tp, effect.isr, effect.removed});
    }
    if (!effect.added.empty())
        process_.emit(IsrExpanded{replica.tp, effect.isr, effect.added});
}

void ReplicaManager::run(const replication::AlterPartitionEffects& effects) {
    for (const replication::AlterPartitionEffect& effect : effects) {
        std::visit([&](const auto& e) { run_effect(e); }, effect);
    }
}

void ReplicaManager::run_effect(const replication::SendAlterPartition& effect) {
    controller_.send(effect.request, [this](std::optional<wire::ResponseBody> answer) {
        replication::AlterPartitionEffects effects;
        if (answer) {
            alter_queue_.answered(process_.now(), std::get<wire::AlterPartitionResponse>(*answer),
                                  own_epoch_(), effects);
        } else {
            alter_queue_.request_failed(effects);
        }
        run(effects);
    });
}

void ReplicaManager::run_effect(const replication::AnswerIsrProposal& effect) {
    Replica* replica = find(effect.tp);
    if (replica == nullptr || !replica->leader)
        return;
    replication::LeaderEffects effects;
    replica->leader->isr_answered(context(), effect.proposal, effect.answer, effects);
    replica->partition_epoch = replica->leader->partition_epoch();
    run(*replica, effects);
}

void ReplicaManager::run_effect(const replication::RetryAlterPartitionAt& effect) {
    alter_retry_.arm(effect.at);
}

// Nothing that a laggard did is the cause of its removal, but why it fell silent.
void ReplicaManager::expire_isrs() {
    for (auto& [tp, replica] : replicas_) {
        if (!replica.leader)
            continue;
        const std::vector<BrokerId> before = replica.leader->isr();
        replication::LeaderEffects effects;
        replica.leader->isr_check_due(context(), effects);
        EventNumber why;
        for (const replication::LeaderEffect& effect : effects) {
            const auto* propose = std::get_if<replication::ProposeIsr>(&effect);
            if (propose == nullptr)
                continue;
            for (const BrokerId member : before) {
                const auto& isr = propose->proposal.isr;
                const bool kept = std::any_of(isr.begin(), isr.end(),
                                              [&](const auto& m) { return m.id == member; });
                if (!kept)
                    why = process_.env().outages.of(NodeName::broker(member));
            }
        }
        CauseScope scope(process_.env().tracer, why);
        run(replica, effects);
    }
    isr_alarm_.arm(process_.now() + replication::isr_check_interval(config_.replica_lag_time_max));
}

Replica* ReplicaManager::find(const TopicPartition& tp) {
    const auto it = by_name_.find(tp);
    return it == by_name_.end() ? nullptr : find(it->second);
}

Replica* ReplicaManager::find(const TopicIdPartition& tp) {
    const auto it = replicas_.find(tp);
    return it == replicas_.end() ? nullptr : &it->second;
}

const Replica* ReplicaManager::find(const TopicIdPartition& tp) const {
    const auto it = replicas_.find(tp);
    return it == replicas_.end() ? nullptr : &it->second;
}

std::optional<replication::BrokerStatus> ReplicaManager::broker(BrokerId id) const {
    const BrokerRegistration* registration = image_.broker(id);
    if (registration == nullptr)
        return std::nullopt;
    return replication::BrokerStatus{registration->epoch, registration->fenced,
                                     registration->in_controlled_shutdown};
}

}  // namespace bsim
