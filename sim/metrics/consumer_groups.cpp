#include "sim/metrics/consumer_groups.h"

#include <array>
#include <map>
#include <string>
#include <utility>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kMembers{MetricType::Gauge, "kafka_consumergroup_members", "",
                              "Members of the group, those included that wait to join."};
constexpr MetricInfo kOffset{MetricType::Gauge, "kafka_consumergroup_current_offset", "",
                             "The committed offset."};
constexpr MetricInfo kOffsetSum{MetricType::Gauge, "kafka_consumergroup_current_offset_sum", "",
                                "Sum of the topic's committed offsets."};
constexpr MetricInfo kLag{MetricType::Gauge, "kafka_consumergroup_lag", "",
                          "Records between the committed offset and the partition's end."};
constexpr MetricInfo kLagSum{MetricType::Gauge, "kafka_consumergroup_lag_sum", "",
                             "Sum of the lags in the topic's partitions."};
constexpr MetricInfo kRebalances{MetricType::Counter, "brokersim_group_rebalances", "",
                                 "Rebalances that were completed."};

void add(const std::string& group, const TopicPartition& p, std::int64_t value, SampleSink& out) {
    const std::string number = std::to_string(p.partition.value());
    const std::array<Label, 3> labels{
        {{"consumergroup", group}, {"topic", p.topic}, {"partition", number}}};
    out.add({"", "", labels, {value, 0}, {}});
}

// (group, topic) -> value
using Sums = std::map<std::pair<std::string, std::string>, std::int64_t>;

void add(const MetricInfo& metric, const Sums& sums, SampleSink& out) {
    out.start(metric);
    for (const auto& [names, value] : sums) {
        const std::array<Label, 2> labels{
            {{"consumergroup", names.first}, {"topic", names.second}}};
        out.add({"", "", labels, {value, 0}, {}});
    }
}

void collect_offsets(const GroupFold& groups, SampleSink& out) {
    Sums sums;
    out.start(kOffset);
    for (const auto& [id, group] : groups.groups()) {
        for (const auto& [p, offset] : group.offsets) {
            add(id, p, offset.value(), out);
            sums[{id, p.topic}] += offset.value();
        }
    }
    add(kOffsetSum, sums, out);
}

void collect_lag(const ClusterState& cluster, SampleSink& out) {
    Sums sums;
    out.start(kLag);
    for (const auto& [id, group] : cluster.groups().groups()) {
        for (const auto& [p, offset] : group.offsets) {
            const auto end = cluster.latest_offset(p);
            if (!end)
                continue;
            add(id, p, *end - offset, out);
            sums[{id, p.topic}] += *end - offset;
        }
    }
    add(kLagSum, sums, out);
}

}  // namespace

void ConsumerGroupMetrics::on(const Event&, const ClusterState&) {}

void ConsumerGroupMetrics::collect(const ClusterState& cluster, SampleSink& out) const {
    out.start(kMembers);
    for (const auto& [id, group] : cluster.groups().groups()) {
        const Label label{"consumergroup", id};
        out.add({"", "", {&label, 1}, {static_cast<std::int64_t>(group.members.size()), 0}, {}});
    }
    collect_offsets(cluster.groups(), out);
    collect_lag(cluster, out);
    out.start(kRebalances);
    for (const auto& [id, group] : cluster.groups().groups()) {
        const Label label{"consumergroup", id};
        out.add({"_total", "", {&label, 1}, {group.rebalances, 0}, SimTime()});
    }
}

}  // namespace bsim::metrics
