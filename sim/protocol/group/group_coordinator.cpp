#include "sim/protocol/group/group_coordinator.h"

#include <utility>

#include "sim/protocol/group/coordinator_partition.h"

namespace bsim::group {

std::string_view name(Departure why) {
    switch (why) {
        case Departure::Leave:
            return "leave";
        case Departure::SessionTimeout:
            return "session_timeout";
        case Departure::RebalanceTimeout:
            return "rebalance_timeout";
        case Departure::PollTimeout:
            return "poll_timeout";
        case Departure::Fenced:
            return "fenced";
        case Departure::GroupFull:
            return "group_full";
    }
    return "";
}

std::string_view name(OffsetEnd why) {
    switch (why) {
        case OffsetEnd::Expired:
            return "expired";
        case OffsetEnd::Deleted:
            return "deleted";
        case OffsetEnd::Topic:
            return "topic";
    }
    return "";
}

void GroupCoordinator::step(const StepContext& context,
                            CoordinatorInput input,
                            CoordinatorEffects& out) {
    const Turn turn{context, out};
    std::visit([&](auto& in) { take(turn, in); }, input);
    if (deadlines_.next() == armed_)
        return;
    armed_ = deadlines_.next();
    turn.add(ArmTimer{armed_});
}

void GroupCoordinator::take(const Turn& turn, const Started& in) {
    partitions_ = in.partitions;
    active_ = true;
    const auto interval = milliseconds(config_.retention_check_interval_ms);
    deadlines_.add(turn.at.now + interval, {DeadlineKind::Cleanup});
}

void GroupCoordinator::take(const Turn& /*turn*/, const Stopped& /*in*/) {
    active_ = false;
    deadlines_ = Deadlines{};
}

void GroupCoordinator::take(const Turn& turn, RequestArrived& in) {
    std::visit([&](auto& body) { serve(turn, in, body); }, in.body);
}

void GroupCoordinator::take(const Turn& turn, const TimerFired& /*in*/) {
    while (const auto due = deadlines_.take_due(turn.at.now)) {
        if (due->kind == DeadlineKind::Cleanup) {
            expire_offsets(turn);
            const auto interval = milliseconds(config_.retention_check_interval_ms);
            deadlines_.add(turn.at.now + interval, {DeadlineKind::Cleanup});
            continue;
        }
        GroupMetadata* group = known(due->group);
        if (group == nullptr)
            continue;
        switch (due->kind) {
            case DeadlineKind::Heartbeat:
                heartbeat_missed(turn, *due);
                break;
            case DeadlineKind::PendingMember:
                drop_pending(turn, *group, due->member);
                break;
            case DeadlineKind::Join:
                join_wait_over(turn, *group);
                break;
            case DeadlineKind::Sync:
                sync_missed(turn, *group);
                break;
            case DeadlineKind::Cleanup:
                break;
        }
    }
}

PartitionIndex GroupCoordinator::partition_of(const std::string& group) const {
    return coordinator_partition(group, partitions_);
}

GroupCoordinator::OptionalError GroupCoordinator::admit(const std::string& group,
                                                        Naming naming) const {
    if (naming == Naming::Required && group.empty())
        return Error::InvalidGroupId;
    if (!active_)
        return Error::CoordinatorNotAvailable;
    const PartitionIndex partition = partition_of(group);
    if (loading_.contains(partition))
        return Error::CoordinatorLoadInProgress;
    if (!owned_.contains(partition))
        return Error::NotCoordinator;
    return std::nullopt;
}

const GroupMetadata* GroupCoordinator::find(const std::string& group) const {
    const auto partition = groups_.find(partition_of(group));
    if (partition == groups_.end())
        return nullptr;
    const auto found = partition->second.find(group);
    return found == partition->second.end() ? nullptr : &found->second;
}

GroupMetadata* GroupCoordinator::known(const std::string& group) {
    return const_cast<GroupMetadata*>(std::as_const(*this).find(group));
}

GroupMetadata& GroupCoordinator::find_or_create(const Turn& turn, const std::string& group) {
    auto& groups = groups_[partition_of(group)];
    const auto found = groups.find(group);
    if (found != groups.end())
        return found->second;
    const GroupSerial serial(next_group_++);
    return groups.try_emplace(group, group, serial, turn.at.wall).first->second;
}

void GroupCoordinator::forget(const Turn& turn, GroupMetadata& group) {
    if (!group.is(GroupState::Dead))
        transition(turn, group, GroupState::Dead);
    const std::string id = group.id();
    groups_[partition_of(id)].erase(id);
}

void GroupCoordinator::transition(const Turn& turn, GroupMetadata& group, GroupState to) {
    const GroupState from = group.state();
    group.transition_to(to, turn.at.wall);
    turn.add(StateChanged{group.id(), from, to, GenerationId(group.generation)});
}

}  // namespace bsim::group
