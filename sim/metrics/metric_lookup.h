#pragma once
// The value of one metric at this moment, for expressions that ask for it while a run goes on.
//
// It folds over the same events as metrics.om and has its values, but for the families that read
// more than the trace (those of links and disks).

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/metrics/metric_family.h"
#include "sim/trace/sinks.h"

namespace bsim::metrics {

class MetricLookup : public EventSink {
  public:
    explicit MetricLookup(const Settings& settings);

    void on(const Event& event, std::string_view canonical) override;

    // The sum of the samples of that name (suffix included) that have these labels, among others;
    // `instance` is the node. nullopt if there is none, or if the sum is too large.
    using Labels = std::map<std::string, std::string>;
    std::optional<Decimal> value(std::string_view name, const Labels& labels) const;

  private:
    ClusterState cluster_;
    std::vector<std::unique_ptr<MetricFamily>> families_;
    std::map<std::string, const MetricFamily*, std::less<>> by_metric_;  // name without suffix
};

// The names that value() may be asked for, sorted.
std::vector<std::string> sample_names();
// By such a name, the labels of its samples (`instance` goes without saying).
std::map<std::string, std::vector<std::string>, std::less<>> sample_labels();

}  // namespace bsim::metrics
