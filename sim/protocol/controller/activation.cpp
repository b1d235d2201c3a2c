// Small operations: what a new active controller writes, the record that keeps an idle log moving,
// blocks of producer ids.
// Source: ActivationRecordsGenerator, QuorumController.maybeScheduleNextWriteNoOpRecord,
// ProducerIdControlManager.

#include <limits>
#include <utility>

#include "sim/protocol/controller/operation.h"

namespace bsim::controller {

OperationResult activation_records(bool log_is_empty) {
    OperationResult result;
    if (!log_is_empty)
        return result;
    wire::BeginTransactionRecord begin;
    begin.name = "Bootstrap records";
    wire::FeatureLevelRecord version;
    version.name = "metadata.version";
    version.feature_level = kMetadataVersion39;
    wire::ZkMigrationStateRecord migration;
    migration.zk_migration_state = 0;
    result.add(std::move(begin));
    result.add(std::move(version));
    result.add(migration);
    result.add(wire::EndTransactionRecord{});
    return result;
}

OperationResult no_op_record() {
    OperationResult result;
    result.add(wire::NoOpRecord{});
    return result;
}

OperationResult allocate_producer_ids(const ControllerState& state,
                                      const wire::AllocateProducerIdsRequest& request) {
    constexpr std::int32_t kBlock = 1000;
    if (const auto error = check_broker_epoch(state, request.broker_id, request.broker_epoch)) {
        return OperationResult::refusal(*error);
    }
    const std::int64_t first = state.image().next_producer_id().value();
    if (first > std::numeric_limits<std::int64_t>::max() - kBlock) {
        return OperationResult::refusal(wire::ErrorCode::UnknownServerError);
    }
    wire::ProducerIdsRecord record;
    record.broker_id = request.broker_id;
    record.broker_epoch = request.broker_epoch;
    record.next_producer_id = first + kBlock;
    wire::AllocateProducerIdsResponse response;
    response.producer_id_start = first;
    response.producer_id_len = kBlock;

    OperationResult result;
    result.add(std::move(record));
    result.response = response;
    return result;
}

}  // namespace bsim::controller
