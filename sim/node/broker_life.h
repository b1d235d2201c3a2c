#pragma once
// One life of the broker role: registers, catches up with the metadata log, loads its logs, serves,
// and shuts down in order. Source: BrokerServer (3.9).

#include <functional>
#include <map>
#include <optional>

#include "sim/node/controller_link.h"
#include "sim/node/event_thread.h"
#include "sim/node/group_shell.h"
#include "sim/node/producer_ids.h"
#include "sim/node/raft_shell.h"
#include "sim/node/replica_manager.h"
#include "sim/node/server_node.h"
#include "sim/node/snapshot_keeper.h"
#include "sim/protocol/lifecycle/broker_lifecycle.h"

namespace bsim {

class BrokerLife : public RaftListener {
  public:
    // `ended` is told when the broker has shut down and its logs are closed.
    BrokerLife(ServerNode& node, RaftShell& raft, std::function<void()> ended);

    // Tells the keeper what has been applied, from now on.
    void keep_snapshots(SnapshotKeeper& keeper) { snapshots_ = &keeper; }
    void start();
    void begin_shutdown();
    // False if the logs were not loaded yet: they are as the life before left them.
    bool close_files();

    RpcServer& server() { return server_; }
    bool serving() const { return serving_; }
    const Replicas& replicas() const { return replicas_.replicas(); }
    const MetadataImage& image() const { return image_; }

    // RaftListener
    void committed(const MetadataLog::Batch& batch) override;
    void caught_up(Offset hw) override;
    void leader_changed(LeaderEpoch epoch, std::optional<BrokerId> leader) override;
    void snapshot_loaded(const kraft::OffsetAndEpoch& id,
                         const std::vector<wire::VersionedRecord>& records) override;

  private:
    void serve(const RequestRef& request, wire::Request& message);
    bool serve_data(const RequestRef& request, const wire::RequestBody& body);
    void forward(const RequestRef& request, wire::RequestBody body);
    void alter_configs(const RequestRef& request, const wire::IncrementalAlterConfigsRequest& body);
    void step(const lifecycle::LifecycleInput& input);
    void run_effect(const lifecycle::SendRegistration& effect);
    void run_effect(const lifecycle::SendHeartbeat& effect);
    void run_effect(const lifecycle::StateChanged& effect);
    void run_effect(const lifecycle::CaughtUp& effect);
    void run_effect(const lifecycle::Unfenced& effect);
    void run_effect(const lifecycle::Shutdown& effect);
    void run_effect(const lifecycle::ArmTimer& effect);
    void apply(const std::vector<MetadataLog::Batch>& batches, Offset hw);
    void load(const kraft::OffsetAndEpoch& id, const std::vector<wire::VersionedRecord>& records);
    void publish();
    std::optional<BrokerEpoch> take_clean_shutdown();
    template <class F>
    void after_disks(F action);
    void say_goodbye(BrokerEpoch epoch);

    ControllerLink link(const char* purpose, std::optional<SimDuration> retry_timeout);

    ServerNode& node_;
    RaftShell& raft_;
    std::function<void()> ended_;
    RpcServer server_;
    EventThread loader_;  // of metadata
    SnapshotKeeper* snapshots_ = nullptr;
    std::vector<MetadataLog::Batch> batches_;  // committed, not handed to the loader yet
    MetadataImage image_;
    MetadataDelta delta_;  // since the last publish
    lifecycle::BrokerLifecycle lifecycle_;
    ControllerLink heartbeats_;
    ControllerLink alter_partitions_;
    ControllerLink forwarding_;
    ControllerLink assignments_;
    ReplicaManager replicas_;
    GroupShell groups_;
    ProducerIds producer_ids_;
    Alarm lifecycle_alarm_;
    RngStream lifecycle_draws_;
    RngStream metadata_draws_;
    std::vector<bool> clean_start_;  // by log directory
    bool loaded_ = false;
    bool publishing_ = false;  // logs are loaded: what is committed is published at once
    bool serving_ = false;
    bool stopped_ = false;  // the files are closed; the broker is about to end
};

}  // namespace bsim
