#include "sim/world/disk_metrics.h"

#include <string_view>
#include <utility>
#include <vector>

namespace bsim {
namespace {

using metrics::MetricInfo;
using metrics::MetricType;

constexpr MetricInfo kTime{MetricType::Summary, "brokersim_disk_seconds", "seconds",
                           "Time of a burst of work on a disk, by the operations in it."};
constexpr MetricInfo kQueue{MetricType::Gauge, "brokersim_disk_queue_seconds", "seconds",
                            "Time that the device needs for what it has been given."};
constexpr MetricInfo kWaiting{MetricType::Gauge, "brokersim_disk_waiting", "",
                              "Pieces of work that wait for the device."};
constexpr MetricInfo kDirty{MetricType::Gauge, "brokersim_disk_dirty_bytes", "bytes",
                            "Bytes of the page cache that a loss of power would take."};

constexpr std::pair<DiskOp, std::string_view> kOps[] = {
    {DiskOp::Fsync, "fsync"}, {DiskOp::Read, "read"}, {DiskOp::Write, "write"}};

// Of each disk of each server, with the labels that tell it apart: none if it is the only one.
template <class Tell>
void for_each_disk(const Cluster& cluster, Tell tell) {
    for (const auto& node : cluster.servers()) {
        const LogDirs& dirs = node->log_dirs();
        for (std::size_t dir = 0; dir < dirs.size(); ++dir) {
            std::vector<metrics::Label> labels;
            if (dirs.size() > 1)
                labels.push_back({"dir", dirs.name(dir)});
            tell(*node, dirs[dir], labels);
        }
    }
}

}  // namespace

void DiskMetrics::collect(const metrics::ClusterState&, metrics::SampleSink& out) const {
    out.start(kTime);
    for_each_disk(cluster_, [&](const ServerNode& node, const NodeDisk& disk, auto labels) {
        const DiskMeter& meter = disk.meter();
        labels.emplace_back();
        for (const auto& [op, name] : kOps) {
            const auto index = static_cast<std::size_t>(op);
            labels.back() = {"op", name};
            out.add({"_count", node.name().text(), labels, {meter.bursts[index], 0}, std::nullopt});
            out.add({"_sum", node.name().text(), labels, metrics::in_seconds(meter.time[index]),
                     SimTime()});
        }
    });
    const auto tell = [&](const MetricInfo& metric, const auto& value_of) {
        out.start(metric);
        for_each_disk(cluster_, [&](const ServerNode& node, const NodeDisk& disk, auto& labels) {
            out.add({"", node.name().text(), labels, value_of(disk), std::nullopt});
        });
    };
    tell(kQueue, [&](const NodeDisk& disk) { return metrics::in_seconds(disk.backlog(now_())); });
    tell(kWaiting, [](const NodeDisk& disk) {
        return metrics::Decimal{static_cast<std::int64_t>(disk.waiting()), 0};
    });
    tell(kDirty, [](const NodeDisk& disk) {
        return metrics::Decimal{static_cast<std::int64_t>(disk.cache().dirty_bytes()), 0};
    });
}

}  // namespace bsim
