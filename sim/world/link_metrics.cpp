#include "sim/world/link_metrics.h"

#include <map>
#include <string_view>
#include <utility>

namespace bsim {
namespace {

using metrics::MetricInfo;
using metrics::MetricType;

constexpr MetricInfo kMessages{MetricType::Counter, "brokersim_link_messages", "",
                               "Messages that processes of a host sent to another host."};
constexpr MetricInfo kBytes{MetricType::Counter, "brokersim_link_bytes", "bytes",
                            "Bytes of these messages, without headers of lower layers."};
constexpr MetricInfo kDropped{
    MetricType::Counter, "brokersim_link_dropped", "",
    "Times that the network dropped a message or a part of it; TCP sends it again."};
constexpr MetricInfo kInFlight{MetricType::Gauge, "brokersim_link_in_flight", "",
                               "Messages that are sent and have not arrived."};

}  // namespace

void LinkMetrics::collect(const metrics::ClusterState&, metrics::SampleSink& out) const {
    std::map<std::pair<std::string_view, std::string_view>, const WayCounters*> ways;
    cluster_.network().for_each_way([&](HostId from, HostId to, const WayCounters& counters) {
        if (counters.messages > 0)
            ways[{cluster_.host_name(from), cluster_.host_name(to)}] = &counters;
    });
    const auto tell = [&](const MetricInfo& metric, const auto& amount_of, bool zero_too) {
        const bool counts = metric.type == MetricType::Counter;
        out.start(metric);
        for (const auto& [hosts, counters] : ways) {
            const auto amount = static_cast<std::int64_t>(amount_of(*counters));
            if (amount == 0 && !zero_too)
                continue;
            const metrics::Label labels[] = {{"from", hosts.first}, {"to", hosts.second}};
            out.add({counts ? "_total" : "",
                     "",
                     labels,
                     {amount, 0},
                     counts ? std::optional(SimTime()) : std::nullopt});
        }
    };
    tell(
        kMessages, [](const WayCounters& way) { return way.messages; }, true);
    tell(
        kBytes, [](const WayCounters& way) { return way.bytes; }, true);
    tell(
        kDropped, [](const WayCounters& way) { return way.dropped; }, false);
    tell(
        kInFlight, [](const WayCounters& way) { return way.in_flight; }, true);
}

}  // namespace bsim
