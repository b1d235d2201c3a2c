#include "sim/metrics/metric_lookup.h"

#include <algorithm>
#include <array>
#include <functional>
#include <limits>

#include "sim/metrics/registry.h"

namespace bsim::metrics {
namespace {

// Which metrics a family has: it names them also while they have no samples.
class NamesOnly : public SampleSink {
  public:
    using Told = std::function<void(const MetricInfo&)>;
    explicit NamesOnly(Told told) : told_(std::move(told)) {}

    void start(const MetricInfo& metric) override { told_(metric); }
    void add(const Sample&) override {}

  private:
    Told told_;
};

std::vector<std::string_view> suffixes(MetricType type) {
    switch (type) {
        case MetricType::Counter:
            return {"_total"};
        case MetricType::Summary:
            return {"", "_count", "_sum"};
        case MetricType::Info:
            return {"_info"};
        case MetricType::Gauge:
            break;
    }
    return {""};
}

struct Labelled {
    std::string_view name;
    std::string_view labels;
};
// The samples that have labels beside `instance`.
constexpr Labelled kLabels[] = {
    {"brokersim_group_partition_pause_seconds_total", "consumergroup"},
    {"brokersim_group_rebalances_total", "consumergroup"},
    {"brokersim_leader_elections_total", "clean"},
    {"brokersim_produce_latency_seconds", "topic quantile"},
    {"brokersim_produce_latency_seconds_count", "topic"},
    {"brokersim_produce_latency_seconds_sum", "topic"},
    {"brokersim_records_acked_total", "topic"},
    {"brokersim_records_failed_total", "topic error"},
    {"kafka_cluster_partition_insyncreplicascount", "topic partition"},
    {"kafka_consumer_consumer_fetch_manager_metrics_records_lag_max", "client_id"},
    {"kafka_consumergroup_current_offset", "consumergroup topic partition"},
    {"kafka_consumergroup_current_offset_sum", "consumergroup topic"},
    {"kafka_consumergroup_lag", "consumergroup topic partition"},
    {"kafka_consumergroup_lag_sum", "consumergroup topic"},
    {"kafka_consumergroup_members", "consumergroup"},
    {"kafka_server_brokertopicmetrics_bytesin_total", "topic"},
    {"kafka_server_brokertopicmetrics_messagesin_total", "topic"},
    {"kafka_server_raft_metrics_current_state_info", "state"},
    {"kafka_topic_partition_current_offset", "topic partition"},
    {"kafka_topic_partition_in_sync_replica", "topic partition"},
    {"kafka_topic_partition_leader", "topic partition"},
    {"kafka_topic_partition_leader_is_preferred", "topic partition"},
    {"kafka_topic_partition_replicas", "topic partition"},
    {"kafka_topic_partition_under_replicated_partition", "topic partition"},
    {"kafka_topic_partitions", "topic"},
};

// amount * 10^digits; nullopt if it does not fit.
std::optional<std::int64_t> shifted(std::int64_t amount, int digits) {
    for (; digits > 0; --digits) {
        if (__builtin_mul_overflow(amount, 10, &amount))
            return std::nullopt;
    }
    return amount;
}

class Sum : public SampleSink {
  public:
    Sum(std::string_view name, const MetricLookup::Labels& labels) : name_(name), labels_(labels) {}

    void start(const MetricInfo& metric) override { metric_ = metric.name; }
    void add(const Sample& sample) override {
        const bool named = name_.size() == metric_.size() + sample.suffix.size() &&
                           name_.starts_with(metric_) && name_.ends_with(sample.suffix);
        if (!named || !has_labels(sample))
            return;
        // Where there are samples of each topic beside those of all, the latter count alone.
        if (sample.labels.size() > fewest_labels_)
            return;
        if (sample.labels.size() < fewest_labels_)
            value_.reset();
        fewest_labels_ = sample.labels.size();
        add(sample.value);
    }
    std::optional<Decimal> value() const { return fits_ ? value_ : std::nullopt; }

  private:
    bool has_labels(const Sample& sample) const {
        return std::all_of(labels_.begin(), labels_.end(), [&](const auto& wanted) {
            if (wanted.first == "instance")
                return sample.node == wanted.second;
            return std::any_of(sample.labels.begin(), sample.labels.end(), [&](const Label& has) {
                return has.name == wanted.first && has.value == wanted.second;
            });
        });
    }
    void add(Decimal more) {
        const Decimal so_far = value_.value_or(Decimal{0, more.decimals});
        const int decimals = std::max(so_far.decimals, more.decimals);
        const auto left = shifted(so_far.amount, decimals - so_far.decimals);
        const auto right = shifted(more.amount, decimals - more.decimals);
        std::int64_t sum = 0;
        fits_ = fits_ && left && right && !__builtin_add_overflow(*left, *right, &sum);
        value_ = Decimal{sum, decimals};
    }

    std::string_view name_;
    const MetricLookup::Labels& labels_;
    std::string_view metric_;
    std::optional<Decimal> value_;
    std::size_t fewest_labels_ = std::numeric_limits<std::size_t>::max();
    bool fits_ = true;
};

}  // namespace

MetricLookup::MetricLookup(const Settings& settings)
    : cluster_(settings), families_(make_metric_families()) {
    for (const auto& family : families_) {
        NamesOnly names(
            [&](const MetricInfo& metric) { by_metric_.emplace(metric.name, family.get()); });
        family->collect(cluster_, names);
    }
}

void MetricLookup::on(const Event& event, std::string_view) {
    if (is_message_event(event.body))
        return;
    cluster_.on(event);
    for (const auto& family : families_)
        family->on(event, cluster_);
}

std::optional<Decimal> MetricLookup::value(std::string_view name, const Labels& labels) const {
    constexpr std::array<std::string_view, 5> kSuffixes = {"", "_total", "_count", "_sum", "_info"};
    for (const std::string_view suffix : kSuffixes) {
        if (!name.ends_with(suffix))
            continue;
        const auto family = by_metric_.find(name.substr(0, name.size() - suffix.size()));
        if (family == by_metric_.end())
            continue;
        Sum sum(name, labels);
        family->second->collect(cluster_, sum);
        return sum.value();
    }
    return std::nullopt;
}

std::vector<std::string> sample_names() {
    std::vector<std::string> out;
    const ClusterState nothing{Settings{}};
    NamesOnly names([&](const MetricInfo& metric) {
        for (const std::string_view suffix : suffixes(metric.type))
            out.push_back(std::string(metric.name) + std::string(suffix));
    });
    for (const auto& family : make_metric_families())
        family->collect(nothing, names);
    std::sort(out.begin(), out.end());
    return out;
}

std::map<std::string, std::vector<std::string>, std::less<>> sample_labels() {
    std::map<std::string, std::vector<std::string>, std::less<>> out;
    for (const std::string& name : sample_names()) {
        auto& labels = out[name];
        const auto* const row = std::find_if(std::begin(kLabels), std::end(kLabels),
                                             [&](const auto& each) { return each.name == name; });
        if (row == std::end(kLabels))
            continue;
        for (std::string_view rest = row->labels; !rest.empty();) {
            const std::size_t blank = std::min(rest.find(' '), rest.size());
            labels.emplace_back(rest.substr(0, blank));
            rest.remove_prefix(std::min(blank + 1, rest.size()));
        }
    }
    return out;
}

}  // namespace bsim::metrics
