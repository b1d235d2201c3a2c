#pragma once
// The replicas of one broker in one life: applies metadata to them, serves Produce, Fetch and
// ListOffsets, follows leaders, keeps ISRs and checkpoints. It decides nothing by itself: the pure
// classes of protocol/replication do, and this shell carries their effects out, in order, within
// the same event. What the disk and the device take delays the answer.
//
// Its parts, a file each: replica_manager.cpp metadata and effects, replica_roles.cpp,
// replica_load.cpp and replica_logs.cpp files, replica_cleanup.cpp what is deleted,
// replica_produce.cpp, replica_internal.cpp, replica_fetch.cpp, replica_follow.cpp,
// replica_queries.cpp, replica_deletes.cpp, replica_offline.cpp. Source: ReplicaManager,
// LogManager, ReplicaFetcherManager (3.9).

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/flat_map.hpp>

#include "sim/model/metadata_image.h"
#include "sim/node/controller_link.h"
#include "sim/node/log_dirs.h"
#include "sim/node/process.h"
#include "sim/node/replica.h"
#include "sim/node/rpc_client.h"
#include "sim/node/rpc_server.h"
#include "sim/protocol/replication/alter_partition_queue.h"
#include "sim/protocol/replication/delayed_delete.h"
#include "sim/protocol/replication/delayed_fetch.h"
#include "sim/protocol/replication/delayed_produce.h"
#include "sim/protocol/replication/directory_assignments.h"
#include "sim/protocol/replication/fetch_session.h"
#include "sim/protocol/replication/fetcher.h"
#include "sim/protocol/replication/fetcher_id.h"

