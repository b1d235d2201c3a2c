#pragma once
// The process of a broker: a Raft observer that applies the metadata log, a registered member of
// the cluster, and the replicas that it holds.

#include <map>
#include <memory>
#include <optional>

#include "sim/node/controller_node.h"
#include "sim/node/replica.h"

namespace bsim {

class BrokerLife;

class BrokerNode : public Process {
  public:
    BrokerNode(const NodeEnv& env,
               HostId host,
               const NodeSettings& settings,
               const ClusterIdentity& cluster);
    ~BrokerNode() override;

    BrokerId id() const { return settings_.id; }
    // The broker serves clients: it was unfenced in this life.
    bool serving() const;
    // The replicas of this life, for the omniscient reader; null while the process is down.
    const std::map<TopicIdPartition, Replica>* replicas() const;
    // What this broker has applied; null while the process is down.
    const MetadataImage* image() const;
    // Closes the files at the end of a run, as they are.
    void close_files();

  protected:
    void boot() override;
    void halt() override;
    void begin_shutdown() override;
    ConnectionUser* server() override;

  private:
    friend class BrokerLife;

    NodeSettings settings_;
    ClusterIdentity cluster_;
    Uuid directory_id_;
    std::unique_ptr<NodeDisk> disk_;
    RngStream startup_draws_;
    std::unique_ptr<BrokerLife> life_;
};

}  // namespace bsim
