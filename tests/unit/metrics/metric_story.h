#pragma once
// A hand-made trace for metric tests: tells events to a RunMetrics and reads samples back.

#include <map>
#include <string>
#include <utility>

#include "sim/metrics/run_metrics.h"
#include "sim/trace/tracer.h"

namespace bsim::test {

inline TopicPartition partition(std::string topic, std::int32_t index) {
    return {std::move(topic), PartitionIndex(index)};
}

// What a test does not set is that of a partition of two replicas, both in sync, led by broker 1.
struct Change {
    TopicPartition p = partition("t", 0);
    int leader = 1;  // -1: none
    std::vector<int> isr = {1, 2};
    std::vector<int> replicas = {1, 2};
    std::string reason = "created";
    int epoch = 0;
};

class MetricStory {
  public:
    MetricStory() : MetricStory(metrics::Settings{}) {}
    explicit MetricStory(const metrics::Settings& settings) : metrics_(settings, csv_) {
        tracer_.subscribe(metrics_);
    }
    MetricStory(const MetricStory&) = delete;
    MetricStory& operator=(const MetricStory&) = delete;

    // Events happen at this time until the next call.
    MetricStory& at(SimDuration since_start);
    template <class Body>
    MetricStory& tell(const std::string& node, Body body) {
        tracer_.emit(now_, NodeName(node), std::move(body));
        return *this;
    }
    // NodeStarted of controller-100 and of brokers 1 to `brokers`, all registered and unfenced.
    MetricStory& start_cluster(int brokers);
    MetricStory& change(const Change& change);
    MetricStory& append(const std::string& node, const TopicPartition& p, int base, int last);
    void finish(SimDuration end) { metrics_.finish(SimTime() + end); }

    const std::string& csv() const { return csv_.text(); }
    std::string open_metrics() const { return metrics_.open_metrics(now_); }
    // Value of the sample `name{labels}` as OpenMetrics text has it now; "none" if it is missing.
    std::string value(const std::string& sample) const;

  private:
    StringSink csv_;
    metrics::RunMetrics metrics_;
    Tracer tracer_{RecordMessages::No};
    SimTime now_;
};

// The rows of metrics.csv after its header line: "t_ns,node,metric,labels" to value.
std::map<std::string, std::string> csv_rows(const std::string& csv);

}  // namespace bsim::test
