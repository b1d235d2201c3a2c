#include "sim/metrics/replica_manager.h"

#include <utility>
#include <vector>

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

// A broker's partitions by their state, each a number of them.
struct States {
    std::int64_t all = 0;
    std::int64_t led = 0;
    std::int64_t under_replicated = 0;
    std::int64_t under_min_isr = 0;
    std::int64_t at_min_isr = 0;
};

States states_of(const Node& node, const ClusterState& cluster) {
    States out;
    for (const auto& [p, replica] : node.replicas) {
        ++out.all;
        if (!replica.leads)
            continue;
        ++out.led;
        const Partition* const partition = cluster.partition(p);
        if (partition == nullptr)
            continue;
        const auto size = static_cast<std::int32_t>(replica.isr.size());
        out.under_replicated += partition->replicas.size() > replica.isr.size() ? 1 : 0;
        out.under_min_isr += size < partition->min_isr ? 1 : 0;
        out.at_min_isr += size == partition->min_isr ? 1 : 0;
    }
    return out;
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
    // Of each broker that answers.
    std::vector<std::pair<const NodeName*, States>> brokers;
    for (const auto& [name, node] : cluster.nodes()) {
        if (node.is_broker() && node.answers())
            brokers.emplace_back(&name, states_of(node, cluster));
    }
    const auto collect_count = [&](const MetricInfo& metric, std::int64_t States::*count) {
        out.start(metric);
        for (const auto& [name, states] : brokers)
            out.add({"", name->text(), {}, {states.*count, 0}, {}});
    };
    collect_count(kPartitionCount, &States::all);
    collect_count(kLeaderCount, &States::led);
    collect_count(kUnderReplicated, &States::under_replicated);
    collect_count(kUnderMinIsr, &States::under_min_isr);
    collect_count(kAtMinIsr, &States::at_min_isr);

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
