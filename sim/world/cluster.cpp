#include "sim/world/cluster.h"

#include <utility>

#include "sim/base/check.h"
#include "sim/node/api_versions.h"
#include "sim/world/client_settings.h"

namespace bsim {
namespace {

NodeSettings node_settings(const NodeSpec& spec, const std::string& directory) {
    return {spec.id, spec.rack, spec.config, spec.startup, directory};
}

}  // namespace

Cluster::Cluster(const Parts& parts)
    : network_(parts.scheduler, parts.rng, topology_),
      network_trace_(parts.scheduler, parts.tracer, topology_),
      fabric_(topology_.add_host("fabric")),
      send_history_(parts.history) {
    network_.set_tap(&network_trace_);
    const Scenario& scenario = parts.scenario;
    const NodeEnv env{parts.scheduler, parts.rng, network_, parts.tracer, parts.outages};

    std::map<BrokerId, HostId> by_id;
    ClusterIdentity identity;
    identity.cluster_id = parts.rng.stream("uuid/cluster").uuid().to_string();
    for (const NodeSpec& spec : scenario.controllers) {
        by_id[spec.id] = add_host(NodeName::controller(spec.id).text(), scenario.network_latency);
        identity.voters.push_back(spec.id);
    }
    std::vector<BrokerId> broker_ids;
    for (const NodeSpec& spec : scenario.brokers) {
        by_id[spec.id] = add_host(NodeName::broker(spec.id).text(), scenario.network_latency);
        broker_ids.push_back(spec.id);
    }
    identity.host_of = [by_id](BrokerId id) { return by_id.at(id); };

    for (const NodeSpec& spec : scenario.controllers) {
        const std::string name = NodeName::controller(spec.id).text();
        controllers_.push_back(std::make_unique<ControllerNode>(
            env, by_id.at(spec.id), node_settings(spec, parts.data_directory + "/" + name),
            identity));
    }
    for (const NodeSpec& spec : scenario.brokers) {
        const std::string name = NodeName::broker(spec.id).text();
        brokers_.push_back(std::make_unique<BrokerNode>(
            env, by_id.at(spec.id), node_settings(spec, parts.data_directory + "/" + name),
            identity));
    }
    admin_ = std::make_unique<AdminNode>(env, add_host("admin", scenario.network_latency),
                                         broker_ids, identity.host_of);
    add_producers(parts, env);
}

void Cluster::add_producers(const Parts& parts, const NodeEnv& env) {
    std::vector<client::Endpoint> bootstrap;
    for (const auto& broker : brokers_)
        bootstrap.push_back({broker->name().text(), kBrokerPort});
    for (const ProducerSpec& spec : parts.scenario.producers) {
        auto& instances = producers_[spec.name];
        for (std::int32_t i = 0; i < spec.count; ++i) {
            NodeName name = NodeName::client("producer", spec.name, i);
            ProducerSetup setup;
            setup.settings = producer_settings(spec.config, name.text(), bootstrap);
            setup.value_bytes = spec.value_bytes;
            setup.host_by_name = [this](const std::string& host) { return hosts_.at(host); };
            const HostId host = add_host(name.text(), parts.scenario.network_latency);
            instances.push_back(
                std::make_unique<ProducerNode>(env, std::move(name), host, setup, send_history_));
        }
    }
}

HostId Cluster::add_host(const std::string& name, const LatencyDist& latency) {
    const HostId host = topology_.add_host(name);
    hosts_[name] = host;
    topology_.add_link(host, fabric_, latency);
    topology_.add_link(fabric_, host, ConstantDist{});
    return host;
}

BrokerNode* Cluster::broker(BrokerId id) const {
    for (const auto& node : brokers_) {
        if (node->id() == id)
            return node.get();
    }
    return nullptr;
}

ControllerNode* Cluster::controller(BrokerId id) const {
    for (const auto& node : controllers_) {
        if (node->id() == id)
            return node.get();
    }
    return nullptr;
}

ControllerNode* Cluster::active_controller() const {
    for (const auto& node : controllers_) {
        if (node->is_active())
            return node.get();
    }
    return nullptr;
}

const MetadataImage* Cluster::committed() const {
    const ControllerNode* active = active_controller();
    return active == nullptr ? nullptr : active->image();
}

std::vector<Process*> Cluster::processes() const {
    std::vector<Process*> all;
    for (const auto& node : controllers_)
        all.push_back(node.get());
    for (const auto& node : brokers_)
        all.push_back(node.get());
    all.push_back(admin_.get());
    for (const auto& [name, instances] : producers_) {
        for (const auto& node : instances)
            all.push_back(node.get());
    }
    return all;
}

}  // namespace bsim