namespace bsim {

class ReplicaManager : private replication::ClusterView,
                       private replication::ProduceStatusView,
                       private replication::DeleteStatusView,
                       private replication::AssignmentView,
                       private replication::ReadableView {
  public:
    struct Parts {
        Process& process;
        LogDirs& dirs;
        RpcServer& server;
        ControllerLink& controller;   // for AlterPartition
        ControllerLink& assignments;  // for AssignReplicasToDirs; not started yet
        const MetadataImage& image;
        BrokerId self;
        const BrokerConfig& config;
        replication::Truncation truncation = replication::Truncation::ByLeaderEpoch;
        AddressOf address_of;
        std::function<std::optional<BrokerEpoch>()> own_epoch;
        std::function<void(const Uuid& dir)> dir_failed;  // it is offline
    };
    explicit ReplicaManager(const Parts& parts);
    ~ReplicaManager() override;

    // Opens every log found on the disks. By directory: whether the last life ended cleanly.
    void load_logs(const std::vector<bool>& clean);
    // Starts checkpoints and the ISR expiration; metadata may be applied from now on.
    void start();
    void apply(const MetadataDelta& delta);
    void begin_controlled_shutdown() { in_controlled_shutdown_ = true; }
    // Stops serving and following, flushes and closes all logs, writes the checkpoints.
    void shut_down();
    // What shut_down() wrote has arrived.
    void note_flushed();
    // Closes the files as they are, at the end of a run.
    void close_files();

    void produce(const RequestRef& request, const wire::ProduceRequest& body);
    void fetch(const RequestRef& request, const wire::FetchRequest& body);
    void list_offsets(const RequestRef& request, const wire::ListOffsetsRequest& body);
    void offset_for_leader_epoch(const RequestRef& request,
                                 const wire::OffsetForLeaderEpochRequest& body);
    void delete_records(const RequestRef& request, const wire::DeleteRecordsRequest& body);

    // What a coordinator of this broker writes to its partition. `done` is told once: of an error
    // at once; else when the disk has the batch and as many replicas as acks ask for, or when that
    // took too long. Not told after shut_down(). Call settle_internal() when a step's appends are
    // through.
    struct InternalAppend {
        TopicPartition tp;
        SharedBytes batch;
        std::int16_t acks = -1;
        SimDuration timeout{};
    };
    using InternalDone = std::function<void(wire::ErrorCode error, Offset base_offset)>;
    void append_internal(const InternalAppend& what, InternalDone done);
    // If the append was part of serving a request, its handler is busy until the disk is done.
    enum class InternalWriter : std::uint8_t { RequestHandler, OtherThread };
    void settle_internal(InternalWriter writer);
    // Whole batches of a partition that this broker leads, from `from` (none: from the log's start)
    // up to the log end; none at the end, or if it does not lead. The caller settles the disk.
    std::optional<SharedBytes> read_internal(const TopicPartition& tp,
                                             std::optional<Offset> from,
                                             std::int32_t max_bytes);

    const Replicas& replicas() const { return replicas_; }

  private:
    // --- roles and effects
    void apply_to(const TopicIdPartition& tp, const PartitionRegistration& now);
    void apply_configs(const std::set<ConfigResource>& changed);
    void apply_config(Replica& replica);
    void check_directory(const TopicIdPartition& tp, const PartitionRegistration& now);
    void become_leader(Replica& replica, const replication::PartitionNews& news);
    void become_follower(Replica& replica, const replication::PartitionNews& news);
    void update_role(Replica& replica, const replication::PartitionNews& news);
    void delete_replica(const TopicIdPartition& tp);
    void run(Replica& replica, const replication::LeaderEffects& effects);
    void run_effect(Replica& replica, const replication::StartEpoch& effect);
    void run_effect(Replica& replica, const replication::AdvanceHw& effect);
    void run_effect(Replica& replica, const replication::WakeFetches& effect);
    void run_effect(Replica& replica, const replication::CompleteProduces& effect);
    void run_effect(Replica& replica, const replication::CompleteDeletes& effect);
    void run_effect(Replica& replica, const replication::ProposeIsr& effect);
    void run_effect(Replica& replica, const replication::ProposalDropped& effect);
    void run_effect(Replica& replica, const replication::IsrCommitted& effect);
    void run(const replication::AlterPartitionEffects& effects);
    void run_effect(const replication::SendAlterPartition& effect);
    void run_effect(const replication::AnswerIsrProposal& effect);
    void run_effect(const replication::RetryAlterPartitionAt& effect);
    void run(const replication::AssignmentEffects& effects);
    void run_effect(const replication::SendAssignments& effect);
    void run_effect(const replication::SendAssignmentsAt& effect);
    replication::DirectoryAssignments::Context assignment_context();
    void expire_isrs();
    replication::LeaderContext context() const { return {process_.now(), *this}; }
    // It is known no more. Requires that it is.
    std::unique_ptr<Replica> take_out(const TopicIdPartition& tp);
    Replica* find(const TopicPartition& tp);
    Replica* find(const TopicIdPartition& tp);
    const Replica* find(const TopicIdPartition& tp) const;

    // --- logs
    struct Checkpoints;
    struct Flush {
        std::size_t log_dir = 0;
        TopicIdPartition tp;
        Offset to;
    };
    void load_dir(std::size_t dir, bool clean);
    void load_log(std::size_t dir, const std::string& name, const Checkpoints& known, bool clean);
    Replica& open_replica(const TopicIdPartition& id, const TopicPartition& tp);
    Replica& open_log(std::size_t dir,
                      const TopicIdPartition& id,
                      const TopicPartition& tp,
                      LogOpening opening);
    std::size_t dir_for_new_log(const TopicIdPartition& id) const;
    Offset set_hw(Replica& replica, Offset hw);
    void note_appended(Replica& replica, const SharedBytes& records, const AppendInfo& info);
    void truncate(Replica& replica, Offset to);
    void start_over(Replica& replica, Offset at);
    void flush_later(const TopicIdPartition& tp, Offset to);
    void flush_if_due(Replica& replica);
    void flush(Replica& replica, Offset to);
    void flush_dirty_logs();
    DiskTickets settle_disks();
    void note_flushed(const TopicIdPartition& tp, Offset to);
    void written_back(std::size_t dir,
                      const std::vector<std::string>& files,
                      const DiskTicket& ticket);
    Offset written_up_to(const Replica& replica) const;
    void checkpoint_hws();
    void checkpoint_recovery_points();
    void checkpoint_log_starts();
    template <class OffsetOf>
    void write_checkpoints(std::string_view name, OffsetOf offset_of);
    void write_recovery_points();
    void write_log_starts();
    void resolve_topic_defaults();
    TopicConfig topic_config(const std::string& topic) const;

    // --- log directories that fail
    void dir_failed(std::size_t dir, const StorageError& error);
    void note_failure(const Replica& replica, const StorageError& error);
    void take_offline(std::size_t dir, const StorageError& why);
    bool is_offline(const TopicPartition& tp) const { return offline_.contains(tp); }

    // --- what is deleted
    std::optional<Uuid> topic_of(std::size_t log_dir,
                                 const std::string& dir,
                                 const TopicPartition& tp) const;
    std::string unique_dir(const TopicPartition& tp, std::string_view suffix);
    void delete_dir_later(std::size_t log_dir, const std::string& dir);
    void discard_files(Replica& replica);
    void sweep_logs();
    void sweep(Replica& replica);
    void log_start_moved(Replica& replica, std::string why);

    // --- DeleteRecords
    struct ParkedDelete {
        RequestRef request;
        wire::DeleteRecordsResponse response;
    };
    replication::DeletePart delete_on_leader(const TopicPartition& tp, Offset asked);
    void complete(std::vector<replication::CompletedDelete>& done);

    // --- Produce
    struct ParkedProduce {
        RequestRef request;
        wire::ProduceResponse response;
        bool written = false;     // the disk has taken it
        bool replicated = false;  // or given up
    };
    // What became of one partition of a request.
    struct Appended {
        wire::ErrorCode error = wire::ErrorCode::None;
        TopicIdPartition id;
        AppendInfo info;
        Offset log_start;
    };
    Appended append(std::int16_t acks,
                    const TopicPartition& tp,
                    const std::optional<SharedBytes>& records,
                    AppendOrigin origin);
    void fill_error(const TopicPartition& tp,
                    wire::ErrorCode error,
                    wire::ProduceResponse::PartitionProduceResponse& out,
                    wire::ProduceResponse& response) const;
    void complete(std::vector<replication::CompletedProduce>& done);
    // Answers what waits on the partition and can be answered now.
    void check_produces(const TopicIdPartition& tp);
    void answer_if_done(replication::OperationId id);
    // --- a coordinator's appends
    struct ParkedInternal {
        InternalDone done;
        Offset base_offset;
        wire::ErrorCode error = wire::ErrorCode::None;
        bool written = false;
        bool replicated = false;
    };
    void internal_replicated(const replication::CompletedProduce& completed);
    void internal_written(const std::vector<replication::OperationId>& ids);
    void tell_if_done(replication::OperationId id);

    // Runs `action` when the disk is done with the request in hand; its handler is busy until then.
    template <class F>
    void after_disk(F action);
    void answer_after_disk(const RequestRef& request, wire::ResponseBody body);

    // --- questions about offsets
    wire::ErrorCode admit_reader(const TopicPartition& tp, std::int32_t current_epoch) const;
    struct EpochOffset {
        std::optional<LeaderEpoch> epoch;
        Offset offset;
    };
    static EpochOffset edge_of(const Replica& replica,
                               const wire::ListOffsetsRequest& body,
                               std::int64_t timestamp);

    // --- Fetch
    struct ParkedFetch {
        RequestRef request;
        replication::FetchContext context;
        std::int32_t max_bytes = 0;
        std::optional<BrokerId> follower;
        std::optional<BrokerEpoch> follower_epoch;
        bool only_leader = true;  // else a follower answers a consumer, too (KIP-392)
        replication::Isolation isolation = replication::Isolation::HighWatermark;
    };
    struct ReadOne;
    std::vector<replication::FetchedPartition> read_all(const ParkedFetch& fetch,
                                                        bool first_read,
                                                        replication::FirstRead& sum,
                                                        std::vector<replication::FetchPart>& parts);
    wire::ErrorCode admit_fetch(const ParkedFetch& fetch,
                                const WantedPartition& wanted,
                                const Replica* replica) const;
    ReadOne read_one(const ParkedFetch& fetch,
                     const WantedPartition& wanted,
                     std::int32_t budget,
                     bool min_one);
    wire::ResponseBody fetch_response(const ParkedFetch& fetch,
                                      std::vector<replication::FetchedPartition> results);
    void complete_fetches(const std::vector<replication::OperationId>& done);
    void check_fetches(const TopicIdPartition& tp);
    replication::LogPosition position_of(const Replica& replica, Offset offset) const;
    Offset readable_end(const Replica& replica, replication::Isolation isolation) const;

    // --- following
    struct FetcherKey {
        BrokerId leader;
        replication::FetcherId id;
        auto operator<=>(const FetcherKey&) const = default;
    };
    struct FetcherShell {
        replication::Fetcher fetcher;
        std::unique_ptr<RpcClient> client;
        std::unique_ptr<Alarm> alarm;
        std::uint64_t serial = 0;  // tells fetchers of the same key apart
        bool busy = false;         // with an answer, or waiting for the disk
    };
    void start_following(Replica& replica, BrokerId leader);
    void stop_following(const TopicIdPartition& tp);
    void drop_idle_fetchers();
    void pump(const FetcherKey& key);
    void fetched(const FetcherKey& key, RpcClient::Answer answer);
    void take_answer(const FetcherKey& key, const RpcClient::Answer& answer);
    void pump_after_disk(const FetcherKey& key);
    FetcherShell* find(const FetcherKey& key, std::uint64_t serial);
    void run(const FetcherKey& key, replication::FetcherEffects& effects);
    void run_follower(const FetcherKey& key,
                      Replica& replica,
                      const replication::FollowerEffect& effect,
                      replication::FetcherEffects& more);
    void append_fetched(FetcherShell& shell,
                        Replica& replica,
                        const SharedBytes& records,
                        replication::FetcherEffects& more);
    void ask_leader(const FetcherKey& key,
                    const TopicIdPartition& tp,
                    const replication::AskLeaderOffset& ask);
    replication::FollowerLog follower_log(const Replica& replica) const;

    // --- what the pure classes ask
    std::optional<replication::BrokerStatus> broker(BrokerId id) const override;
    std::optional<BrokerEpoch> own_epoch() const override { return own_epoch_(); }
    bool has_broker_epochs() const override { return true; }
    std::optional<wire::ErrorCode> produce_status(const TopicIdPartition& tp,
                                                  Offset required) const override;
    replication::DeleteStatus delete_status(const TopicIdPartition& tp) const override;
    bool is_assigned_here(const TopicIdPartition& tp) const override;
    replication::ReadableNow readable(const replication::FetchPart& part,
                                      replication::Isolation isolation) const override;

    Process& process_;
    LogDirs& dirs_;
    RpcServer& server_;
    ControllerLink& controller_;
    ControllerLink& assignment_link_;
    const MetadataImage& image_;
    BrokerId self_;
    const BrokerConfig& config_;
    TopicConfig topic_defaults_;  // config_.log with the dynamic settings over it
    replication::Truncation truncation_;
    AddressOf address_of_;
    std::function<std::optional<BrokerEpoch>()> own_epoch_;
    std::function<void(const Uuid& dir)> dir_failed_;

    Replicas replicas_;
    std::map<TopicPartition, Replica*> by_name_;
    std::set<std::size_t> failed_dirs_;
    std::map<TopicPartition, TopicIdPartition> offline_;  // replicas in failed directories
    boost::container::flat_map<FetcherKey, std::unique_ptr<FetcherShell>> fetchers_;
    std::map<TopicIdPartition, FetcherKey> followed_;
    replication::AlterPartitionQueue alter_queue_;
    replication::DelayedProduces delayed_produces_;
    replication::DelayedFetches delayed_fetches_;
    replication::DelayedDeletes delayed_deletes_;
    replication::DirectoryAssignments directory_assignments_;
    replication::FetchSessionCache sessions_;
    std::map<replication::OperationId, ParkedProduce> parked_produces_;
    std::map<replication::OperationId, ParkedInternal> parked_internal_;
    std::vector<replication::OperationId> internal_unsettled_;
    std::map<replication::OperationId, ParkedFetch> parked_fetches_;
    std::vector<Flush> flushes_;  // since the disks were settled
    std::map<replication::OperationId, ParkedDelete> parked_deletes_;
    std::uint64_t next_operation_ = 1;
    std::uint64_t next_fetcher_ = 1;
    RngStream session_draws_;
    RngStream dir_draws_;
    RngStream assignment_draws_;
    Alarm isr_alarm_;
    Alarm hw_checkpoint_alarm_;
    Alarm recovery_checkpoint_alarm_;
    Alarm flush_alarm_;
    Alarm produce_expiry_;
    Alarm fetch_expiry_;
    Alarm delete_expiry_;
    Alarm alter_retry_;
    Alarm assignment_alarm_;
    Alarm sweep_alarm_;
    Alarm start_checkpoint_alarm_;
    SimTime first_deletion_;  // no directory is removed before
    bool assignment_link_started_ = false;
    bool in_controlled_shutdown_ = false;
};

template <class F>
void ReplicaManager::after_disk(F action) {
    server_.hold_thread();
    dirs_.when_done(process_, settle_disks(), [this, act = std::move(action)]() mutable {
        act();
        server_.release_thread();
    });
}

}  // namespace bsim
