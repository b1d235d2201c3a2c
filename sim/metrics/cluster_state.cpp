#include "sim/metrics/cluster_state.h"

#include <algorithm>
#include <string_view>

namespace bsim::metrics {

namespace {

Node::Kind kind_of(const NodeName& name) {
    if (!name.kafka_id())
        return Node::Kind::Other;
    return std::string_view(name.text()).starts_with("broker-") ? Node::Kind::Broker
                                                                : Node::Kind::Controller;
}

bool contains(const std::vector<BrokerId>& list, BrokerId broker) {
    return std::find(list.begin(), list.end(), broker) != list.end();
}

}  // namespace

void ClusterState::on(const Event& event) {
    groups_.on(event);
    std::visit([&](const auto& body) { apply(event, body); }, event.body);
}

const Node* ClusterState::node(const NodeName& name) const {
    const auto found = nodes_.find(name);
    return found == nodes_.end() ? nullptr : &found->second;
}

const Partition* ClusterState::partition(const TopicPartition& p) const {
    const auto found = partitions_.find(p);
    return found == partitions_.end() ? nullptr : &found->second;
}

const Replica* ClusterState::replica(const NodeName& name, const TopicPartition& p) const {
    const Node* const holder = node(name);
    if (holder == nullptr)
        return nullptr;
    const auto found = holder->replicas.find(p);
    return found == holder->replicas.end() ? nullptr : &found->second;
}

std::optional<Offset> ClusterState::latest_offset(const TopicPartition& p) const {
    const Partition* const committed = partition(p);
    if (committed == nullptr || !committed->leader)
        return std::nullopt;
    const NodeName name = NodeName::broker(*committed->leader);
    const Node* const leader = node(name);
    if (leader == nullptr || !leader->answers())
        return std::nullopt;
    const Replica* const held = replica(name, p);
    return held != nullptr && held->leads ? held->hw : std::nullopt;
}

Node* ClusterState::find_node(const NodeName& name) {
    const auto found = nodes_.find(name);
    return found == nodes_.end() ? nullptr : &found->second;
}

Replica* ClusterState::find_replica(const NodeName& name, const TopicPartition& p) {
    Node* const holder = find_node(name);
    if (holder == nullptr)
        return nullptr;
    const auto found = holder->replicas.find(p);
    return found == holder->replicas.end() ? nullptr : &found->second;
}

Replica* ClusterState::replica_of(const NodeName& name, const TopicPartition& p) {
    Node* const holder = find_node(name);
    return holder != nullptr && holder->up ? &holder->replicas[p] : nullptr;
}

void ClusterState::apply(const Event& event, const NodeStarted&) {
    Node fresh;
    fresh.kind = kind_of(event.n);
    fresh.up = true;
    fresh.started = event.t;
    nodes_.insert_or_assign(event.n, std::move(fresh));
}

void ClusterState::apply(const Event& event, const NodeStopped&) {
    Node* const stopped = find_node(event.n);
    if (stopped == nullptr)
        return;
    stopped->up = false;
    stopped->paused = false;
    stopped->active_controller = false;
    stopped->replicas.clear();
}

void ClusterState::apply(const Event& event, const NodePaused&) {
    if (Node* const paused = find_node(event.n))
        paused->paused = true;
}

void ClusterState::apply(const Event& event, const NodeResumed&) {
    if (Node* const resumed = find_node(event.n))
        resumed->paused = false;
}

void ClusterState::apply(const Event& event, const ControllerElected&) {
    if (Node* const elected = find_node(event.n))
        elected->active_controller = true;
}

void ClusterState::apply(const Event& event, const ControllerResigned&) {
    if (Node* const resigned = find_node(event.n))
        resigned->active_controller = false;
}

void ClusterState::apply(const Event&, const BrokerRegistered& e) {
    // A registration begins fenced, also that of a broker which came back before its session ended.
    fenced_[e.broker] = true;
}

void ClusterState::apply(const Event&, const BrokerFenced& e) {
    if (e.why == "unregistered") {
        fenced_.erase(e.broker);
    } else {
        fenced_[e.broker] = true;
    }
}

void ClusterState::apply(const Event&, const BrokerUnfenced& e) {
    fenced_[e.broker] = false;
}

void ClusterState::apply(const Event&, const TopicDeleted& e) {
    std::erase_if(partitions_, [&](const auto& entry) { return entry.first.topic == e.topic; });
    for (auto& [name, node] : nodes_) {
        std::erase_if(node.replicas,
                      [&](const auto& entry) { return entry.first.topic == e.topic; });
    }
}

void ClusterState::apply(const Event&, const PartitionChanged& e) {
    Partition& partition = partitions_[e.p];
    if (e.isr != partition.isr)
        partition.isr_by_leader = e.reason == "alter-partition";
    partition.leader = e.leader;
    partition.isr = e.isr;
    const bool moved = partition.replicas != e.replicas;
    partition.replicas = e.replicas;
    const auto named = settings_.min_isr.find(e.p.topic);
    partition.min_isr =
        std::min(named == settings_.min_isr.end() ? settings_.default_min_isr : named->second,
                 static_cast<std::int32_t>(e.replicas.size()));
    if (!moved)
        return;
    // No event tells when a broker that is no replica any more lets go of the partition.
    for (auto& [name, node] : nodes_) {
        if (node.is_broker() && !contains(e.replicas, *name.kafka_id()))
            node.replicas.erase(e.p);
    }
}

void ClusterState::apply(const Event& event, const BecameLeader& e) {
    Replica* const replica = replica_of(event.n, e.p);
    if (replica == nullptr)
        return;
    replica->leads = true;
    // The event does not say with which ISR it starts; it is the controller's, for the leader has
    // just read it there.
    const Partition* const committed = partition(e.p);
    if (committed != nullptr)
        replica->isr = committed->isr;
}

void ClusterState::apply(const Event& event, const BecameFollower& e) {
    Replica* const replica = replica_of(event.n, e.p);
    if (replica == nullptr)
        return;
    replica->leads = false;
    replica->isr.clear();
}

void ClusterState::apply(const Event& event, const IsrShrunk& e) {
    if (Replica* const replica = find_replica(event.n, e.p))
        replica->isr = e.isr;
}

void ClusterState::apply(const Event& event, const IsrExpanded& e) {
    if (Replica* const replica = find_replica(event.n, e.p))
        replica->isr = e.isr;
}

void ClusterState::apply(const Event& event, const HwAdvanced& e) {
    if (Replica* const replica = find_replica(event.n, e.p))
        replica->hw = e.hw;
}

}  // namespace bsim::metrics
