#include "sim/metrics/controller.h"

#include <algorithm>
#include <string>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kActiveController{MetricType::Gauge,
                                       "kafka_controller_kafkacontroller_activecontrollercount", "",
                                       "1 on the active controller, 0 on the others."};
constexpr MetricInfo kActiveBrokers{MetricType::Gauge,
                                    "kafka_controller_kafkacontroller_activebrokercount", "",
                                    "Brokers that are registered and not fenced."};
constexpr MetricInfo kFencedBrokers{MetricType::Gauge,
                                    "kafka_controller_kafkacontroller_fencedbrokercount", "",
                                    "Brokers that are registered and fenced."};
constexpr MetricInfo kTopics{MetricType::Gauge, "kafka_controller_kafkacontroller_globaltopiccount",
                             "", "Topics of the cluster."};
constexpr MetricInfo kPartitions{MetricType::Gauge,
                                 "kafka_controller_kafkacontroller_globalpartitioncount", "",
                                 "Partitions of the cluster."};
constexpr MetricInfo kOffline{MetricType::Gauge,
                              "kafka_controller_kafkacontroller_offlinepartitionscount", "",
                              "Partitions without a leader."};
constexpr MetricInfo kImbalance{
    MetricType::Gauge, "kafka_controller_kafkacontroller_preferredreplicaimbalancecount", "",
    "Partitions that another than their first replica leads, or none."};
constexpr MetricInfo kUncleanElections{
    MetricType::Counter, "kafka_controller_controllerstats_uncleanleaderelections", "",
    "Leaders elected from outside the ISR since this controller's process started."};

std::int64_t count_topics(const std::map<TopicPartition, Partition>& partitions) {
    std::int64_t topics = 0;
    const std::string* last = nullptr;
    for (const auto& [p, partition] : partitions) {
        if (last == nullptr || *last != p.topic)
            ++topics;
        last = &p.topic;
    }
    return topics;
}

template <class Condition>
std::int64_t count_partitions(const ClusterState& cluster, Condition condition) {
    const auto& all = cluster.partitions();
    return std::count_if(all.begin(), all.end(),
                         [&](const auto& entry) { return condition(entry.second); });
}

}  // namespace

void ControllerMetrics::on(const Event& event, const ClusterState& cluster) {
    if (as<NodeStarted>(event) != nullptr) {
        const Node* const node = cluster.node(event.n);
        if (node->is_controller())
            unclean_elections_[event.n] = 0;
        return;
    }
    const auto* elected = as<LeaderElected>(event);
    if (elected == nullptr || elected->clean)
        return;
    // One that is down begins anew when it starts.
    for (auto& [name, count] : unclean_elections_)
        ++count;
}

void ControllerMetrics::collect(const ClusterState& cluster, SampleSink& out) const {
    out.start(kActiveController);
    for (const auto& [name, node] : cluster.nodes()) {
        if (node.is_controller() && node.answers())
            out.add({"", name.text(), {}, {node.active_controller ? 1 : 0, 0}, {}});
    }
    const auto collect_active = [&](const MetricInfo& metric, std::int64_t value) {
        out.start(metric);
        for (const auto& [name, node] : cluster.nodes()) {
            if (node.active_controller && node.answers())
                out.add({"", name.text(), {}, {value, 0}, {}});
        }
    };
    const auto& brokers = cluster.fenced();
    const std::int64_t fenced = std::count_if(brokers.begin(), brokers.end(),
                                              [](const auto& entry) { return entry.second; });
    collect_active(kActiveBrokers, static_cast<std::int64_t>(brokers.size()) - fenced);
    collect_active(kFencedBrokers, fenced);
    collect_active(kTopics, count_topics(cluster.partitions()));
    collect_active(kPartitions, static_cast<std::int64_t>(cluster.partitions().size()));
    collect_active(kOffline, count_partitions(cluster, [](const Partition& partition) {
                       return !partition.leader;
                   }));
    collect_active(kImbalance, count_partitions(cluster, [](const Partition& partition) {
                       return !partition.has_preferred_leader();
                   }));
    out.start(kUncleanElections);
    for (const auto& [name, count] : unclean_elections_) {
        const Node* const node = cluster.node(name);
        if (node->active_controller && node->answers())
            out.add({"_total", name.text(), {}, {count, 0}, node->started});
    }
}

}  // namespace bsim::metrics
