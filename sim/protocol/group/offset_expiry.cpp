// Offsets that nobody needs any more, and groups that have nothing left.

#include "sim/protocol/group/group_coordinator.h"
#include "sim/protocol/group/scala_order.h"

namespace bsim::group {

// Tombstones are not waited for: were they lost, the next round would write them again.
void GroupCoordinator::clean_up(const Turn& turn,
                                GroupMetadata& group,
                                const std::vector<TopicPartition>& removed,
                                OffsetEnd why) {
    std::vector<std::uint32_t> hashes;
    for (const TopicPartition& tp : removed)
        hashes.push_back(topic_partition_hash(tp));
    std::vector<KeyValue> records;
    for (const std::size_t i : scala_immutable_order(hashes)) {
        records.push_back({encode_offset_key({group.id(), removed[i]})});
        turn.add(OffsetGone{group.id(), removed[i], why});
    }
    const PartitionIndex partition = partition_of(group.id());
    if (group.is(GroupState::Dead) || (group.is(GroupState::Empty) && group.offsets.empty())) {
        // A group of generation 0 never had members, hence no record of its own.
        if (group.generation > 0)
            records.push_back({encode_group_key({group.id()})});
        forget(turn, group);
    }
    if (!records.empty())
        turn.add(AppendTombstones{partition, build_batch(records, turn.at.wall)});
}

void GroupCoordinator::expire_offsets(const Turn& turn) {
    for_each_group([&](GroupMetadata& group) {
        clean_up(turn, group, group.remove_expired_offsets(turn.at.wall, config_.retention_ms),
                 OffsetEnd::Expired);
    });
}

void GroupCoordinator::take(const Turn& turn, const PartitionsDeleted& in) {
    for_each_group([&](GroupMetadata& group) {
        clean_up(turn, group, group.offsets.remove(in.partitions), OffsetEnd::Topic);
    });
}

}  // namespace bsim::group
