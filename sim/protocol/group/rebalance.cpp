// From one generation to the next: who is waited for, how long, and what follows.

#include <algorithm>

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {

void GroupCoordinator::maybe_rebalance(const Turn& turn,
                                       GroupMetadata& group,
                                       const std::string& why) {
    if (group.can_rebalance())
        prepare_rebalance(turn, group, why);
}

void GroupCoordinator::prepare_rebalance(const Turn& turn,
                                         GroupMetadata& group,
                                         const std::string& why) {
    if (group.is(GroupState::CompletingRebalance)) {
        for (const std::string& id : group.members_in_order())
            group.get(id).assignment.clear();
        propagate(turn, group, Error::RebalanceInProgress);
    }
    stop_expecting_syncs(group);
    const bool was_empty = group.is(GroupState::Empty);
    turn.add(RebalanceBegan{group.id(), why, GenerationId(group.generation)});
    transition(turn, group, GroupState::PreparingRebalance);
    if (!was_empty)
        return wait_for_joins(turn, group);
    const std::int32_t delay = config_.initial_rebalance_delay_ms;
    wait_initially(turn, group, delay, std::max(group.rebalance_timeout_ms() - delay, 0));
}

void GroupCoordinator::wait_for_joins(const Turn& turn, GroupMetadata& group) {
    const std::int32_t timeout = group.rebalance_timeout_ms();
    const auto handle =
        deadlines_.add(turn.at.now + milliseconds(timeout),
                       {DeadlineKind::Join, partition_of(group.id()), group.id(), ""});
    group.join_wait = JoinWait{handle, false, timeout, 0};
    check_joins(turn, group);
}

void GroupCoordinator::wait_initially(const Turn& turn,
                                      GroupMetadata& group,
                                      std::int32_t delay_ms,
                                      std::int32_t remaining_ms) {
    const auto handle =
        deadlines_.add(turn.at.now + milliseconds(delay_ms),
                       {DeadlineKind::Join, partition_of(group.id()), group.id(), ""});
    group.join_wait = JoinWait{handle, true, delay_ms, remaining_ms};
}

void GroupCoordinator::check_joins(const Turn& turn, GroupMetadata& group) {
    if (!group.is(GroupState::PreparingRebalance) || !group.join_wait || group.join_wait->initial ||
        !group.all_joined())
        return;
    std::optional<Deadlines::Handle> handle = group.join_wait->deadline;
    deadlines_.cancel(handle);
    group.join_wait.reset();
    complete_join(turn, group);
}

void GroupCoordinator::join_wait_over(const Turn& turn, GroupMetadata& group) {
    const JoinWait wait = *group.join_wait;
    group.join_wait.reset();
    if (!wait.initial || !group.new_member_added || wait.remaining_ms == 0)
        return complete_join(turn, group);
    group.new_member_added = false;
    wait_initially(turn, group, std::min(config_.initial_rebalance_delay_ms, wait.remaining_ms),
                   std::max(wait.remaining_ms - wait.delay_ms, 0));
}

void GroupCoordinator::complete_join(const Turn& turn, GroupMetadata& group) {
    for (const std::string& id : group.not_joined_dynamic())
        drop_member(turn, group, id, Departure::RebalanceTimeout);
    // Only static members are left and none of them has come: until their sessions end, or one
    // comes, nothing can be done.
    if (!group.elect_joined_leader() && group.size() > 0)
        return wait_for_joins(turn, group);
    begin_generation(turn, group);
}

void GroupCoordinator::begin_generation(const Turn& turn, GroupMetadata& group) {
    const GroupState from = group.state();
    group.init_next_generation(turn.at.wall);
    turn.add(StateChanged{group.id(), from, group.state(), GenerationId(group.generation)});
    if (group.is(GroupState::Empty))
        return store_group(turn, group, {}, {group.id(), group.serial(), EmptyGroup{}});
    for (const std::string& id : group.members_in_order()) {
        Member& member = group.get(id);
        if (member.awaiting_join)
            end_join(turn, group, member, join_response(group, id, group.is_leader(id)));
        expect_heartbeat(turn, group, member);
        member.is_new = false;
        group.pending_sync.insert(id);
    }
    expect_syncs(turn, group);
}

void GroupCoordinator::expect_syncs(const Turn& turn, GroupMetadata& group) {
    deadlines_.cancel(group.sync_deadline);
    group.sync_deadline =
        deadlines_.add(turn.at.now + milliseconds(group.rebalance_timeout_ms()),
                       {DeadlineKind::Sync, partition_of(group.id()), group.id(), ""});
}

void GroupCoordinator::stop_expecting_syncs(GroupMetadata& group) {
    group.pending_sync.clear();
    deadlines_.cancel(group.sync_deadline);
}

void GroupCoordinator::sync_missed(const Turn& turn, GroupMetadata& group) {
    group.sync_deadline.reset();
    const bool open = group.is(GroupState::CompletingRebalance) || group.is(GroupState::Stable);
    if (!open || group.pending_sync.empty())
        return;
    const std::set<std::string> missing = group.pending_sync;
    for (const std::string& id : missing)
        drop_member(turn, group, id, Departure::RebalanceTimeout);
    prepare_rebalance(turn, group,
                      std::to_string(missing.size()) + " members did not sync in time");
}

}  // namespace bsim::group
