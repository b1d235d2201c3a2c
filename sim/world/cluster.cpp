#include "sim/world/cluster.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/node/api_versions.h"
#include "sim/storage/descriptor_limit.h"
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

std::size_t disks_of(const std::vector<NodeSpec>& specs) {
    std::size_t out = 0;
    for (const NodeSpec& spec : specs)
        out += static_cast<std::size_t>(spec.hardware.disk.log_dirs);
    return out;
}

CommitMode commit_mode(CommitPolicy policy) {
    switch (policy) {
        case CommitPolicy::Auto:
            return CommitMode::Auto;
        case CommitPolicy::Sync:
            return CommitMode::Sync;
        case CommitPolicy::AfterEach:
            return CommitMode::AfterEach;
        case CommitPolicy::BeforeWork:
            return CommitMode::BeforeWork;
        case CommitPolicy::None:
            break;
    }
    return CommitMode::None;
}

}  // namespace

Cluster::Cluster(const Parts& parts)
    : network_(parts.scheduler, parts.rng, topology_),
      network_trace_(parts.scheduler, parts.tracer, topology_),
      fabric_(topology_, parts.scenario.network.link),
      send_history_(parts.history, history_processes_) {
    network_.set_tap(&network_trace_);
    const Scenario& scenario = parts.scenario;
    const NodeEnv env{parts.scheduler, parts.rng, network_, parts.tracer, parts.outages};

    add_servers(parts, env);
    std::vector<BrokerId> broker_ids;
    for (const NodeSpec& spec : scenario.brokers) {
        if (!spec.joins_by_fault)
            broker_ids.push_back(spec.id);
    }
    admin_ =
        std::make_unique<AdminNode>(env, add_host("admin", {}), broker_ids, [this](BrokerId id) {
            return Address{broker(id)->host(), static_cast<Port>(kBrokerPort)};
        });
    add_producers(parts, env);
    add_consumers(parts, env);
    add_lines(scenario.network);
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

    const std::uint32_t max_open =
        max_open_descriptors(disks_of(scenario.controllers) + disks_of(scenario.brokers));
    const auto add = [&](const NodeSpec& spec, NodeRoles roles) {
        const std::string name = node_name(spec.id).text();
        NodeTraits traits;
        traits.broker = roles.broker ? std::optional(spec.id) : std::nullopt;
        traits.controller = roles.controller ? std::optional(spec.id) : std::nullopt;
        traits.rack = spec.rack;
        NodeSettings settings;
        settings.id = spec.id;
        settings.roles = roles;
        settings.rack = spec.rack;
        settings.config = spec.config;
        settings.startup = spec.startup;
        settings.hardware = spec.hardware;
        settings.switches = scenario.switches;
        settings.directory = parts.data_directory + "/" + name;
        settings.max_open_files = max_open;
        servers_.push_back(std::make_unique<ServerNode>(env, add_host(name, traits), settings,
                                                        identity, announced_));
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

std::vector<client::Endpoint> Cluster::bootstrap_servers(const Scenario& scenario) const {
    std::vector<client::Endpoint> bootstrap;
    for (const NodeSpec& spec : scenario.brokers) {
        if (!spec.joins_by_fault)
            bootstrap.push_back({broker(spec.id)->name().text(), kBrokerPort});
    }
    return bootstrap;
}

void Cluster::add_producers(const Parts& parts, const NodeEnv& env) {
    const std::vector<client::Endpoint> bootstrap = bootstrap_servers(parts.scenario);
    std::int32_t place = 0;
    for (const ProducerSpec& spec : parts.scenario.producers) {
        auto& instances = producers_[spec.name];
        for (std::int32_t i = 0; i < spec.count; ++i) {
            NodeName name = NodeName::client("producer", spec.name, i);
            ProducerSetup setup;
            setup.settings = producer_settings(spec.config, name.text(), bootstrap);
            setup.records = record_form(spec.config, spec.value_bytes, place++);
            setup.host_by_name = [this](const std::string& host) { return hosts_.at(host); };
            NodeTraits traits;
            traits.client = ClientSelector{ClientSelector::Role::Producer, spec.name, i};
            const HostId host = add_host(name.text(), traits);
            instances.push_back(
                std::make_unique<ProducerNode>(env, std::move(name), host, setup, send_history_));
        }
    }
}

void Cluster::add_consumers(const Parts& parts, const NodeEnv& env) {
    const std::vector<client::Endpoint> bootstrap = bootstrap_servers(parts.scenario);
    const ConsumerNode::History history{parts.history, history_processes_};
    for (const ConsumerSpec& spec : parts.scenario.consumers) {
        auto& members = consumers_[spec.name];
        for (std::int32_t i = 0; i < static_cast<std::int32_t>(spec.members.size()); ++i) {
            const MemberSpec& member = spec.members[static_cast<std::size_t>(i)];
            const ConsumerConfig config = resolve_consumer_config(member.settings);
            NodeName name = NodeName::client("consumer", spec.name, i);
            ConsumerSetup setup;
            setup.settings = consumer_settings(config, name.text(), bootstrap,
                                               parts.scenario.switches.consumer_truncation_check);
            setup.assigned = spec.assign;
            setup.topics = spec.topics;
            setup.commit = commit_mode(spec.commit);
            if (spec.group)
                setup.settings.group = group_settings(config, *spec.group);
            setup.process = member.process;
            setup.host_by_name = [this](const std::string& host) { return hosts_.at(host); };
            NodeTraits traits;
            traits.client = ClientSelector{ClientSelector::Role::Consumer, spec.name, i};
            traits.group = spec.group;
            const HostId host = add_host(name.text(), traits);
            members.push_back(
                std::make_unique<ConsumerNode>(env, std::move(name), host, setup, history));
        }
    }
}

HostId Cluster::add_host(const std::string& name, const NodeTraits& traits) {
    const HostId host = fabric_.add_host(name, traits.rack.value_or(""));
    hosts_[name] = host;
    traits_[host] = traits;
    return host;
}

// Ways of which the scenario says something else than of the rest. Clients do not speak with one
// another.
void Cluster::add_lines(const NetworkSpec& spec) {
    if (spec.links.empty())
        return;
    for (const auto& [from, source] : traits_) {
        for (const auto& [to, sink] : traits_) {
            if (from == to || (source.client && sink.client))
                continue;
            const LinkSpec link = spec.between(source, sink);
            if (link != spec.link)
                fabric_.add_line(from, to, link);
        }
    }
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

std::optional<std::string> Cluster::topic_name(const Uuid& id) const {
    for (const auto& node : servers_) {
        for (const MetadataImage* image : {node->committed(), node->image()}) {
            const TopicImage* topic = image == nullptr ? nullptr : image->topic(id);
            if (topic != nullptr)
                return topic->name;
        }
    }
    return std::nullopt;
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
    for (const auto& [name, members] : consumers_) {
        for (const auto& node : members)
            all.push_back(node.get());
    }
    return all;
}

}  // namespace bsim
