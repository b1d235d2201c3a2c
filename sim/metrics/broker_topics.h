#pragma once
// kafka_server_brokertopicmetrics_*: what producers write to a broker, by topic and in all (the
// series without a topic), and what it copies from leaders.
// Source: org.apache.kafka.storage.log.metrics.BrokerTopicMetrics, marked in
// kafka.server.ReplicaManager.appendToLocalLog and ReplicaFetcherThread.processPartitionData.
//
// Bytes are those of the batches as they stand in the log. A topic's series ends when the broker
// becomes a follower and leads no partition of the topic any more (updateLeaderAndFollowerMetrics,
// KAFKA-8392); the next one starts at 0. All series begin anew with each life of the process.

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class BrokerTopicMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;

  private:
    struct Counts {
        std::int64_t messages = 0;
        std::int64_t bytes = 0;
        SimTime created;
    };
    struct Broker {
        Counts all;
        std::int64_t replicated_bytes = 0;
        std::map<std::string, Counts> topics;
    };

    void on_appended(const Event& event, const LogAppended& e, const ClusterState& cluster);
    void drop_old_topics(const ClusterState& cluster);

    std::map<NodeName, Broker> brokers_;
    // Became follower at `demoted_at_`. Whether the topic is led no more can be said when all roles
    // of that moment are known: the broker may have taken another of its partitions over.
    std::vector<std::pair<NodeName, std::string>> demoted_;
    SimTime demoted_at_;
};

}  // namespace bsim::metrics
