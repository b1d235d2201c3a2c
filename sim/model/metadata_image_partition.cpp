#include "sim/model/metadata_image_partition.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/wire/messages/partition_change_record.h"
#include "sim/wire/messages/partition_record.h"

namespace bsim {
namespace {

constexpr std::int32_t kNoLeader = -1;
constexpr std::int32_t kNoLeaderChange = -2;
constexpr std::int8_t kNoRecoveryChange = -1;

std::optional<BrokerId> to_leader(std::int32_t id) {
    if (id == kNoLeader)
        return std::nullopt;
    return BrokerId(id);
}

LeaderRecoveryState to_recovery(std::int8_t value) {
    BSIM_CHECK(value == 0 || value == 1);
    return value == 1 ? LeaderRecoveryState::Recovering : LeaderRecoveryState::Recovered;
}

// Records of versions without directories leave the list empty: each replica's directory is then
// the one it has been migrating from.
std::vector<Uuid> known_directories(std::vector<Uuid> directories, std::size_t replicas) {
    const bool all_migrating =
        std::all_of(directories.begin(), directories.end(),
                    [](const Uuid& id) { return id == kMigratingDirectory; });
    if (all_migrating)
        return std::vector<Uuid>(replicas, kMigratingDirectory);
    BSIM_CHECK(directories.size() == replicas);
    return directories;
}

}  // namespace

PartitionRegistration PartitionRegistration::from(const wire::PartitionRecord& record) {
    PartitionRegistration made;
    made.replicas = to_broker_ids(record.replicas);
    made.directories = known_directories(record.directories, record.replicas.size());
    made.isr = to_broker_ids(record.isr);
    made.removing = to_broker_ids(record.removing_replicas);
    made.adding = to_broker_ids(record.adding_replicas);
    if (record.eligible_leader_replicas)
        made.elr = to_broker_ids(*record.eligible_leader_replicas);
    if (record.last_known_elr)
        made.last_known_elr = to_broker_ids(*record.last_known_elr);
    made.leader = to_leader(record.leader);
    made.recovery = to_recovery(record.leader_recovery_state);
    made.leader_epoch = LeaderEpoch(record.leader_epoch);
    made.partition_epoch = PartitionEpoch(record.partition_epoch);
    return made;
}

PartitionRegistration PartitionRegistration::merge(
    const wire::PartitionChangeRecord& change) const {
    PartitionRegistration next = *this;
    if (change.replicas)
        next.replicas = to_broker_ids(*change.replicas);
    next.directories =
        known_directories(change.directories.value_or(directories), next.replicas.size());
    if (change.isr)
        next.isr = to_broker_ids(*change.isr);
    if (change.removing_replicas)
        next.removing = to_broker_ids(*change.removing_replicas);
    if (change.adding_replicas)
        next.adding = to_broker_ids(*change.adding_replicas);
    if (change.eligible_leader_replicas)
        next.elr = to_broker_ids(*change.eligible_leader_replicas);
    if (change.last_known_elr)
        next.last_known_elr = to_broker_ids(*change.last_known_elr);
    if (change.leader != kNoLeaderChange) {
        next.leader = to_leader(change.leader);
        next.leader_epoch = LeaderEpoch(leader_epoch.value() + 1);
    }
    if (change.leader_recovery_state != kNoRecoveryChange) {
        next.recovery = to_recovery(change.leader_recovery_state);
    }
    next.partition_epoch = PartitionEpoch(partition_epoch.value() + 1);
    return next;
}

wire::PartitionRecord PartitionRegistration::to_record(const TopicIdPartition& tp) const {
    wire::PartitionRecord record;
    record.partition_id = tp.partition.value();
    record.topic_id = tp.topic_id;
    record.replicas = to_ints(replicas);
    record.directories = directories;
    record.isr = to_ints(isr);
    record.removing_replicas = to_ints(removing);
    record.adding_replicas = to_ints(adding);
    if (!elr.empty())
        record.eligible_leader_replicas = to_ints(elr);
    if (!last_known_elr.empty())
        record.last_known_elr = to_ints(last_known_elr);
    record.leader = leader ? leader->value() : kNoLeader;
    record.leader_recovery_state = static_cast<std::int8_t>(recovery);
    record.leader_epoch = leader_epoch.value();
    record.partition_epoch = partition_epoch.value();
    return record;
}

std::optional<Uuid> PartitionRegistration::directory_of(BrokerId broker) const {
    const auto at = std::find(replicas.begin(), replicas.end(), broker);
    if (at == replicas.end())
        return std::nullopt;
    return directories.at(static_cast<std::size_t>(at - replicas.begin()));
}

bool contains(const std::vector<BrokerId>& ids, BrokerId id) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
}

std::vector<BrokerId> without(const std::vector<BrokerId>& ids, BrokerId id) {
    std::vector<BrokerId> rest;
    rest.reserve(ids.size());
    for (const BrokerId each : ids) {
        if (each != id)
            rest.push_back(each);
    }
    return rest;
}

std::vector<BrokerId> to_broker_ids(const std::vector<std::int32_t>& ids) {
    std::vector<BrokerId> made;
    made.reserve(ids.size());
    for (const std::int32_t id : ids)
        made.emplace_back(id);
    return made;
}

std::vector<std::int32_t> to_ints(const std::vector<BrokerId>& ids) {
    std::vector<std::int32_t> made;
    made.reserve(ids.size());
    for (const BrokerId id : ids)
        made.push_back(id.value());
    return made;
}

}  // namespace bsim
