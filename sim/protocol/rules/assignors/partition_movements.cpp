#include "sim/protocol/rules/assignors/partition_movements.h"

#include <algorithm>

#include "sim/base/java_order.h"

namespace bsim::group {
namespace {

// TopicPartition.hashCode.
std::uint32_t java_hash_of(const Slot& slot, const AssignmentInput& input) {
    return 31 * (31 + static_cast<std::uint32_t>(slot.partition)) + input.topics()[slot.topic].hash;
}

}  // namespace

std::uint32_t PartitionMovements::MovedSet::capacity() const {
    std::vector<std::uint32_t> hashes;
    hashes.reserve(partitions_.size());
    for (const Moved& moved : partitions_)
        hashes.push_back(moved.hash);
    return std::max(capacity_, java_table_capacity(hashes));
}

void PartitionMovements::MovedSet::insert(std::int32_t partition, std::uint32_t hash) {
    partitions_.push_back({partition, hash});
    capacity_ = capacity();
}

void PartitionMovements::MovedSet::erase(std::int32_t partition) {
    std::erase_if(partitions_, [&](const Moved& each) { return each.partition == partition; });
}

std::int32_t PartitionMovements::MovedSet::first() const {
    const auto found = std::min_element(
        partitions_.begin(), partitions_.end(), [this](const Moved& a, const Moved& b) {
            return java_bucket(a.hash, capacity_) < java_bucket(b.hash, capacity_);
        });
    return found->partition;
}

void PartitionMovements::record(const Slot& slot, const Route& route) {
    route_of_[slot] = route;
    moved_[{slot.topic, route}].insert(slot.partition, java_hash_of(slot, input_));
}

PartitionMovements::Route PartitionMovements::forget(const Slot& slot) {
    const auto entry = route_of_.find(slot);
    const Route route = entry->second;
    route_of_.erase(entry);
    const auto moved = moved_.find({slot.topic, route});
    moved->second.erase(slot.partition);
    if (moved->second.empty())
        moved_.erase(moved);
    return route;
}

void PartitionMovements::move(const Slot& slot, std::size_t from, std::size_t to) {
    if (!route_of_.contains(slot)) {
        record(slot, {from, to});
        return;
    }
    const Route before = forget(slot);
    if (before.from != to)
        record(slot, {before.from, to});
}

Slot PartitionMovements::to_be_moved(const Slot& slot, std::size_t from, std::size_t to) const {
    const auto before = route_of_.find(slot);
    const std::size_t origin = before == route_of_.end() ? from : before->second.from;
    const auto crossing = moved_.find({slot.topic, Route{to, origin}});
    if (crossing == moved_.end())
        return slot;
    return {slot.topic, crossing->second.first()};
}

}  // namespace bsim::group
