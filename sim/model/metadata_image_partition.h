#pragma once
// PartitionRegistration: what the metadata log says of one partition. A value; merge() is the one
// rule by which a PartitionChangeRecord alters it.
//
// Lists keep the controller's order: replicas in order of preference (the first is the preferred
// leader), the ISR in the order in which members were named or joined. directories[i] is the log
// directory that holds replicas[i]; it is empty or as long as replicas.
// Epochs: partition_epoch grows by one with every change, leader_epoch only if the change names a
// leader, even the present one.
//
// Source: org.apache.kafka.metadata.PartitionRegistration, LeaderRecoveryState, DirectoryId.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/base/uuid.h"
#include "sim/model/ids.h"

namespace bsim::wire {
struct PartitionRecord;
struct PartitionChangeRecord;
}  // namespace bsim::wire

namespace bsim {

// Recovering: the leader was elected from outside the ISR and has not yet said that it is done.
enum class LeaderRecoveryState : std::int8_t { Recovered = 0, Recovering = 1 };

// Directory ids below 100 are reserved; these three have a meaning.
inline constexpr Uuid kMigratingDirectory{0, 0};
inline constexpr Uuid kUnassignedDirectory{0, 1};
inline constexpr Uuid kLostDirectory{0, 2};
constexpr bool is_reserved_directory(const Uuid& id) {
    return id.high == 0 && id.low < 100;
}

struct PartitionRegistration {
    std::vector<BrokerId> replicas;
    std::vector<Uuid> directories;
    std::vector<BrokerId> isr;
    std::vector<BrokerId> removing;
    std::vector<BrokerId> adding;
    std::vector<BrokerId> elr;  // eligible leader replicas (KIP-966)
    std::vector<BrokerId> last_known_elr;
    std::optional<BrokerId> leader;  // nullopt: no leader
    LeaderRecoveryState recovery = LeaderRecoveryState::Recovered;
    LeaderEpoch leader_epoch;
    PartitionEpoch partition_epoch;

    bool operator==(const PartitionRegistration&) const = default;

    static PartitionRegistration from(const wire::PartitionRecord& record);
    PartitionRegistration merge(const wire::PartitionChangeRecord& change) const;
    wire::PartitionRecord to_record(const TopicIdPartition& tp) const;

    bool has_preferred_leader() const { return !replicas.empty() && leader == replicas.front(); }
    bool is_reassigning() const { return !removing.empty() || !adding.empty(); }
    // nullopt if the broker is no replica of this partition.
    std::optional<Uuid> directory_of(BrokerId broker) const;
};

bool contains(const std::vector<BrokerId>& ids, BrokerId id);
std::vector<BrokerId> without(const std::vector<BrokerId>& ids, BrokerId id);
std::vector<BrokerId> to_broker_ids(const std::vector<std::int32_t>& ids);
std::vector<std::int32_t> to_ints(const std::vector<BrokerId>& ids);

}  // namespace bsim
