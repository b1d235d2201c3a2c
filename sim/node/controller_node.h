#pragma once
// The process of a dedicated KRaft controller: a Raft voter whose state machine is the quorum
// controller. While it leads the quorum it answers the brokers' requests.

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sim/model/config.h"
#include "sim/network/latency.h"
#include "sim/node/node_disk.h"
#include "sim/node/process.h"
#include "sim/node/raft_shell.h"
#include "sim/protocol/controller/quorum_controller.h"

namespace bsim {

// What a node of the cluster is and where the others are.
struct ClusterIdentity {
    std::string cluster_id;
    std::vector<BrokerId> voters;  // ascending
    HostOf host_of;                // any node of the cluster, by id

    kraft::WireIdentity quorum() const;
};

struct NodeSettings {
    BrokerId id;
    std::optional<std::string> rack;
    BrokerConfig config;
    LatencyDist startup;
    std::string directory;  // where the node's files lie, on the simulating machine
};

kraft::RaftConfig raft_config(const NodeSettings& settings,
                              const ClusterIdentity& cluster,
                              const Uuid& directory_id);
controller::ControllerConfig controller_config(const BrokerConfig& config,
                                               const std::string& cluster_id);

class ControllerLife;

class ControllerNode : public Process {
  public:
    ControllerNode(const NodeEnv& env,
                   HostId host,
                   const NodeSettings& settings,
                   const ClusterIdentity& cluster);
    ~ControllerNode() override;

    BrokerId id() const { return settings_.id; }
    bool is_active() const;
    // What is committed, for the omniscient reader; null while the process is down.
    const MetadataImage* image() const;
    // Closes the files at the end of a run, as they are.
    void close_files();

  protected:
    void boot() override;
    void halt() override;
    void begin_shutdown() override;
    ConnectionUser* server() override;

  private:
    NodeSettings settings_;
    ClusterIdentity cluster_;
    Uuid directory_id_;
    std::unique_ptr<NodeDisk> disk_;
    RngStream startup_draws_;
    Offset announced_;  // what the trace was told of the metadata log, over all lives
    std::unique_ptr<ControllerLife> life_;
};

}  // namespace bsim
