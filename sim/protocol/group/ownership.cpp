// Partitions of __consumer_offsets that this broker takes over and gives up, with their groups.

#include <utility>

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {
namespace {

Member loaded_member(const VersionedGroupValue& from,
                     const wire::GroupMetadataValue::MemberMetadata& written) {
    Member member;
    member.id = written.member_id;
    member.instance = written.group_instance_id;
    member.client_id = written.client_id;
    member.client_host = written.client_host;
    // The first version had one timeout for both.
    member.rebalance_timeout_ms =
        from.version == 0 ? written.session_timeout : written.rebalance_timeout;
    member.session_timeout_ms = written.session_timeout;
    member.protocol_type = from.value.protocol_type;
    member.protocols = {{from.value.protocol.value_or(""), written.subscription}};
    member.assignment = written.assignment;
    return member;
}

void restore(GroupMetadata& group, const VersionedGroupValue& from) {
    const wire::GroupMetadataValue& value = from.value;
    group.generation = value.generation;
    if (!value.protocol_type.empty())
        group.protocol_type = value.protocol_type;
    group.protocol_name = value.protocol;
    group.set_leader(value.leader);
    std::optional<WallMs> since;
    if (value.current_state_timestamp != -1)
        since = WallMs(value.current_state_timestamp);
    for (const auto& written : value.members)
        group.add(loaded_member(from, written));
    group.set_loaded_state(value.members.empty() ? GroupState::Empty : GroupState::Stable, since);
    group.compute_subscribed_topics();
}

}  // namespace

// News of an epoch that is over must not undo what came after.
bool GroupCoordinator::accept_epoch(PartitionIndex partition, std::optional<LeaderEpoch> epoch) {
    if (!epoch)
        return true;
    const auto [at, added] = epochs_.try_emplace(partition, *epoch);
    if (*epoch > at->second)
        at->second = *epoch;
    return *epoch == at->second;
}

void GroupCoordinator::take(const Turn& turn, const Elected& in) {
    if (!accept_epoch(in.partition, in.epoch) || owned_.contains(in.partition) ||
        !loading_.insert(in.partition).second)
        return;
    loads_[in.partition].forget();
    turn.add(ReadPartition{in.partition});
}

void GroupCoordinator::take(const Turn& /*turn*/, const PartitionRead& in) {
    const auto load = loads_.find(in.partition);
    if (load == loads_.end())
        return;
    if (!config_.load_whole_partition)
        load->second.forget();
    load->second.read(in.batches);
}

void GroupCoordinator::take(const Turn& turn, const ReadFinished& in) {
    auto load = loads_.extract(in.partition);
    if (load.empty())
        return;
    for (auto& [id, loaded] : load.mapped().take_groups())
        this->load(turn, id, loaded);
    loading_.erase(in.partition);
    owned_.insert(in.partition);
}

void GroupCoordinator::load(const Turn& turn,
                            const std::string& id,
                            PartitionLoad::LoadedGroup& loaded) {
    auto& groups = groups_[partition_of(id)];
    const GroupSerial serial(next_group_++);
    const auto [at, added] = groups.try_emplace(id, id, serial, turn.at.wall);
    if (!added)
        return;
    GroupMetadata& group = at->second;
    if (loaded.metadata)
        restore(group, *loaded.metadata);
    for (const auto& [tp, committed] : loaded.offsets)
        group.offsets.load(tp, committed);
    for (const auto& [producer, partitions] : loaded.open) {
        for (const TopicPartition& tp : partitions)
            group.offsets.load_open(producer, tp);
    }
    turn.add(GroupHandedOver{id, true, group.state(), GenerationId(group.generation)});
    if (group.size() > static_cast<std::size_t>(config_.max_size))
        prepare_rebalance(turn, group, "the loaded group has too many members");
    for (const std::string& member : group.members_in_order())
        expect_heartbeat(turn, group, group.get(member));
}

void GroupCoordinator::take(const Turn& turn, const Resigned& in) {
    if (!accept_epoch(in.partition, in.epoch))
        return;
    owned_.erase(in.partition);
    loading_.erase(in.partition);
    loads_.erase(in.partition);
    auto groups = groups_.extract(in.partition);
    if (groups.empty())
        return;
    for (auto& [id, group] : groups.mapped())
        unload(turn, group);
}

// Whoever waits is sent to the new coordinator.
void GroupCoordinator::unload(const Turn& turn, GroupMetadata& group) {
    turn.add(GroupHandedOver{group.id(), false, group.state(), GenerationId(group.generation)});
    for (const std::string& id : group.members_in_order()) {
        Member& member = group.get(id);
        deadlines_.cancel(member.heartbeat);
        if (group.is(GroupState::PreparingRebalance)) {
            fail_join(turn, group, member, id, Error::NotCoordinator);
        } else {
            end_sync(turn, group, member, Error::NotCoordinator);
        }
    }
    for (auto& [id, deadline] : group.pending)
        deadlines_.cancel(deadline);
    if (group.join_wait) {
        std::optional<Deadlines::Handle> handle = group.join_wait->deadline;
        deadlines_.cancel(handle);
    }
    stop_expecting_syncs(group);
}

}  // namespace bsim::group
