#include "sim/metrics/broker_topics.h"

#include <algorithm>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kMessagesIn{MetricType::Counter, "kafka_server_brokertopicmetrics_messagesin",
                                 "", "Records that this broker, as leader, has appended."};
constexpr MetricInfo kBytesIn{MetricType::Counter, "kafka_server_brokertopicmetrics_bytesin", "",
                              "Bytes of the batches that this broker, as leader, has appended."};
constexpr MetricInfo kReplicationBytesIn{
    MetricType::Counter, "kafka_server_brokertopicmetrics_replicationbytesin", "",
    "Bytes of the batches that this broker, as follower, has copied from leaders."};

bool leads_any(const Node& node, const std::string& topic) {
    // Replicas stand in order of topic and number.
    auto at = node.replicas.lower_bound({topic, PartitionIndex(0)});
    for (; at != node.replicas.end() && at->first.topic == topic; ++at) {
        if (at->second.leads)
            return true;
    }
    return false;
}

}  // namespace

void BrokerTopicMetrics::on(const Event& event, const ClusterState& cluster) {
    if (!demoted_.empty() && event.t > demoted_at_)
        drop_old_topics(cluster);
    if (const auto* appended = as<LogAppended>(event)) {
        on_appended(event, *appended, cluster);
    } else if (const auto* follower = as<BecameFollower>(event)) {
        demoted_.emplace_back(event.n, follower->p.topic);
        demoted_at_ = event.t;
    } else if (const auto* deleted = as<TopicDeleted>(event)) {
        for (auto& [name, broker] : brokers_)
            broker.topics.erase(deleted->topic);
    } else if (as<NodeStarted>(event) != nullptr) {
        Broker fresh;
        fresh.all.created = event.t;
        brokers_.insert_or_assign(event.n, std::move(fresh));
    }
}

void BrokerTopicMetrics::on_appended(const Event& event,
                                     const LogAppended& e,
                                     const ClusterState& cluster) {
    // None for the metadata log, which no ReplicaManager holds.
    const Replica* const replica = cluster.replica(event.n, e.p);
    const auto found = brokers_.find(event.n);
    if (replica == nullptr || found == brokers_.end())
        return;
    Broker& broker = found->second;
    if (!replica->leads) {
        broker.replicated_bytes += e.bytes;
        return;
    }
    const auto [topic, fresh] = broker.topics.try_emplace(e.p.topic);
    if (fresh)
        topic->second.created = event.t;
    for (Counts* const counts : {&broker.all, &topic->second}) {
        counts->messages += e.last - e.base + 1;
        counts->bytes += e.bytes;
    }
}

void BrokerTopicMetrics::drop_old_topics(const ClusterState& cluster) {
    for (const auto& [name, topic] : demoted_) {
        const Node* const node = cluster.node(name);
        const auto broker = brokers_.find(name);
        if (node != nullptr && broker != brokers_.end() && !leads_any(*node, topic))
            broker->second.topics.erase(topic);
    }
    demoted_.clear();
}

void BrokerTopicMetrics::collect(const ClusterState& cluster, SampleSink& out) const {
    const auto for_each_broker = [&](const auto& visit) {
        for (const auto& [name, broker] : brokers_) {
            const Node* const node = cluster.node(name);
            if (node != nullptr && node->is_broker() && node->answers())
                visit(name, *node, broker);
        }
    };
    const auto is_old = [&](const NodeName& name, const Node& node, const std::string& topic) {
        return std::find(demoted_.begin(), demoted_.end(), std::pair(name, topic)) !=
                   demoted_.end() &&
               !leads_any(node, topic);
    };
    const auto collect_in = [&](const MetricInfo& metric, std::int64_t Counts::*count) {
        out.start(metric);
        for_each_broker([&](const NodeName& name, const Node& node, const Broker& broker) {
            const Counts& all = broker.all;
            out.add({"_total", name.text(), {}, {all.*count, 0}, all.created});
            for (const auto& [topic, counts] : broker.topics) {
                if (is_old(name, node, topic))
                    continue;
                const Label label{"topic", topic};
                out.add({"_total", name.text(), {&label, 1}, {counts.*count, 0}, counts.created});
            }
        });
    };
    collect_in(kMessagesIn, &Counts::messages);
    collect_in(kBytesIn, &Counts::bytes);
    out.start(kReplicationBytesIn);
    for_each_broker([&](const NodeName& name, const Node&, const Broker& broker) {
        out.add({"_total", name.text(), {}, {broker.replicated_bytes, 0}, broker.all.created});
    });
}

}  // namespace bsim::metrics
