#include "sim/metrics/consumer_lag.h"

#include <algorithm>

namespace bsim::metrics {

namespace {

constexpr MetricInfo kLagMax{MetricType::Gauge,
                             "kafka_consumer_consumer_fetch_manager_metrics_records_lag_max", "",
                             "Records to the end of the partition that is farthest behind."};

}  // namespace

void ConsumerLagMetrics::on(const Event& event, const ClusterState&) {
    if (const auto* consumed = as<RecordsConsumed>(event)) {
        positions_[event.n][consumed->p] = consumed->to;
    } else if (const auto* skipped = as<RecordsSkipped>(event)) {
        positions_[event.n][skipped->p] = skipped->to;
    } else if (const auto* reset = as<PositionReset>(event)) {
        positions_[event.n][reset->p] = reset->to;
    } else if (const auto* changed = as<AssignmentChanged>(event)) {
        const auto& owned = changed->owned;
        std::erase_if(positions_[event.n], [&](const auto& entry) {
            return std::find(owned.begin(), owned.end(), entry.first) == owned.end();
        });
    } else if (as<NodeStopped>(event) != nullptr) {
        positions_.erase(event.n);
    }
}

void ConsumerLagMetrics::collect(const ClusterState& cluster, SampleSink& out) const {
    out.start(kLagMax);
    for (const auto& [consumer, positions] : positions_) {
        const Node* const node = cluster.node(consumer);
        if (node == nullptr || !node->answers())
            continue;
        std::optional<std::int64_t> most;
        for (const auto& [p, position] : positions) {
            const auto end = cluster.latest_offset(p);
            if (end)
                most = std::max(most.value_or(0), *end - position);
        }
        const Label label{"client_id", consumer.text()};
        if (most)
            out.add({"", consumer.text(), {&label, 1}, {*most, 0}, {}});
    }
}

}  // namespace bsim::metrics
