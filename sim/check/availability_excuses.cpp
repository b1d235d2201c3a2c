#include "sim/check/availability_excuses.h"

#include <algorithm>

namespace bsim {

namespace {

bool changes_nodes(const Event& event) {
    return as<NodeStarted>(event) != nullptr || as<NodeStopped>(event) != nullptr ||
           as<NodePaused>(event) != nullptr || as<NodeResumed>(event) != nullptr ||
           as<FaultStarted>(event) != nullptr || as<FaultEnded>(event) != nullptr;
}

bool is_client(const NodeName& node) {
    return node.text().starts_with("producer-") || node.text().starts_with("consumer-");
}

}  // namespace

bool AvailabilityExcuses::on(const Event& event, const ClusterView& view) {
    if (const auto* raft = as<RaftRole>(event)) {
        const bool votes =
            raft->role != RaftRoleName::Observer && raft->role != RaftRoleName::Unattached;
        if (!votes || !voters_.insert(event.n).second)
            return false;
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        look_at(changed->p, *view.partition(changed->p), event.t);
        return false;
    } else if (!changes_nodes(event)) {
        return false;
    }
    look_at_nodes(view);
    for (const auto& [p, partition] : view.partitions()) {
        if (partition.known)
            look_at(p, partition, event.t);
    }
    for (const auto& [node, state] : view.nodes()) {
        if (!is_client(node))
            continue;
        const bool well = state.up && !state.paused && !view.under_fault(node);
        clients_[node.text()].set(well ? "" : "the client is not well", event.t);
    }
    return true;
}

void AvailabilityExcuses::look_at_nodes(const ClusterView& view) {
    std::set<std::string> named;
    nameless_ = false;
    for (const FaultView& fault : view.faults()) {
        if (!fault.open)
            continue;
        nameless_ = nameless_ || fault.targets.empty();
        named.insert(fault.targets.begin(), fault.targets.end());
    }
    unwell_.clear();
    gray_.clear();
    const std::int64_t well_voters =
        std::count_if(voters_.begin(), voters_.end(), [&](const NodeName& node) {
            return view.is_up(node) && !view.is_paused(node) && !named.contains(node.text());
        });
    for (const auto& [node, state] : view.nodes()) {
        const bool runs = state.up && !state.paused;
        const bool well = runs && !named.contains(node.text());
        const auto id = node.kafka_id();
        if (!id || !node.text().starts_with("broker-"))
            continue;
        if (!well)
            unwell_.insert(*id);
        if (!well && runs)
            gray_.insert(*id);
    }
    quorum_well_ = voters_.empty() || 2 * well_voters > std::ssize(voters_);
}

void AvailabilityExcuses::look_at(const TopicPartition& p,
                                  const PartitionView& partition,
                                  SimTime now) {
    partitions_[p].set(excuse(p, partition), now);
}

std::string_view AvailabilityExcuses::excuse(const TopicPartition& p,
                                             const PartitionView& partition) const {
    if (partition.deleted)
        return "the topic is deleted";
    if (nameless_)
        return "a fault of messages is open";
    if (!quorum_well_)
        return "no majority of the controllers is well";
    const auto well = [&](BrokerId broker) { return is_well(broker); };
    const auto& replicas = partition.replicas;
    const std::int64_t needed =
        std::min<std::int64_t>(settings_.min_isr_of(p.topic), std::ssize(replicas));
    if (std::count_if(replicas.begin(), replicas.end(), well) < needed)
        return "fewer replicas than min.insync.replicas are well";
    if (std::none_of(partition.isr.begin(), partition.isr.end(), well) &&
        std::none_of(partition.elr.begin(), partition.elr.end(), well)) {
        return "nobody is well who may lead";
    }
    if (std::any_of(partition.isr.begin(), partition.isr.end(),
                    [&](BrokerId broker) { return gray_.contains(broker); })) {
        return "a member of the ISR is under a fault";
    }
    return "";
}

}  // namespace bsim
