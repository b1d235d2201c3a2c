#include "sim/report/cluster_at.h"

#include "sim/report/metadata_fold.h"

namespace bsim {
namespace {

void note_process(const Event& event, std::map<NodeName, ProcessState>& processes) {
    if (!event.n.kafka_id())
        return;
    if (as<NodeStarted>(event) != nullptr || as<NodeResumed>(event) != nullptr)
        processes[event.n] = ProcessState::Up;
    if (as<NodePaused>(event) != nullptr)
        processes[event.n] = ProcessState::Paused;
    if (as<NodeStopped>(event) != nullptr)
        processes[event.n] = ProcessState::Down;
}

}  // namespace

ProcessState ClusterAt::process(BrokerId broker) const {
    const auto found = processes.find(NodeName::broker(broker));
    return found == processes.end() ? ProcessState::Down : found->second;
}

const ConfigMap& ClusterAt::settings(BrokerId broker) const {
    static const ConfigMap kNone;
    const auto found = manifest.find(NodeName::broker(broker).text());
    return found == manifest.end() ? kNone : found->second.settings;
}

NodeName ClusterAt::node_name(BrokerId id) const {
    const NodeName controller = NodeName::controller(id);
    return processes.contains(controller) ? controller : NodeName::broker(id);
}

std::set<BrokerId> ClusterAt::live_brokers() const {
    std::set<BrokerId> live;
    for (const auto& [id, broker] : image.brokers()) {
        if (!broker.fenced)
            live.insert(id);
    }
    return live;
}

Result<ClusterAt, TraceError> read_cluster_at(std::istream& trace,
                                              std::optional<SimTime> at,
                                              const RunFiles& files) {
    ClusterAt cluster;
    MetadataFold metadata;
    TraceReader reader(trace, Attributes::Required);
    BSIM_TRY_VOID(reader.header());
    while (true) {
        BSIM_TRY(const std::optional<Event> event, reader.next());
        if (!event || (at && event->t > *at))
            break;
        cluster.at = event->t;
        note_process(*event, cluster.processes);
        metadata.on(*event);
        cluster.quorum.on(*event);
        cluster.logs.on(*event);
    }
    cluster.at = at.value_or(cluster.at);
    cluster.manifest = manifest_nodes(files.manifest);
    std::optional<MetadataImage> image;
    if (files.data != nullptr) {
        cluster.stored = read_stored_nodes(*files.data);
        image = read_stored_image(*files.data, cluster.stored, metadata.committed());
    }
    cluster.image_is_whole = image.has_value();
    cluster.image = image ? std::move(*image) : metadata.image();
    return cluster;
}

}  // namespace bsim
