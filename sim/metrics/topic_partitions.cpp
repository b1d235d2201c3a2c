#include "sim/metrics/topic_partitions.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kBrokers{MetricType::Gauge, "kafka_brokers", "",
                              "Brokers that are not fenced."};
constexpr MetricInfo kPartitions{MetricType::Gauge, "kafka_topic_partitions", "",
                                 "Partitions of the topic."};
constexpr MetricInfo kLeader{MetricType::Gauge, "kafka_topic_partition_leader", "",
                             "Id of the broker that leads the partition; -1 if none."};
constexpr MetricInfo kReplicas{MetricType::Gauge, "kafka_topic_partition_replicas", "",
                               "Replicas that the partition should have."};
constexpr MetricInfo kInSync{MetricType::Gauge, "kafka_topic_partition_in_sync_replica", "",
                             "Size of the ISR as the controller has it committed."};
constexpr MetricInfo kPreferred{MetricType::Gauge, "kafka_topic_partition_leader_is_preferred", "",
                                "1 if the partition's first replica leads it, else 0."};
constexpr MetricInfo kUnderReplicated{MetricType::Gauge,
                                      "kafka_topic_partition_under_replicated_partition", "",
                                      "1 if the ISR is smaller than the set of replicas, else 0."};
constexpr MetricInfo kCurrentOffset{MetricType::Gauge, "kafka_topic_partition_current_offset", "",
                                    "The leader's high watermark."};

void add(const TopicPartition& p, std::int64_t value, SampleSink& out) {
    const std::string number = std::to_string(p.partition.value());
    const std::array<Label, 2> labels{{{"topic", p.topic}, {"partition", number}}};
    out.add({"", "", labels, {value, 0}, {}});
}

// One sample a partition.
template <class Value>
void collect_each(const ClusterState& cluster,
                  const MetricInfo& metric,
                  SampleSink& out,
                  Value value) {
    out.start(metric);
    for (const auto& [p, partition] : cluster.partitions())
        add(p, static_cast<std::int64_t>(value(partition)), out);
}

void collect_partition_counts(const ClusterState& cluster, SampleSink& out) {
    std::map<std::string_view, std::int64_t> counts;
    for (const auto& [p, partition] : cluster.partitions())
        ++counts[p.topic];
    out.start(kPartitions);
    for (const auto& [topic, count] : counts) {
        const Label label{"topic", topic};
        out.add({"", "", {&label, 1}, {count, 0}, {}});
    }
}

}  // namespace

void TopicPartitionMetrics::on(const Event&, const ClusterState&) {}

void TopicPartitionMetrics::collect(const ClusterState& cluster, SampleSink& out) const {
    const auto& brokers = cluster.fenced();
    out.start(kBrokers);
    const std::int64_t unfenced = std::count_if(brokers.begin(), brokers.end(),
                                                [](const auto& entry) { return !entry.second; });
    out.add({"", "", {}, {unfenced, 0}, {}});

    collect_partition_counts(cluster, out);
    collect_each(cluster, kLeader, out, [](const Partition& partition) {
        return partition.leader ? partition.leader->value() : -1;
    });
    collect_each(cluster, kReplicas, out,
                 [](const Partition& partition) { return partition.replicas.size(); });
    collect_each(cluster, kInSync, out,
                 [](const Partition& partition) { return partition.isr.size(); });
    collect_each(cluster, kPreferred, out,
                 [](const Partition& partition) { return partition.has_preferred_leader(); });
    collect_each(cluster, kUnderReplicated, out,
                 [](const Partition& partition) { return partition.under_replicated(); });
    out.start(kCurrentOffset);
    for (const auto& [p, partition] : cluster.partitions()) {
        const auto latest = cluster.latest_offset(p);
        if (latest)
            add(p, latest->value(), out);
    }
}

}  // namespace bsim::metrics
