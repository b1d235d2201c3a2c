#include "sim/node/replica_manager.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/model/dynamic_config.h"
#include "sim/node/must.h"
#include "sim/protocol/replication/isr_expiration.h"

namespace bsim {

namespace {

std::vector<BrokerId> members(const replication::IsrProposal& proposal) {
    std::vector<BrokerId> ids;
    for (const replication::IsrMember& member : proposal.isr)
        ids.push_back(member.id);
    return ids;
}

}  // namespace

ReplicaManager::ReplicaManager(const Parts& parts)
    : process_(parts.process),
      dirs_(parts.dirs),
      server_(parts.server),
      controller_(parts.controller),
      assignment_link_(parts.assignments),
      image_(parts.image),
      self_(parts.self),
      config_(parts.config),
      topic_defaults_(parts.config.log),
      truncation_(parts.truncation),
      address_of_(parts.address_of),
      own_epoch_(parts.own_epoch),
      dir_failed_(parts.dir_failed),
      alter_queue_(parts.self),
      directory_assignments_(parts.self),
      session_draws_(process_.life_stream("broker/" + process_.name().text() + "/fetch-sessions")),
      dir_draws_(process_.life_stream("broker/" + process_.name().text() + "/deleted-dirs")),
      assignment_draws_(
          process_.env().rng.stream("broker/" + process_.name().text() + "/assignments")),
      isr_alarm_(process_, [this] { expire_isrs(); }),
      hw_checkpoint_alarm_(process_, [this] { checkpoint_hws(); }),
      recovery_checkpoint_alarm_(process_, [this] { checkpoint_recovery_points(); }),
      flush_alarm_(process_, [this] { flush_dirty_logs(); }),
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
      delete_expiry_(process_,
                     [this] {
                         std::vector<replication::CompletedDelete> done;
                         delayed_deletes_.expire(process_.now(), done);
                         complete(done);
                     }),
      alter_retry_(process_,
                   [this] {
                       replication::AlterPartitionEffects effects;
                       alter_queue_.retry_due(own_epoch_(), effects);
                       run(effects);
                   }),
      assignment_alarm_(process_,
                        [this] {
                            replication::AssignmentEffects effects;
                            directory_assignments_.send_due(own_epoch_(), *this, effects);
                            run(effects);
                        }),
      sweep_alarm_(process_, [this] { sweep_logs(); }),
      start_checkpoint_alarm_(process_, [this] { checkpoint_log_starts(); }) {
    for (std::size_t dir = 0; dir < dirs_.size(); ++dir) {
        dirs_[dir].on_write_back(
            [this, dir](const std::vector<std::string>& files, const DiskTicket& ticket) {
                written_back(dir, files, ticket);
            });
    }
}

ReplicaManager::~ReplicaManager() {
    for (std::size_t dir = 0; dir < dirs_.size(); ++dir)
        dirs_[dir].on_write_back(nullptr);
}

void ReplicaManager::start() {
    const SimTime now = process_.now();
    isr_alarm_.arm(now + replication::isr_check_interval(config_.replica_lag_time_max));
    hw_checkpoint_alarm_.arm(now + config_.replica_high_watermark_checkpoint_interval);
    recovery_checkpoint_alarm_.arm(now + config_.log_initial_task_delay);
    start_checkpoint_alarm_.arm(now + config_.log_initial_task_delay);
    sweep_alarm_.arm(now + config_.log_initial_task_delay);
    if (config_.log_flush_scheduler_interval < kLongestSpan)
        flush_alarm_.arm(now + config_.log_initial_task_delay);
}

// Kafka's order: what is gone (a new topic may have its name), then leaders, then followers.
void ReplicaManager::apply(const MetadataDelta& delta) {
    struct Assigned {
        const TopicIdPartition& tp;
        const std::optional<PartitionRegistration>& before;
        const PartitionRegistration& now;
    };
    std::vector<Assigned> assigned;
    bool any_deleted = false;
    for (const auto& [tp, before] : delta.partitions) {
        const PartitionRegistration* now = image_.partition(tp);
        if (now != nullptr && contains(now->replicas, self_)) {
            assigned.push_back({tp, before, *now});
        } else if (find(tp) != nullptr) {
            delete_replica(tp);
            any_deleted = true;
        }
    }
    if (any_deleted) {
        write_recovery_points();
        write_log_starts();
    }
    for (const bool leading : {true, false}) {
        for (const Assigned& one : assigned) {
            if ((one.now.leader == self_) == leading)
                apply_to(one.tp, one.now);
        }
    }
    drop_idle_fetchers();
    for (const Assigned& one : assigned) {
        if (!one.before || one.before->directory_of(self_) != one.now.directory_of(self_))
            check_directory(one.tp, one.now);
    }
    apply_configs(delta.configs);
}

void ReplicaManager::apply_configs(const std::set<ConfigResource>& changed) {
    std::set<std::string> topics;
    for (const ConfigResource& resource : changed) {
        if (resource.type == ConfigResourceType::Topic) {
            topics.insert(resource.name);
        } else if (resource.name.empty() || resource.name == std::to_string(self_.value())) {
            resolve_topic_defaults();
            for (const auto& [tp, replica] : by_name_)
                topics.insert(tp.topic);
        }
    }
    for (auto& [tp, replica] : replicas_) {
        if (topics.contains(replica->tp.topic))
            apply_config(*replica);
    }
}

void ReplicaManager::apply_config(Replica& replica) {
    replica.config = topic_config(replica.tp.topic);
    replica.log->set_config(log_config(replica.config));
    if (replica.leader) {
        replica.leader->config_changed(
            {config_.replica_lag_time_max, replica.config.min_insync_replicas});
    }
}

// The metadata may name another directory than the one that this replica lies in.
void ReplicaManager::check_directory(const TopicIdPartition& tp, const PartitionRegistration& now) {
    const Replica* replica = find(tp);
    if (replica == nullptr || now.directory_of(self_) == dirs_.id(replica->log_dir))
        return;
    replication::AssignmentEffects effects;
    directory_assignments_.assign(assignment_context(), tp, dirs_.id(replica->log_dir), effects);
    run(effects);
}

replication::DirectoryAssignments::Context ReplicaManager::assignment_context() {
    return {process_.now(), assignment_draws_.bits()};
}

void ReplicaManager::run(Replica& replica, const replication::LeaderEffects& effects) {
    for (const replication::LeaderEffect& effect : effects) {
        std::visit([&](const auto& e) { run_effect(replica, e); }, effect);
    }
}

void ReplicaManager::run_effect(Replica& replica, const replication::StartEpoch& effect) {
    const auto assigned = replica.log->assign_epoch(effect.epoch, effect.offset);
    if (!assigned.ok())
        dir_failed(replica.log_dir, assigned.error());
}

void ReplicaManager::run_effect(Replica& replica, const replication::AdvanceHw& effect) {
    set_hw(replica, effect.hw);
}

void ReplicaManager::run_effect(Replica& replica, const replication::WakeFetches& /*effect*/) {
    check_fetches(replica.id);
}

void ReplicaManager::run_effect(Replica& replica, const replication::CompleteProduces& /*effect*/) {
    check_produces(replica.id);
}

void ReplicaManager::run_effect(Replica& replica, const replication::CompleteDeletes& /*effect*/) {
    std::vector<replication::CompletedDelete> done;
    delayed_deletes_.check(replica.id, *this, done);
    complete(done);
}

void ReplicaManager::run_effect(Replica& replica, const replication::ProposeIsr& effect) {
    process_.emit(IsrProposed{replica.tp, members(effect.proposal), effect.proposal.leader_epoch,
                              effect.proposal.partition_epoch});
    replication::AlterPartitionEffects effects;
    alter_queue_.submit(replica.id, effect.proposal, own_epoch_(), effects);
    run(effects);
}

void ReplicaManager::run_effect(Replica& replica, const replication::ProposalDropped& effect) {
    process_.emit(IsrProposalDropped{replica.tp, members(effect.proposal),
                                     effect.proposal.leader_epoch,
                                     effect.proposal.partition_epoch});
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

void ReplicaManager::run(const replication::AssignmentEffects& effects) {
    for (const replication::AssignmentEffect& effect : effects) {
        std::visit([&](const auto& e) { run_effect(e); }, effect);
    }
}

void ReplicaManager::run_effect(const replication::SendAssignmentsAt& effect) {
    assignment_alarm_.arm(effect.at);
}

void ReplicaManager::run_effect(const replication::SendAssignments& effect) {
    if (!assignment_link_started_)
        assignment_link_.start();
    assignment_link_started_ = true;
    assignment_link_.send(effect.request, [this](const std::optional<wire::ResponseBody>& answer) {
        replication::AssignmentEffects effects;
        if (answer) {
            directory_assignments_.answered(assignment_context(),
                                            std::get<wire::AssignReplicasToDirsResponse>(*answer),
                                            effects);
        } else {
            directory_assignments_.failed(assignment_context(), effects);
        }
        run(effects);
    });
}

bool ReplicaManager::is_assigned_here(const TopicIdPartition& tp) const {
    const PartitionRegistration* partition = image_.partition(tp);
    return partition != nullptr && contains(partition->replicas, self_);
}

// Nothing that a laggard did is the cause of its removal, but why it fell silent.
void ReplicaManager::expire_isrs() {
    for (auto& [tp, replica] : replicas_) {
        if (!replica->leader)
            continue;
        const std::vector<BrokerId> before = replica->leader->isr();
        replication::LeaderEffects effects;
        replica->leader->isr_check_due(context(), effects);
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
        run(*replica, effects);
    }
    isr_alarm_.arm(process_.now() + replication::isr_check_interval(config_.replica_lag_time_max));
}

std::unique_ptr<Replica> ReplicaManager::take_out(const TopicIdPartition& tp) {
    const auto at = replicas_.find(tp);
    std::unique_ptr<Replica> out = std::move(at->second);
    replicas_.erase(at);
    by_name_.erase(out->tp);
    return out;
}

Replica* ReplicaManager::find(const TopicPartition& tp) {
    const auto it = by_name_.find(tp);
    return it == by_name_.end() ? nullptr : it->second;
}

Replica* ReplicaManager::find(const TopicIdPartition& tp) {
    const auto it = replicas_.find(tp);
    return it == replicas_.end() ? nullptr : it->second.get();
}

const Replica* ReplicaManager::find(const TopicIdPartition& tp) const {
    const auto it = replicas_.find(tp);
    return it == replicas_.end() ? nullptr : it->second.get();
}

std::optional<replication::BrokerStatus> ReplicaManager::broker(BrokerId id) const {
    const BrokerRegistration* registration = image_.broker(id);
    if (registration == nullptr)
        return std::nullopt;
    return replication::BrokerStatus{registration->epoch, registration->fenced,
                                     registration->in_controlled_shutdown};
}

}  // namespace bsim
