#include "sim/metrics/run_totals.h"

namespace bsim::metrics {

namespace {

constexpr MetricInfo kUp{MetricType::Gauge, "brokersim_node_up", "",
                         "1 if the node would answer a scraper, 0 if it is down or paused."};
constexpr MetricInfo kElections{MetricType::Counter, "brokersim_leader_elections", "",
                                "Elections that gave a partition another leader."};
constexpr MetricInfo kShrinks{MetricType::Counter, "brokersim_isr_shrinks", "",
                              "Removals from an ISR, as leaders came to know them."};
constexpr MetricInfo kExpands{MetricType::Counter, "brokersim_isr_expands", "",
                              "Additions to an ISR, as leaders came to know them."};

}  // namespace

void RunTotals::on(const Event& event, const ClusterState&) {
    if (const auto* elected = as<LeaderElected>(event)) {
        ++(elected->clean ? clean_elections_ : unclean_elections_);
    } else if (as<IsrShrunk>(event) != nullptr) {
        ++isr_shrinks_;
    } else if (as<IsrExpanded>(event) != nullptr) {
        ++isr_expands_;
    }
}

void RunTotals::collect(const ClusterState& cluster, SampleSink& out) const {
    const SimTime since;  // the start of the run
    out.start(kUp);
    for (const auto& [name, node] : cluster.nodes())
        out.add({"", name.text(), {}, {node.answers() ? 1 : 0, 0}, {}});
    out.start(kElections);
    const Label clean{"clean", "true"};
    const Label unclean{"clean", "false"};
    out.add({"_total", "", {&clean, 1}, {clean_elections_, 0}, since});
    out.add({"_total", "", {&unclean, 1}, {unclean_elections_, 0}, since});
    out.start(kShrinks);
    out.add({"_total", "", {}, {isr_shrinks_, 0}, since});
    out.start(kExpands);
    out.add({"_total", "", {}, {isr_expands_, 0}, since});
}

}  // namespace bsim::metrics
