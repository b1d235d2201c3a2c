#pragma once
// What expressions ask for, from the events told so far.

#include <map>
#include <set>
#include <string>

#include "sim/check/cluster_view.h"
#include "sim/metrics/metric_lookup.h"
#include "sim/scenario/expression_watch.h"
#include "sim/world/latency_fold.h"

namespace bsim {

class TraceState : public ExpressionState {
  public:
    // What has seen each event before on() is told of it.
    struct Seen {
        const ClusterView& view;
        const metrics::MetricLookup* metrics = nullptr;  // if an expression asks for any
        const LatencyFold* latencies = nullptr;          // likewise
    };
    explicit TraceState(const Seen& seen)
        : view_(seen.view), metrics_(seen.metrics), latencies_(seen.latencies) {}

    void on(const Event& event);
    // From now on no event has just happened; the time is `now`.
    void forget_event(SimTime now);

    SimTime now() const override { return now_; }
    std::optional<std::int64_t> isr_size(const TopicPartition& p) const override;
    std::optional<NodeNames> leader(const TopicPartition& p) const override;
    std::optional<LeaderEpoch> epoch(const TopicPartition& p) const override;
    // Of the replica that leads; of the metadata log, the highest that anyone has told of.
    std::optional<Offset> high_watermark(const TopicPartition& p) const override;
    std::optional<Offset> log_end(const std::string& node, const TopicPartition& p) const override;
    std::int64_t under_replicated() const override;
    NodeNames active_controller() const override;
    std::optional<bool> is_up(const std::string& node) const override;
    std::optional<NodeNames> targets(const std::string& fault) const override;
    bool happened(const EventPattern& pattern) const override;
    std::optional<Ratio> metric(const MetricQuery& query) const override;
    std::optional<std::string> group_state(const std::string& group) const override;
    std::optional<std::int64_t> group_lag(const std::string& group) const override;
    void measured(Latency latency, const Told& told) const override;

  private:
    // The partition, if the controller knows it.
    const PartitionView* known(const TopicPartition& p) const;

    const ClusterView& view_;
    const metrics::MetricLookup* metrics_;
    const LatencyFold* latencies_;
    SimTime now_;
    const Event* event_ = nullptr;  // only while it is being told of
    std::set<TopicPartition> under_replicated_;
    std::optional<NodeName> controller_;
    std::map<std::string, NodeNames> targets_;
    std::set<std::string> dead_groups_;
};

}  // namespace bsim
