#pragma once
// One life of the controller role: joins the Raft shell, the quorum controller and its server, gets
// the controller registered, and tells the trace what was committed. Source: ControllerServer
// (3.9).
//
// Requests that concern metadata, timers and the news of the Raft client go through the
// controller's single-threaded event queue.

#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "sim/node/controller_link.h"
#include "sim/node/event_thread.h"
#include "sim/node/raft_shell.h"
#include "sim/node/server_node.h"
#include "sim/node/snapshot_keeper.h"
#include "sim/protocol/controller/quorum_controller.h"
#include "sim/protocol/lifecycle/controller_registrar.h"

namespace bsim {

class ControllerLife : public RaftListener {
  public:
    struct Parts {
        ServerNode& node;
        const MetadataLog& log;
        RaftShell& raft;
        AnnouncedMetadata& announced;
    };
    explicit ControllerLife(const Parts& parts);

    // Tells the keeper what has been applied, from now on.
    void keep_snapshots(SnapshotKeeper& keeper) { snapshots_ = &keeper; }
    void start();

    RpcServer& server() { return server_; }
    std::optional<LeaderEpoch> active_epoch() const { return controller_.active_epoch(); }
    const MetadataImage& committed_image() const { return controller_.committed(); }

    // RaftListener
    void committed(const MetadataLog::Batch& batch) override;
    void caught_up(Offset hw) override;
    void leader_changed(LeaderEpoch epoch, std::optional<BrokerId> leader) override;
    void snapshot_loaded(const kraft::OffsetAndEpoch& id,
                         const std::vector<wire::VersionedRecord>& records) override;

  private:
    // Draws of the controller from its own named streams.
    class StreamDraws : public controller::Draws {
      public:
        explicit StreamDraws(const Process& process);
        std::int32_t next_int(std::int32_t bound) override;
        Uuid next_uuid() override;

      private:
        RngStream placement_;
        RngStream topic_ids_;
    };

    void serve(const RequestRef& request, wire::Request& message);
    void take_request();
    void step_time();
    void apply(const MetadataLog::Batch& batch);
    void publish();
    void apply_leader(LeaderEpoch epoch, std::optional<BrokerId> leader);
    controller::StepContext context();
    void step(const lifecycle::RegistrarInput& input);
    void run_effect(const lifecycle::SendControllerRegistration& effect);
    void run_effect(const lifecycle::ArmRegistrarTimer& effect);
    void run(const controller::ControllerEffects& effects);
    void run_effect(const controller::AppendRecords& effect);
    void run_effect(const controller::Reply& effect);
    void run_effect(const controller::BrokerRegistered& notice);
    void run_effect(const controller::BrokerFenced& notice);
    void run_effect(const controller::BrokerUnfenced& notice);
    void run_effect(const controller::TopicCreated& notice);
    void run_effect(const controller::TopicDeleted& notice);
    void run_effect(const controller::PartitionChanged& notice);
    void run_effect(const controller::LeaderElected& notice);

    ServerNode& process_;
    const MetadataLog& log_;
    RaftShell& raft_;
    AnnouncedMetadata& announced_;
    RpcServer server_;
    EventThread events_;
    SnapshotKeeper* snapshots_ = nullptr;
    controller::QuorumController controller_;
    StreamDraws draws_;
    Alarm alarm_;
    Uuid incarnation_;
    lifecycle::ControllerRegistrar registrar_;
    lifecycle::MetadataPublished published_;  // what the registrar was told last
    ControllerLink registrations_;
    Alarm registrar_alarm_;
    RngStream registrar_draws_;
    struct Arrived {
        RequestRef request;
        controller::ControllerRequest body;
    };
    std::deque<Arrived> arrived_;              // one for each event that takes one
    std::vector<MetadataLog::Batch> batches_;  // committed, not handed to the queue yet
    bool timer_queued_ = false;
    std::map<controller::RequestToken, RequestRef> waiting_;
    std::uint64_t next_token_ = 1;
    // What made the controller write, by the offset of the first record.
    std::map<Offset, EventNumber> causes_;
};

}  // namespace bsim
