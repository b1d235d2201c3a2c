#include "sim/protocol/controller/leader_and_isr.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::controller {
namespace {

wire::BrokerRegistrationChangeRecord registration_change(const ControllerState& state,
                                                         BrokerId broker) {
    const BrokerRegistration* registration = state.image().broker(broker);
    BSIM_CHECK(registration != nullptr);
    wire::BrokerRegistrationChangeRecord record;
    record.broker_id = broker.value();
    record.broker_epoch = registration->epoch.value();
    return record;
}

}  // namespace

void propose_change(const ControllerState& state,
                    const TopicIdPartition& tp,
                    PartitionChangeWish wish,
                    ChangeReason reason,
                    OperationResult& out) {
    const PartitionRegistration* partition = state.image().partition(tp);
    BSIM_CHECK(partition != nullptr);
    if (wish.replicas) {
        for (const BrokerId replica : *wish.replicas) {
            if (contains(partition->replicas, replica))
                continue;
            wish.directories.emplace(replica, state.default_directory(replica));
        }
    }
    if (auto record = decide_partition_change(tp, *partition, wish)) {
        out.add(std::move(*record), {reason, FenceReason::SessionExpired});
    }
}

void update_leaders_and_isrs(const ControllerState& state,
                             const LeaderAndIsrUpdate& update,
                             const std::set<TopicIdPartition>& partitions,
                             OperationResult& out) {
    for (const TopicIdPartition& tp : partitions) {
        const TopicImage* topic = state.image().topic(tp.topic_id);
        BSIM_CHECK(topic != nullptr);
        const PartitionRegistration& partition = topic->partitions.at(tp.partition);
        PartitionChangeWish wish;
        for (const BrokerId replica : partition.replicas) {
            if (replica == update.remove)
                continue;
            // While the records of an unfencing are made, the image still has it fenced.
            const bool returns =
                replica == update.add && state.image().broker(replica)->has_online_directory(
                                             partition.directory_of(replica).value());
            if (returns || state.may_lead(partition, replica))
                wish.acceptable.push_back(replica);
        }
        if (update.remove)
            wish.isr = without(partition.isr, *update.remove);
        if (state.unclean_election_enabled(topic->name))
            wish.election = Election::Unclean;
        propose_change(state, tp, std::move(wish), update.reason, out);
    }
}

void broker_fenced(const ControllerState& state,
                   BrokerId broker,
                   FenceReason why,
                   OperationResult& out) {
    update_leaders_and_isrs(state, {broker, std::nullopt, ChangeReason::BrokerFenced},
                            state.isrs().with_broker_in_isr(broker), out);
    auto record = registration_change(state, broker);
    record.fenced = 1;
    out.add(std::move(record), {ChangeReason::BrokerFenced, why});
}

void broker_unfenced(const ControllerState& state, BrokerId broker, OperationResult& out) {
    auto record = registration_change(state, broker);
    record.fenced = -1;
    out.add(std::move(record));
    update_leaders_and_isrs(state, {std::nullopt, broker, ChangeReason::BrokerUnfenced},
                            state.isrs().leaderless(), out);
}

void broker_in_controlled_shutdown(const ControllerState& state,
                                   BrokerId broker,
                                   OperationResult& out) {
    if (!state.image().broker(broker)->in_controlled_shutdown) {
        auto record = registration_change(state, broker);
        record.in_controlled_shutdown = 1;
        out.add(std::move(record));
    }
    update_leaders_and_isrs(state, {broker, std::nullopt, ChangeReason::ControlledShutdown},
                            state.isrs().with_broker_in_isr(broker), out);
}

void directories_offline(const ControllerState& state,
                         BrokerId broker,
                         const std::vector<Uuid>& offline,
                         OperationResult& out) {
    const BrokerRegistration* registration = state.image().broker(broker);
    BSIM_CHECK(registration != nullptr);
    std::vector<Uuid> still_online;
    bool news = false;
    for (const Uuid& directory : registration->directories) {
        if (std::find(offline.begin(), offline.end(), directory) == offline.end()) {
            still_online.push_back(directory);
            continue;
        }
        news = true;
        update_leaders_and_isrs(state, {broker, std::nullopt, ChangeReason::DirectoryFailure},
                                state.in_directory(directory), out);
    }
    if (!news)
        return;
    auto record = registration_change(state, broker);
    record.log_dirs = std::move(still_online);
    out.add(std::move(record));
    out.records.back().version = 2;  // also if no directory is left
}

}  // namespace bsim::controller
