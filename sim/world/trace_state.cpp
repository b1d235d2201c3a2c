#include "sim/world/trace_state.h"

#include <algorithm>

#include "sim/world/event_match.h"

namespace bsim {

void TraceState::forget_event(SimTime now) {
    event_ = nullptr;
    now_ = now;
}

void TraceState::on(const Event& event) {
    event_ = &event;
    now_ = event.t;
    if (const auto* changed = as<PartitionChanged>(event)) {
        if (changed->isr.size() < changed->replicas.size()) {
            under_replicated_.insert(changed->p);
        } else {
            under_replicated_.erase(changed->p);
        }
    } else if (const auto* deleted = as<TopicDeleted>(event)) {
        std::erase_if(under_replicated_,
                      [&](const TopicPartition& p) { return p.topic == deleted->topic; });
    } else if (as<ControllerElected>(event) != nullptr) {
        controller_ = event.n;
    } else if (as<ControllerResigned>(event) != nullptr || as<NodeStopped>(event) != nullptr) {
        if (controller_ == event.n)
            controller_.reset();
    } else if (const auto* struck = as<FaultStarted>(event)) {
        NodeNames names = struck->targets;
        std::sort(names.begin(), names.end());
        targets_[struck->f] = std::move(names);
    } else if (const auto* group = as<GroupState>(event)) {
        if (group->to == GroupStateName::Dead) {
            dead_groups_.insert(group->group);
        } else {
            dead_groups_.erase(group->group);
        }
    }
}

const PartitionView* TraceState::known(const TopicPartition& p) const {
    const PartitionView* const partition = view_.partition(p);
    const bool exists = partition != nullptr && partition->known && !partition->deleted;
    return exists ? partition : nullptr;
}

std::optional<std::int64_t> TraceState::isr_size(const TopicPartition& p) const {
    const PartitionView* const partition = known(p);
    return partition == nullptr ? std::nullopt
                                : std::optional(static_cast<std::int64_t>(partition->isr.size()));
}

std::optional<NodeNames> TraceState::leader(const TopicPartition& p) const {
    const PartitionView* const partition = known(p);
    if (partition == nullptr)
        return std::nullopt;
    if (!partition->leader)
        return NodeNames{};
    return NodeNames{NodeName::broker(*partition->leader).text()};
}

std::optional<LeaderEpoch> TraceState::epoch(const TopicPartition& p) const {
    const PartitionView* const partition = known(p);
    return partition == nullptr ? std::nullopt : std::optional(partition->leader_epoch);
}

std::optional<Offset> TraceState::high_watermark(const TopicPartition& p) const {
    const PartitionView* const partition = view_.partition(p);
    if (partition == nullptr || partition->deleted)
        return std::nullopt;
    if (p != ClusterView::metadata_partition()) {
        const ReplicaView* const leader = partition->acting_leader();
        return leader == nullptr ? std::nullopt : leader->hw;
    }
    std::optional<Offset> highest;
    for (const auto& [id, replica] : partition->by_broker)
        highest = std::max(highest, replica.hw);
    return highest;
}

std::optional<Offset> TraceState::log_end(const std::string& node, const TopicPartition& p) const {
    const NodeName name(node);
    const auto id = name.kafka_id();
    const PartitionView* const partition = view_.partition(p);
    const bool exists = partition != nullptr && !partition->deleted && view_.nodes().contains(name);
    const ReplicaView* const replica = exists && id ? partition->replica(*id) : nullptr;
    return replica == nullptr ? std::nullopt : std::optional(replica->log.end());
}

std::int64_t TraceState::under_replicated() const {
    return static_cast<std::int64_t>(under_replicated_.size());
}

NodeNames TraceState::active_controller() const {
    return controller_ ? NodeNames{controller_->text()} : NodeNames{};
}

std::optional<bool> TraceState::is_up(const std::string& node) const {
    const auto found = view_.nodes().find(NodeName(node));
    return found == view_.nodes().end() ? std::nullopt : std::optional(found->second.up);
}

std::optional<NodeNames> TraceState::targets(const std::string& fault) const {
    const auto found = targets_.find(fault);
    return found == targets_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Ratio> TraceState::metric(const MetricQuery& query) const {
    const auto value =
        metrics_ == nullptr ? std::nullopt : metrics_->value(query.name, query.labels);
    if (!value)
        return std::nullopt;
    Ratio ratio{value->amount, 1};
    for (int i = 0; i < value->decimals; ++i)
        ratio.denominator *= 10;
    return ratio;
}

std::optional<std::string> TraceState::group_state(const std::string& group) const {
    const GroupSnapshot* const found = view_.groups().group(group);
    if (found == nullptr && dead_groups_.contains(group))
        return "Dead";
    if (found == nullptr || !found->coordinator)
        return std::nullopt;
    const auto place = static_cast<std::size_t>(found->state);
    return std::string(EnumNames<GroupStateName>::kNames.at(place));
}

std::optional<std::int64_t> TraceState::group_lag(const std::string& group) const {
    const GroupSnapshot* const found = view_.groups().group(group);
    return found == nullptr ? std::nullopt : std::optional(view_.lag(*found));
}

void TraceState::measured(Latency latency, const Told& told) const {
    if (event_ == nullptr)
        return;
    if (const auto* acked = as<ProduceAcked>(*event_)) {
        if (latency == Latency::Produce)
            told(acked->latency_ns);
    } else if (const auto* committed = as<OffsetCommitted>(*event_)) {
        if (latency == Latency::Commit)
            told(committed->latency_ns);
    } else if (latencies_ != nullptr) {
        for (const SimDuration ended : latencies_->ended())
            told(ended);
    }
}

bool TraceState::happened(const EventPattern& pattern) const {
    return event_ != nullptr && matches(pattern, *event_);
}

}  // namespace bsim
