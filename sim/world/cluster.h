#pragma once
// The nodes of a run and the network between them, built from a scenario.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/network/fabric.h"
#include "sim/network/network.h"
#include "sim/network/topology.h"
#include "sim/node/admin_node.h"
#include "sim/node/consumer_node.h"
#include "sim/node/producer_node.h"
#include "sim/node/server_node.h"
#include "sim/scenario/scenario.h"
#include "sim/world/network_trace.h"

namespace bsim {

class Cluster {
  public:
    struct Parts {
        const Scenario& scenario;
        Scheduler& scheduler;
        const Rng& rng;
        Tracer& tracer;
        Outages& outages;
        HistorySink& history;
        std::string data_directory;  // one sub-folder a node
    };
    explicit Cluster(const Parts& parts);

    Network& network() { return network_; }
    const Network& network() const { return network_; }
    const std::string& host_name(HostId host) const { return topology_.name(host); }
    AdminNode& admin() { return *admin_; }
    // All servers, controllers before brokers; one in both roles stands once.
    const std::vector<std::unique_ptr<ServerNode>>& servers() const { return servers_; }
    const std::vector<ServerNode*>& controllers() const { return controllers_; }
    const std::vector<ServerNode*>& brokers() const { return brokers_; }
    // The instances of a producer of the scenario, by index.
    const std::vector<std::unique_ptr<ProducerNode>>& producers(const std::string& name) const {
        return producers_.at(name);
    }
    // The members of a consumer of the scenario, by index.
    const std::vector<std::unique_ptr<ConsumerNode>>& consumers(const std::string& name) const {
        return consumers_.at(name);
    }

    ServerNode* broker(BrokerId id) const;
    ServerNode* controller(BrokerId id) const;
    // The controller that leads the quorum, if one does. While a deposed one has not noticed yet,
    // the one with the newer epoch.
    ServerNode* active_controller() const;
    // What the active controller has committed; null without one.
    const MetadataImage* committed() const;
    std::vector<Process*> processes() const;
    // Of a topic that any server knows.
    std::optional<std::string> topic_name(const Uuid& id) const;

  private:
    HostId add_host(const std::string& name, const NodeTraits& traits);
    void add_lines(const NetworkSpec& spec);
    void add_servers(const Parts& parts, const NodeEnv& env);
    std::vector<client::Endpoint> bootstrap_servers(const Scenario& scenario) const;
    void add_producers(const Parts& parts, const NodeEnv& env);
    void add_consumers(const Parts& parts, const NodeEnv& env);

    Topology topology_;
    Network network_;
    NetworkTrace network_trace_;
    Fabric fabric_;
    std::map<std::string, HostId> hosts_;
    std::map<HostId, NodeTraits> traits_;
    HistoryProcesses history_processes_;
    SendHistory send_history_;
    AnnouncedMetadata announced_;
    std::vector<std::unique_ptr<ServerNode>> servers_;
    std::vector<ServerNode*> controllers_;
    std::vector<ServerNode*> brokers_;
    std::unique_ptr<AdminNode> admin_;
    std::map<std::string, std::vector<std::unique_ptr<ProducerNode>>> producers_;
    std::map<std::string, std::vector<std::unique_ptr<ConsumerNode>>> consumers_;
};

}  // namespace bsim
