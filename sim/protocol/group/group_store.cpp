// What a coordinator writes, and what follows when it is replicated or has failed.

#include <utility>

#include "sim/base/overloaded.h"
#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {
namespace {

wire::ErrorCode store_error(wire::ErrorCode error) {
    using Error = wire::ErrorCode;
    switch (error) {
        case Error::UnknownTopicOrPartition:
        case Error::NotEnoughReplicas:
        case Error::NotEnoughReplicasAfterAppend:
            return Error::CoordinatorNotAvailable;
        case Error::NotLeaderOrFollower:
        case Error::KafkaStorageError:
            return Error::NotCoordinator;
        case Error::RequestTimedOut:
            return Error::RebalanceInProgress;
        case Error::MessageTooLarge:
        case Error::RecordListTooLarge:
        case Error::InvalidFetchSize:
            return Error::UnknownServerError;
        default:
            return error;
    }
}

}  // namespace

void GroupCoordinator::store_group(const Turn& turn,
                                   GroupMetadata& group,
                                   const Assignments& assignments,
                                   PendingAppend pending) {
    const KeyValue record{encode_group_key({group.id()}),
                          encode_group_value(group_value(group, assignments))};
    const AppendToken token(next_append_++);
    appends_.emplace(token, std::move(pending));
    turn.add(Append{token, partition_of(group.id()), build_batch({record}, turn.at.wall),
                    config_.commit_required_acks, config_.commit_timeout_ms});
}

void GroupCoordinator::take(const Turn& turn, const AppendFinished& in) {
    auto node = appends_.extract(in.token);
    if (node.empty())
        return;
    PendingAppend& pending = node.mapped();
    GroupMetadata* group = known(pending.group);
    if (group != nullptr && group->serial() != pending.serial)
        group = nullptr;
    const Error error = store_error(in.error);
    std::visit(Overloaded{
                   // The generation before stays the last one written, which does no harm.
                   [](EmptyGroup&) {},
                   [&](LeaderAssignment& stored) {
                       // Somebody may have joined meanwhile.
                       if (group != nullptr && group->is(GroupState::CompletingRebalance) &&
                           group->generation == stored.generation)
                           assignment_stored(turn, *group, stored.assignments, error);
                   },
                   [&](StaticJoin& join) { static_join_stored(turn, group, join, error); },
                   [&](Commit& commit) { offsets_stored(turn, group, commit, in); },
               },
               pending.what);
}

}  // namespace bsim::group
