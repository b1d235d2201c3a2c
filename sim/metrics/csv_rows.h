#pragma once
// metrics.csv: samples of many moments, one a row, for spreadsheets and pandas.
//
//     t_ns,node,metric,labels,value
//     15000000000,broker-1,kafka_cluster_partition_insyncreplicascount,topic=orders;partition=0,3
//
// `t_ns` is simulated time since the start of the run; `node` is empty where a sample belongs to no
// node; `metric` is the sample's name, suffix included; `labels` are `name=value` joined by `;`.
// A field that holds a comma, a quote or a line break is quoted as in RFC 4180.

#include <string>

#include "sim/metrics/metric.h"

namespace bsim::metrics {

class CsvRows : public SampleSink {
  public:
    static constexpr std::string_view kHeader = "t_ns,node,metric,labels,value\n";

    // Rows are appended to `out`, which must outlive this.
    CsvRows(SimTime at, std::string& out) : at_(at), out_(out) {}

    void start(const MetricInfo& metric) override { metric_ = &metric; }
    void add(const Sample& sample) override;

  private:
    SimTime at_;
    std::string& out_;
    const MetricInfo* metric_ = nullptr;
};

}  // namespace bsim::metrics
