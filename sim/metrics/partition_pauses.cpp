#include "sim/metrics/partition_pauses.h"

namespace bsim::metrics {

namespace {

constexpr MetricInfo kPaused{MetricType::Counter, "brokersim_group_partition_pause_seconds",
                             "seconds",
                             "Time without an owner that runs, summed over the partitions."};

}  // namespace

void PartitionPauses::advance(Group& group, SimTime now) {
    group.total = group.total + SimDuration((now - group.since).ns() * group.paused);
    group.since = now;
}

void PartitionPauses::count(Group& group, const TopicPartition& p, std::int64_t change) {
    const auto [running, first] = group.running.try_emplace(p, 0);
    const bool was = running->second > 0;
    running->second += change;
    const bool is = running->second > 0;
    if (first)
        group.paused += is ? 0 : 1;
    else if (was != is)
        group.paused += is ? -1 : 1;
}

void PartitionPauses::on(const Event& event, const ClusterState&) {
    now_ = event.t;
    if (const auto* changed = as<AssignmentChanged>(event)) {
        on_changed(event, *changed);
    } else if (as<NodePaused>(event) != nullptr) {
        runs(event, false);
    } else if (as<NodeResumed>(event) != nullptr) {
        runs(event, true);
    } else if (as<NodeStopped>(event) != nullptr) {
        runs(event, false);
        for (auto& [name, group] : groups_)
            group.owned.erase(event.n);
        away_.erase(event.n);
    }
}

void PartitionPauses::on_changed(const Event& event, const AssignmentChanged& e) {
    Group& group = groups_[e.group];
    advance(group, event.t);
    std::set<TopicPartition>& owned = group.owned[event.n];
    const std::int64_t one = away_.contains(event.n) ? 0 : 1;
    std::set<TopicPartition> now(e.owned.begin(), e.owned.end());
    for (const TopicPartition& p : now) {
        if (!owned.contains(p))
            count(group, p, one);
    }
    for (const TopicPartition& p : owned) {
        if (!now.contains(p))
            count(group, p, -one);
    }
    owned = std::move(now);
}

void PartitionPauses::runs(const Event& event, bool is_up) {
    const bool was_up = !away_.contains(event.n);
    if (was_up == is_up)
        return;
    if (is_up)
        away_.erase(event.n);
    else
        away_.insert(event.n);
    for (auto& [name, group] : groups_) {
        const auto owned = group.owned.find(event.n);
        if (owned == group.owned.end())
            continue;
        advance(group, event.t);
        for (const TopicPartition& p : owned->second)
            count(group, p, is_up ? 1 : -1);
    }
}

void PartitionPauses::collect(const ClusterState&, SampleSink& out) const {
    out.start(kPaused);
    for (const auto& [id, group] : groups_) {
        const SimDuration total =
            group.total + SimDuration((now_ - group.since).ns() * group.paused);
        const Label label{"consumergroup", id};
        out.add({"_total", "", {&label, 1}, in_seconds(total), SimTime()});
    }
}

}  // namespace bsim::metrics
