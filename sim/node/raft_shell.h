#pragma once
// Runs a Raft node: feeds it requests, answers and timers, carries its effects out on disk and
// network, and hands committed batches to whoever listens. Like Kafka's Raft thread it does one
// thing at a time: while a write waits for the device, further inputs queue.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "sim/kernel/rng.h"
#include "sim/node/cluster_identity.h"
#include "sim/node/metadata_log.h"
#include "sim/node/rpc_client.h"
#include "sim/node/rpc_server.h"
#include "sim/protocol/kraft/raft_node.h"
#include "sim/protocol/kraft/wire_messages.h"

namespace bsim {

class RaftListener {
  public:
    virtual ~RaftListener() = default;
    // A batch below the high watermark, each once, in log order.
    virtual void committed(const MetadataLog::Batch& batch) = 0;
    // All batches that are committed now have been handed out.
    virtual void caught_up(Offset hw) = 0;
    virtual void leader_changed(LeaderEpoch epoch, std::optional<BrokerId> leader) = 0;
    // Takes the place of all that was handed out so far: the state as of all records below
    // `id.offset`. What follows comes batch by batch.
    virtual void snapshot_loaded(const kraft::OffsetAndEpoch& id,
                                 const std::vector<wire::VersionedRecord>& records) = 0;
};

// Who asked for a snapshot by want_snapshot(); told exactly one of these.
class SnapshotKeeperPort {
  public:
    virtual ~SnapshotKeeperPort() = default;
    virtual void write(const kraft::OffsetAndEpoch& id) = 0;
    virtual void refused() = 0;
};

class RaftShell {
  public:
    struct Parts {
        Process& process;
        NodeDisk& disk;
        MetadataLog& log;
        const ClusterIdentity& cluster;
        ConnectionSetup setup;
    };
    RaftShell(const Parts& parts, const kraft::RaftConfig& config);

    // Told in the order in which they were added; all before the start.
    void add_listener(RaftListener& listener) { listeners_.push_back(&listener); }
    void start();
    // A request of the quorum: Fetch of the metadata log, Vote, BeginQuorumEpoch, EndQuorumEpoch.
    // Answered by the server that took it.
    void serve(RpcServer& server, const RequestRef& request, const wire::RequestBody& body);

    // Writes records in the epoch that this node leads; they are committed later.
    void prepare(LeaderEpoch epoch, const std::vector<wire::VersionedRecord>& records);
    // Where the next prepared record will stand.
    Offset next_append_offset() const;
    std::optional<LeaderEpoch> leading_epoch() const { return node_.leading_epoch(); }
    std::optional<BrokerId> leader() const { return node_.leader(); }
    std::optional<Offset> high_watermark() const { return node_.high_watermark(); }

    void set_snapshot_keeper(SnapshotKeeperPort& keeper) { snapshot_keeper_ = &keeper; }
    void want_snapshot(const kraft::OffsetAndEpoch& id) { feed(kraft::SnapshotWanted{id}); }

    // Resigns if leading, then calls `done`.
    void shut_down(std::function<void()> done);
    // Nothing is done any more: the log is closed.
    void stop() { busy_ = stopped_ = true; }

  private:
    void feed(kraft::RaftInput input);
    void drain();
    void block_for(SimDuration time);
    void block_until(const DiskTicket& ticket);
    void go_on();
    void load_latest_snapshot();
    kraft::RaftContext context();

    void carry_out(const kraft::PersistQuorumState& effect);
    void carry_out(const kraft::AssignLeaderEpoch& effect);
    void carry_out(const kraft::AppendBatches& effect);
    void carry_out(const kraft::AppendFetched& effect);
    void carry_out(const kraft::Truncate& effect);
    void carry_out(const kraft::Flush& effect);
    void carry_out(const kraft::CreateSnapshot& effect);
    void carry_out(const kraft::StartFetchedSnapshot& effect);
    void carry_out(const kraft::AppendFetchedSnapshot& effect);
    void carry_out(const kraft::DropFetchedSnapshot& effect);
    void carry_out(const kraft::InstallSnapshot& effect);
    void carry_out(const kraft::DeleteBeforeSnapshot& effect);
    void carry_out(const kraft::AdvanceHw& effect);
    void carry_out(const kraft::RoleChanged& effect);
    void carry_out(const kraft::AnnounceLeader& effect);
    void carry_out(const kraft::VoteCast& effect);
    void carry_out(const kraft::SendRequest& effect);
    void carry_out(const kraft::Reply& effect);
    void carry_out(const kraft::ArmTimer& effect);
    void carry_out(const kraft::ShutdownCompleted& effect);
    void carry_out(const kraft::Halt& effect);

    Process& process_;
    NodeDisk& disk_;
    MetadataLog& log_;
    AddressOf voter_address_;
    kraft::WireIdentity identity_;
    kraft::RaftConfig config_;
    kraft::RaftNode node_;
    RpcClient client_;
    Alarm alarm_;
    RngStream election_draws_;
    RngStream backoff_draws_;
    RngStream bootstrap_draws_;

    std::deque<std::pair<kraft::RaftInput, EventNumber>> inputs_;
    std::optional<kraft::RaftInput> log_answer_;
    kraft::RaftEffects effects_;
    std::size_t next_effect_ = 0;
    EventNumber effects_cause_;
    bool draining_ = false;
    bool busy_ = false;
    bool idle_ = true;
    bool charged_ = false;  // the next input's cost was worked off
    std::optional<Offset> flushing_;
    bool stopped_ = false;
    std::optional<Offset> handed_out_;  // in this life
    struct Served {
        RpcServer* server;
        RequestRef request;
    };
    std::vector<RaftListener*> listeners_;
    SnapshotKeeperPort* snapshot_keeper_ = nullptr;
    std::map<kraft::RequestId, Served> served_;
    std::uint64_t next_request_ = 1;
    std::function<void()> shut_down_;
};

}  // namespace bsim
