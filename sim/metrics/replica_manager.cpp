#include "sim/metrics/replica_manager.h"

#include <algorithm>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kLeaderCount{MetricType::Gauge, "kafka_server_replicamanager_leadercount", "",
                                  "Partitions that this broker leads."};
constexpr MetricInfo kPartitionCount{MetricType::Gauge,
                                     "kafka_server_replicamanager_partitioncount", "",
                                     "Partitions of which this broker holds a replica."};
constexpr MetricInfo kUnderReplicated{
    MetricType::Gauge, "kafka_server_replicamanager_underreplicatedpartitions", "",
    "Partitions led here whose ISR is smaller than their set of replicas."};
constexpr MetricInfo kUnderMinIsr{
    MetricType::Gauge, "kafka_server_replicamanager_underminisrpartitioncount", "",
    "Partitions led here whose ISR is smaller than min.insync.replicas."};
constexpr MetricInfo kAtMinIsr{MetricType::Gauge,
                               "kafka_server_replicamanager_atminisrpartitioncount", "",
                               "Partitions led here whose ISR is just min.insync.replicas."};
constexpr MetricInfo kIsrShrinks{
    MetricType::Counter, "kafka_server_replicamanager_isrshrinks", "",
    "ISRs that this broker, as leader, has shrunk since its process started."};
constexpr MetricInfo kIsrExpands{
    MetricType::Counter, "kafka_server_replicamanager_isrexpands", "",
    "ISRs that this broker, as leader, has expanded since its process started."};

// How the ISR of a partition that is led here stands to what it should be.
struct IsrStand {
    bool under_replicated = false;
    bool under_min_isr = false;
    bool at_min_isr = false;
};

IsrStand stand_of(const Replica& replica, const Partition* partition) {
    if (partition == nullptr)
        return {};
    const auto size = static_cast<std::int32_t>(replica.isr.size());
    return {partition->replicas.size() > replica.isr.size(), size < partition->min_isr,
            size == partition->min_isr};
}

// One sample for each broker that answers: how many of its partitions fulfil `counts`.
template <class Counts>
void collect_counts(const ClusterState& cluster,
                    const MetricInfo& metric,
                    SampleSink& out,
                    Counts counts) {
    out.start(metric);
    for (const auto& [name, node] : cluster.nodes()) {
        if (!node.is_broker() || !node.answers())
            continue;
        const auto count =
            std::count_if(node.replicas.begin(), node.replicas.end(),
                          [&](const auto& entry) { return counts(entry.first, entry.second); });
        out.add({"", name.text(), {}, {count, 0}, {}});
    }
}

}  // namespace

void ReplicaManagerMetrics::on(const Event& event, const ClusterState& cluster) {
    if (as<NodeStarted>(event) != nullptr) {
        counts_[event.n] = {};
    } else if (const auto* shrunk = as<IsrShrunk>(event)) {
        const Partition* const partition = cluster.partition(shrunk->p);
        if (partition != nullptr && partition->isr_by_leader)
            ++counts_[event.n].isr_shrinks;
    } else if (const auto* expanded = as<IsrExpanded>(event)) {
        const Partition* const partition = cluster.partition(expanded->p);
        if (partition != nullptr && partition->isr_by_leader)
            ++counts_[event.n].isr_expands;
    }
}

void ReplicaManagerMetrics::collect(const ClusterState& cluster, SampleSink& out) const {
    const auto led_with = [&](bool IsrStand::*which) {
        return [&cluster, which](const TopicPartition& p, const Replica& replica) {
            return replica.leads && stand_of(replica, cluster.partition(p)).*which;
        };
    };
    collect_counts(cluster, kPartitionCount, out,
                   [](const TopicPartition&, const Replica&) { return true; });
    collect_counts(cluster, kLeaderCount, out,
                   [](const TopicPartition&, const Replica& replica) { return replica.leads; });
    collect_counts(cluster, kUnderReplicated, out, led_with(&IsrStand::under_replicated));
    collect_counts(cluster, kUnderMinIsr, out, led_with(&IsrStand::under_min_isr));
    collect_counts(cluster, kAtMinIsr, out, led_with(&IsrStand::at_min_isr));

    const auto collect_counter = [&](const MetricInfo& metric, std::int64_t Counts::*count) {
        out.start(metric);
        for (const auto& [name, counts] : counts_) {
            const Node* const node = cluster.node(name);
            if (node != nullptr && node->is_broker() && node->answers())
                out.add({"_total", name.text(), {}, {counts.*count, 0}, node->started});
        }
    };
    collect_counter(kIsrShrinks, &Counts::isr_shrinks);
    collect_counter(kIsrExpands, &Counts::isr_expands);
}

}  // namespace bsim::metrics
