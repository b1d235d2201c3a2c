#pragma once
// What an operation of the controller yields: records to append, the answer to give once they are
// committed, and notes that go with the records to the trace. One file an operation (or family).

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/controller/controller_io.h"
#include "sim/protocol/controller/controller_state.h"
#include "sim/protocol/rules/partition_change.h"
#include "sim/wire/error_code.h"

namespace bsim::controller {

// Why a record was written, for the notice at its commit.
struct RecordNote {
    ChangeReason reason = ChangeReason::Replayed;  // of partition records
    FenceReason fence = FenceReason::SessionExpired;

    bool operator==(const RecordNote&) const = default;
};

struct OperationResult {
    std::vector<wire::VersionedRecord> records;
    std::vector<RecordNote> notes;  // one a record
    ControllerResponse response;
    // All records in one batch; else batches of at most max_records_per_batch.
    bool atomic = false;
    // Answered at once with this error; nothing is written.
    std::optional<wire::ErrorCode> refused;
    // The operation counts as contact with a broker: the check for stale sessions is armed.
    bool sessions_changed = false;
    // This broker is in controlled shutdown: it may go once active brokers have read the batch.
    std::optional<BrokerId> shutting_down;

    void add(wire::MetadataRecord record, RecordNote note = RecordNote{});
    static OperationResult refusal(wire::ErrorCode error);
};

struct OperationContext {
    SimTime now;
    Offset next_offset;
    std::int16_t version;  // of the request
    Draws& draws;
};

// Requests. Only a heartbeat changes the state (its sessions) before its records are applied.
OperationResult register_broker(const OperationContext& context,
                                const ControllerState& state,
                                const wire::BrokerRegistrationRequest& request);
OperationResult heartbeat(const OperationContext& context,
                          ControllerState& state,
                          const wire::BrokerHeartbeatRequest& request);
OperationResult register_controller(const wire::ControllerRegistrationRequest& request);
OperationResult alter_partition(const OperationContext& context,
                                const ControllerState& state,
                                const wire::AlterPartitionRequest& request);
OperationResult create_topics(const OperationContext& context,
                              const ControllerState& state,
                              const wire::CreateTopicsRequest& request);
OperationResult create_partitions(const OperationContext& context,
                                  const ControllerState& state,
                                  const wire::CreatePartitionsRequest& request);
OperationResult delete_topics(const ControllerState& state,
                              const wire::DeleteTopicsRequest& request);
OperationResult elect_leaders(const ControllerState& state,
                              const wire::ElectLeadersRequest& request);
OperationResult allocate_producer_ids(const ControllerState& state,
                                      const wire::AllocateProducerIdsRequest& request);
OperationResult unregister_broker(const ControllerState& state,
                                  const wire::UnregisterBrokerRequest& request);
OperationResult alter_reassignments(const ControllerState& state,
                                    const wire::AlterPartitionReassignmentsRequest& request);
OperationResult alter_configs(const ControllerState& state,
                              const wire::IncrementalAlterConfigsRequest& request);
OperationResult assign_replicas_to_dirs(const ControllerState& state,
                                        const wire::AssignReplicasToDirsRequest& request);

// The controller's own operations.
OperationResult activation_records(bool log_is_empty);
OperationResult fence_one_stale_broker(SimTime now, ControllerState& state);
OperationResult no_op_record();
OperationResult balance_leaders(const ControllerState& state);
OperationResult elect_unclean_leaders(const ControllerState& state);

// The answer of the request's own kind that carries nothing but an error.
ControllerResponse error_response(const ControllerRequest& request, wire::ErrorCode error);

// STALE_BROKER_EPOCH unless `broker` is registered with `epoch`.
std::optional<wire::ErrorCode> check_broker_epoch(const ControllerState& state,
                                                  std::int32_t broker,
                                                  std::int64_t epoch);

}  // namespace bsim::controller
