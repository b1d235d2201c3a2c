#include "sim/world/cluster.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/node/api_versions.h"
#include "sim/world/client_settings.h"

namespace bsim {
namespace {

bool has_id(const std::vector<NodeSpec>& specs, BrokerId id) {
    return std::any_of(specs.begin(), specs.end(),
                       [&](const NodeSpec& spec) { return spec.id == id; });
}

ServerNode* find(const std::vector<ServerNode*>& nodes, BrokerId id) {
    const auto it = std::find_if(nodes.begin(), nodes.end(),
                                 [&](const ServerNode* node) { return node->id() == id; });
    return it == nodes.end() ? nullptr : *it;
}

}  // namespace

Cluster::Cluster(const Parts& parts)
    : network_(parts.scheduler, parts.rng, topology_),
      network_trace_(parts.scheduler, parts.tracer, topology_),
      fabric_(topology_, parts.scenario.network.link),
      send_history_(parts.history) {
    network_.set_tap(&network_trace_);
    const Scenario& scenario = parts.scenario;
    const NodeEnv env{parts.scheduler, parts.rng, network_, parts.tracer, parts.outages};

    add_servers(parts, env);
    std::vector<BrokerId> broker_ids;
    for (const NodeSpec& spec : scenario.brokers) {
        if (!spec.joins_by_fault)
            broker_ids.push_back(spec.id);
    }
    admin_ = std::make_unique<AdminNode>(
        env, add_host("admin", ""), broker_ids, [this](BrokerId id) {
            return Address{broker(id)->host(), static_cast<Port>(kBrokerPort)};
        });
    add_producers(parts, env);
}

void Cluster::add_servers(const Parts& parts, const NodeEnv& env) {
    const Scenario& scenario = parts.scenario;
    ClusterIdentity identity;
    identity.cluster_id = parts.rng.stream("uuid/cluster").uuid().to_string();
    identity.broker_address = [this](BrokerId id) {
        return Address{broker(id)->host(), static_cast<Port>(kBrokerPort)};
    };
    identity.controller_address = [this](BrokerId id) {
        return Address{controller(id)->host(), kControllerPort};
    };
    const auto node_name = [&](BrokerId id) {
        return has_id(scenario.brokers, id) ? NodeName::broker(id) : NodeName::controller(id);
    };
    for (const NodeSpec& spec : scenario.controllers)
        identity.voters[spec.id] = node_name(spec.id).text();

    const auto add = [&](const NodeSpec& spec, NodeRoles roles) {
        const std::string name = node_name(spec.id).text();
        const NodeSettings settings{spec.id,
                                    roles,
                                    spec.rack,
                                    spec.config,
                                    spec.startup,
                                    scenario.switches,
                                    parts.data_directory + "/" + name};
        servers_.push_back(std::make_unique<ServerNode>(
            env, add_host(name, spec.rack.value_or("")), settings, identity, announced_));
        if (roles.controller)
            controllers_.push_back(servers_.back().get());
        if (roles.broker)
            brokers_.push_back(servers_.back().get());
    };
    for (const NodeSpec& spec : scenario.controllers) {
        if (!has_id(scenario.brokers, spec.id))
            add(spec, {.broker = false, .controller = true});
    }
    for (const NodeSpec& spec : scenario.brokers)
        add(spec, {.broker = true, .controller = has_id(scenario.controllers, spec.id)});
}

void Cluster::add_producers(const Parts& parts, const NodeEnv& env) {
    std::vector<client::Endpoint> bootstrap;
    for (const NodeSpec& spec : parts.scenario.brokers) {
        if (!spec.joins_by_fault)
            bootstrap.push_back({broker(spec.id)->name().text(), kBrokerPort});
    }
    for (const ProducerSpec& spec : parts.scenario.producers) {
        auto& instances = producers_[spec.name];
        for (std::int32_t i = 0; i < spec.count; ++i) {
            NodeName name = NodeName::client("producer", spec.name, i);
            ProducerSetup setup;
            setup.settings = producer_settings(spec.config, name.text(), bootstrap);
            setup.value_bytes = spec.value_bytes;
            setup.host_by_name = [this](const std::string& host) { return hosts_.at(host); };
            const HostId host = add_host(name.text(), "");
            instances.push_back(
                std::make_unique<ProducerNode>(env, std::move(name), host, setup, send_history_));
        }
    }
}

HostId Cluster::add_host(const std::string& name, const std::string& rack) {
    const HostId host = fabric_.add_host(name, rack);
    hosts_[name] = host;
    return host;
}

ServerNode* Cluster::broker(BrokerId id) const {
    return find(brokers_, id);
}

ServerNode* Cluster::controller(BrokerId id) const {
    return find(controllers_, id);
}

ServerNode* Cluster::active_controller() const {
    ServerNode* active = nullptr;
    for (ServerNode* node : controllers_) {
        const auto epoch = node->active_epoch();
        if (epoch && (active == nullptr || *epoch > *active->active_epoch()))
            active = node;
    }
    return active;
}

const MetadataImage* Cluster::committed() const {
    const ServerNode* active = active_controller();
    return active == nullptr ? nullptr : active->committed();
}

std::vector<Process*> Cluster::processes() const {
    std::vector<Process*> all;
    for (const auto& node : servers_)
        all.push_back(node.get());
    all.push_back(admin_.get());
    for (const auto& [name, instances] : producers_) {
        for (const auto& node : instances)
            all.push_back(node.get());
    }
    return all;
}

}  // namespace bsim
