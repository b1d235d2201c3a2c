#include "sim/metrics/group_coordinator.h"

#include <algorithm>
#include <array>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kOffsets{MetricType::Gauge,
                              "kafka_coordinator_group_groupmetadatamanager_numoffsets", "",
                              "Committed offsets of the groups in this coordinator's memory."};
constexpr MetricInfo kGroups{MetricType::Gauge,
                             "kafka_coordinator_group_groupmetadatamanager_numgroups", "",
                             "Groups in this coordinator's memory."};

struct StateMetric {
    GroupStateName state;
    MetricInfo info;
};

constexpr MetricInfo gauge(std::string_view name, std::string_view help) {
    return {MetricType::Gauge, name, "", help};
}

constexpr std::array<StateMetric, 5> kByState = {{
    {GroupStateName::PreparingRebalance,
     gauge("kafka_coordinator_group_groupmetadatamanager_numgroupspreparingrebalance",
           "Groups that wait for their members to join.")},
    {GroupStateName::CompletingRebalance,
     gauge("kafka_coordinator_group_groupmetadatamanager_numgroupscompletingrebalance",
           "Groups that wait for their leader's assignment.")},
    {GroupStateName::Stable, gauge("kafka_coordinator_group_groupmetadatamanager_numgroupsstable",
                                   "Groups whose assignment is in force.")},
    {GroupStateName::Dead, gauge("kafka_coordinator_group_groupmetadatamanager_numgroupsdead",
                                 "Groups that are being removed.")},
    {GroupStateName::Empty, gauge("kafka_coordinator_group_groupmetadatamanager_numgroupsempty",
                                  "Groups without members.")},
}};

}  // namespace

void GroupCoordinatorMetrics::on(const Event& event, const ClusterState&) {
    if (const auto* state = as<GroupState>(event)) {
        if (state->to == GroupStateName::Dead) {
            caches_[event.n].erase(state->group);
        } else {
            caches_[event.n][state->group] = state->to;
        }
    } else if (const auto* moved = as<GroupMoved>(event)) {
        if (moved->loaded) {
            caches_[event.n][moved->group] = moved->state;
        } else {
            caches_[event.n].erase(moved->group);
        }
    } else if (const auto* committed = as<OffsetCommitted>(event)) {
        // A group that only keeps offsets has no other event.
        caches_[event.n].try_emplace(committed->group, GroupStateName::Empty);
    } else if (as<NodeStopped>(event) != nullptr) {
        caches_.erase(event.n);
    }
}

void GroupCoordinatorMetrics::collect(const ClusterState& cluster, SampleSink& out) const {
    static const Cache kNone;
    const auto each_broker = [&](const MetricInfo& metric, const auto& value) {
        out.start(metric);
        for (const auto& [name, node] : cluster.nodes()) {
            if (!node.is_broker() || !node.answers())
                continue;
            const auto cache = caches_.find(name);
            const std::int64_t number = value(cache == caches_.end() ? kNone : cache->second);
            out.add({"", name.text(), {}, {number, 0}, {}});
        }
    };
    each_broker(kOffsets, [&](const Cache& cache) {
        std::int64_t offsets = 0;
        for (const auto& [id, state] : cache) {
            const GroupSnapshot* const group = cluster.groups().group(id);
            offsets += group == nullptr ? 0 : static_cast<std::int64_t>(group->offsets.size());
        }
        return offsets;
    });
    each_broker(kGroups,
                [](const Cache& cache) { return static_cast<std::int64_t>(cache.size()); });
    for (const StateMetric& metric : kByState) {
        each_broker(metric.info, [&](const Cache& cache) {
            return std::count_if(cache.begin(), cache.end(),
                                 [&](const auto& entry) { return entry.second == metric.state; });
        });
    }
}

}  // namespace bsim::metrics
