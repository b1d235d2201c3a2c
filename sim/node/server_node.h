#pragma once
// The process of a server of the cluster in the broker role, the controller role, or both
// (`process.roles`): one Raft node, one disk, one life. Source: KafkaRaftServer, SharedServer
// (3.9).

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sim/model/config.h"
#include "sim/model/metadata_image.h"
#include "sim/model/node_hardware.h"
#include "sim/model/switches.h"
#include "sim/network/latency.h"
#include "sim/node/cluster_identity.h"
#include "sim/node/log_dirs.h"
#include "sim/node/process.h"
#include "sim/node/replica.h"
#include "sim/node/request_errors.h"
#include "sim/node/request_pipeline.h"
#include "sim/protocol/replication/partition_follower.h"
#include "sim/storage/posix_disk.h"

namespace bsim {

struct NodeRoles {
    bool broker = false;
    bool controller = false;
};

struct NodeSettings {
    BrokerId id;
    NodeRoles roles;
    std::optional<std::string> rack;
    BrokerConfig config;
    LatencyDist startup;
    HardwareSpec hardware;
    Switches switches;
    std::string directory;  // where the node's files lie, on the simulating machine
    std::uint32_t max_open_files = kDefaultMaxOpenDescriptors;  // there, of each disk
};

// The threads that the settings give to each of a server's listeners.
ServerThreads server_threads(const BrokerConfig& config);

class ServerLife;

class ServerNode : public Process {
  public:
    // A node in both roles bears the broker's name.
    ServerNode(const NodeEnv& env,
               HostId host,
               const NodeSettings& settings,
               const ClusterIdentity& cluster,
               AnnouncedMetadata& announced);
    ~ServerNode() override;

    BrokerId id() const { return settings_.id; }
    const NodeSettings& settings() const { return settings_; }
    const ClusterIdentity& cluster() const { return cluster_; }
    // Faults of the disks are their methods, those of the processor cpu()'s. A power loss while the
    // process is down is the disks' alone.
    LogDirs& log_dirs() { return *log_dirs_; }
    const LogDirs& log_dirs() const { return *log_dirs_; }

    // What faults make it refuse, on all of its listeners, in all of its lives.
    RequestErrors& request_errors() { return request_errors_; }

    // For the omniscient reader; nothing or null while the process is down or has not the role.

    // The epoch of the active controller, if it is this one.
    std::optional<LeaderEpoch> active_epoch() const;
    // What the controller knows to be committed.
    const MetadataImage* committed() const;
    // The broker serves clients: it was unfenced in this life.
    bool serving() const;
    const Replicas* replicas() const;
    // What the broker has applied.
    const MetadataImage* image() const;

    // The disks are replaced by empty ones: the next start finds nothing and gets other directory
    // ids. Requires that the process is down.
    void wipe();

    // Closes the files at the end of a run, as they are. False if an earlier life left them, dead
    // or not loaded again.
    bool close_files();
    // For the life: its last act.
    void exit() { exit_gracefully(); }
    void accept_connections(Port port) { listen(port); }

  protected:
    void boot() override;
    void halt() override;
    void begin_shutdown() override;
    void power_lost() override;
    ConnectionUser* server(Port port) override;

  private:
    NodeSettings settings_;
    ClusterIdentity cluster_;
    AnnouncedMetadata& announced_;
    std::unique_ptr<LogDirs> log_dirs_;
    RequestErrors request_errors_;
    RngStream startup_draws_;
    RngStream shutdown_draws_;
    std::unique_ptr<ServerLife> life_;
};

}  // namespace bsim
