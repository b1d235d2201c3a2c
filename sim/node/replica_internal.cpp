// What coordinators of this broker write and read, without a request of a client.
// Source: ReplicaManager.appendRecords with internalTopicsAllowed, GroupMetadataManager.

#include <utility>

#include "sim/node/must.h"
#include "sim/node/replica_manager.h"

namespace bsim {

void ReplicaManager::append_internal(const InternalAppend& what, InternalDone done) {
    const Appended appended = append(what.acks, what.tp, what.batch, AppendOrigin::Coordinator);
    if (appended.error != wire::ErrorCode::None)
        return done(appended.error, Offset(0));
    const replication::OperationId id(next_operation_++);
    parked_internal_.emplace(id, ParkedInternal{std::move(done), appended.info.first_offset});
    internal_unsettled_.push_back(id);
    if (what.acks != -1) {
        parked_internal_.at(id).replicated = true;
        return;
    }
    std::vector<replication::CompletedProduce> completed;
    delayed_produces_.add({id,
                           process_.now() + what.timeout,
                           {{appended.id, appended.info.last_offset + 1, std::nullopt}}},
                          *this, completed);
    complete(completed);
    produce_expiry_.set(delayed_produces_.next_deadline());
}

void ReplicaManager::settle_internal(InternalWriter writer) {
    if (internal_unsettled_.empty())
        return;
    auto told = [this, ids = std::exchange(internal_unsettled_, {})] { internal_written(ids); };
    if (writer == InternalWriter::RequestHandler)
        return after_disk(std::move(told));
    dirs_.when_done(process_, settle_disks(), std::move(told));
}

void ReplicaManager::internal_written(const std::vector<replication::OperationId>& ids) {
    for (const replication::OperationId id : ids) {
        const auto it = parked_internal_.find(id);
        if (it == parked_internal_.end())
            continue;
        it->second.written = true;
        tell_if_done(id);
    }
}

void ReplicaManager::internal_replicated(const replication::CompletedProduce& completed) {
    const auto it = parked_internal_.find(completed.id);
    if (it == parked_internal_.end())
        return;
    it->second.replicated = true;
    it->second.error = completed.parts.front().answer.value_or(wire::ErrorCode::None);
    tell_if_done(completed.id);
}

void ReplicaManager::tell_if_done(replication::OperationId id) {
    const auto it = parked_internal_.find(id);
    if (!it->second.written || !it->second.replicated)
        return;
    const auto node = parked_internal_.extract(it);
    node.mapped().done(node.mapped().error, node.mapped().base_offset);
}

std::optional<SharedBytes> ReplicaManager::read_internal(const TopicPartition& tp,
                                                         std::optional<Offset> from,
                                                         std::int32_t max_bytes) {
    Replica* replica = find(tp);
    if (replica == nullptr || !replica->leader)
        return std::nullopt;
    const Offset start = from.value_or(replica->log->log_start_offset());
    if (start >= replica->log->leo() || start < replica->log->log_start_offset())
        return std::nullopt;
    auto read = must(replica->log->read({start, max_bytes, true, replica->log->leo()}));
    return std::move(read.bytes);
}

}  // namespace bsim
