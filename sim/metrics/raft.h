#pragma once
// kafka_server_raft_metrics_*: the metadata quorum as each member and observer sees it.
// Source: org.apache.kafka.raft.internals.KafkaRaftMetrics. A node has samples once it has told of
// its role. The high watermark is the leader's, -1 until its epoch has one; events do not tell how
// far the others have heard of it, so that only the leader has a sample.

#include <map>
#include <optional>

#include "sim/metrics/metric_family.h"

namespace bsim::metrics {

class RaftMetrics : public MetricFamily {
  public:
    void on(const Event& event, const ClusterState& cluster) override;
    void collect(const ClusterState& cluster, SampleSink& out) const override;

  private:
    struct Member {
        std::optional<RaftRole> role;
        std::optional<Offset> hw;  // of the epoch that it leads
        std::optional<Offset> log_end;
    };
    // The member, if the event is about its metadata log.
    Member* member_of(const Event& event, const TopicPartition& p);

    std::map<NodeName, Member> members_;
};

}  // namespace bsim::metrics
