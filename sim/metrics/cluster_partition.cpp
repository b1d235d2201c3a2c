#include "sim/metrics/cluster_partition.h"

#include <array>
#include <string>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kInSyncReplicas{
    MetricType::Gauge, "kafka_cluster_partition_insyncreplicascount", "",
    "Size of the ISR as the leader has it committed; 0 where the replica does not lead."};

}  // namespace

void ClusterPartitionMetrics::on(const Event&, const ClusterState&) {}

void ClusterPartitionMetrics::collect(const ClusterState& cluster, SampleSink& out) const {
    out.start(kInSyncReplicas);
    for (const auto& [name, node] : cluster.nodes()) {
        if (!node.answers())
            continue;
        for (const auto& [p, replica] : node.replicas) {
            const std::string number = std::to_string(p.partition.value());
            const std::array<Label, 2> labels{{{"topic", p.topic}, {"partition", number}}};
            const auto size = static_cast<std::int64_t>(replica.isr.size());
            out.add({"", name.text(), labels, {size, 0}, {}});
        }
    }
}

}  // namespace bsim::metrics
