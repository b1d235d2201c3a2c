#pragma once
// One life of a controller process: what is lost when it ends. Joins the Raft shell, the quorum
// controller and the server, and tells the trace what was committed.

#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "sim/node/controller_node.h"

namespace bsim {

class ControllerLife : public RaftListener {
  public:
    struct Parts {
        Process& process;
        NodeDisk& disk;
        const NodeSettings& settings;
        const ClusterIdentity& cluster;
        const Uuid& directory_id;
        Offset& announced;  // notices of all before this offset were given, by whatever life
    };
    explicit ControllerLife(const Parts& parts);

    void start() { raft_.start(); }
    void shut_down(std::function<void()> done);
    void close_files() { log_.close(); }

    RpcServer& server() { return server_; }
    bool is_active() const { return controller_.is_active(); }
    const MetadataImage& committed_image() const { return controller_.committed(); }

    // RaftListener
    void committed(const MetadataLog::Batch& batch) override;
    void caught_up(Offset hw) override;
    void leader_changed(LeaderEpoch epoch, std::optional<BrokerId> leader) override;

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
    void step_time();
    controller::StepContext context();
    void register_self();
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

    Process& process_;
    NodeDisk& disk_;
    const NodeSettings& settings_;
    Offset& announced_;
    MetadataLog log_;
    RpcServer server_;
    RaftShell raft_;
    controller::QuorumController controller_;
    StreamDraws draws_;
    Alarm alarm_;
    Uuid incarnation_;
    std::map<controller::RequestToken, RequestRef> waiting_;
    std::uint64_t next_token_ = 1;
    // What made the controller write, by the offset of the first record.
    std::map<Offset, EventNumber> causes_;
};

}  // namespace bsim
