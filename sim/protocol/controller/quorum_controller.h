#pragma once
// The KRaft controller of one node, as a value.
//
// Standby: it applies committed batches. Active (from became_active to resigned): a request or a
// timer yields records, which are appended as an atomic batch and applied at once to the
// uncommitted state; the reply waits until the batch is committed. A request that changes nothing
// but was answered from uncommitted state waits for the newest pending batch. A refusal (wrong
// broker epoch, not the active controller, ...) is answered at once.
//
// Promises: effects are in the order in which they must be carried out, within the same simulated
// event. Replies to requests come in order of their offsets. Notices follow record order.
// Requires: became_active only after every batch committed or inherited was passed to
// batch_committed; next_wakeup() is honoured by calling time_passed() then (earlier calls are
// harmless). After resigned() nothing is pending: each waiting request got NOT_CONTROLLER and the
// state is what is committed.
//
// DEVIATION: partitions within one batch are in order of topic id, then partition; Kafka walks a
// hash map. A session ends one nanosecond after its last one: Kafka's check, made in that last one,
// would repeat for ever on a clock that stands still.
// Source: QuorumController and its managers (ClusterControlManager, ReplicationControlManager,
// BrokerHeartbeatManager, ProducerIdControlManager, ActivationRecordsGenerator);
// facts/controller.md B.

#include <cstdint>
#include <deque>
#include <optional>
#include <span>

#include "sim/model/metadata_image.h"
#include "sim/protocol/controller/controller_config.h"
#include "sim/protocol/controller/controller_io.h"
#include "sim/protocol/controller/controller_state.h"
#include "sim/protocol/controller/operation.h"

namespace bsim::controller {

class QuorumController {
  public:
    explicit QuorumController(ControllerConfig config);

    // This node leads the metadata log in `epoch` and has applied everything before
    // context.next_offset. Writes the bootstrap records if the log holds no record at all.
    void became_active(const StepContext& context, LeaderEpoch epoch, ControllerEffects& out);
    // The node lost the Raft leadership. Harmless on a standby.
    void resigned(ControllerEffects& out);
    void request_arrived(const StepContext& context,
                         const RequestArrived& request,
                         ControllerEffects& out);
    // Does what has come due: fences one broker whose session lapsed, writes a NoOpRecord, balances
    // leaders, elects unclean leaders.
    void time_passed(const StepContext& context, ControllerEffects& out);
    // At once when it is committed, whatever else the controller has to do.
    void batch_committed(const CommittedBatch& batch, ControllerEffects& out);
    // In its turn: answers the requests whose records lie before `end`.
    void commits_handled(Offset end, ControllerEffects& out);
    // Standby only: replaces what is committed, as after loading a snapshot.
    void snapshot_loaded(MetadataImage image);

    // When time_passed() is next wanted; nullopt: not before another step. May be in the past: then
    // call at once, as an event of its own (brokers are fenced one an event).
    std::optional<SimTime> next_wakeup() const;

    bool is_active() const { return epoch_.has_value(); }
    std::optional<LeaderEpoch> active_epoch() const { return epoch_; }
    const MetadataImage& committed() const { return committed_; }
    // What the active controller decides by; as committed on a standby.
    const MetadataImage& current() const { return epoch_ ? state_.image() : committed_; }

  private:
    enum class Schedule : std::uint8_t { Deferred, Immediately, Scheduled };
    // An operation that runs again and again while there is something for it to do.
    struct Periodic {
        Schedule schedule = Schedule::Deferred;
        SimTime due;  // while Scheduled
    };
    struct Waiting {
        Offset last_offset;
        std::optional<RequestToken> token;  // none for the controller's own operations
        ControllerResponse response;
        ControllerResponse refusal;  // given instead if the node resigns
    };
    struct NotedRecord {
        Offset offset;
        RecordNote note;
    };

    void finish(const StepContext& context,
                OperationResult result,
                const RequestArrived* request,
                ControllerEffects& out);
    void append(SimTime now, OperationResult& result, ControllerEffects& out);
    void run_overdue(const StepContext& context, ControllerEffects& out);
    void run_periodic(const StepContext& context,
                      Periodic& periodic,
                      OperationResult result,
                      ControllerEffects& out);
    void schedule_periodic(SimTime now);
    RecordNote take_note(Offset offset,
                         std::span<const wire::VersionedRecord> batch,
                         std::size_t index);

    MetadataImage committed_;
    ControllerState state_;  // meaningful while active
    std::optional<LeaderEpoch> epoch_;
    std::deque<Waiting> waiting_;    // last_offset ascends
    std::deque<NotedRecord> noted_;  // of records not yet committed; offset ascends
    Offset next_offset_;             // while active: after what was appended so far
    std::optional<SimTime> next_no_op_;
    // Sessions are checked only once a broker was heard of after activation.
    bool fencing_armed_ = false;
    Periodic balance_;
    Periodic unclean_;
};

}  // namespace bsim::controller
