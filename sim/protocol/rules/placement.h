#pragma once
// Where the replicas of new partitions go. Pure but for the draws.
//
// place_striped (KRaft): racks and the brokers within them are walked round-robin from random
// offsets; the leader is an unfenced broker, fenced ones come last within their rack; after as many
// partitions as there are unfenced brokers everything is shuffled.
// assign_replicas (ZooKeeper mode): brokers by id, or alternating over the racks if brokers have
// one; a shift moves followers on after every round.
//
// Both return one replica list a partition, the leader first, or say why not.
// Source: StripedReplicaPlacer, AdminUtils.assignReplicasToBrokers; facts/controller.md C.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/base/result.h"
#include "sim/model/ids.h"
#include "sim/protocol/rules/int_source.h"

namespace bsim {

struct UsableBroker {
    BrokerId id;
    std::optional<std::string> rack;
    bool fenced = false;
};

struct PlacementError {
    enum class Kind { InvalidReplicationFactor, InvalidPartitions, RackMissing };
    Kind kind = Kind::InvalidReplicationFactor;
    std::string why;
};

using ReplicaLists = std::vector<std::vector<BrokerId>>;

struct PlacementSize {
    std::int32_t partitions = 0;
    std::int32_t replication_factor = 0;
};

Result<ReplicaLists, PlacementError> place_striped(std::span<const UsableBroker> brokers,
                                                   PlacementSize size,
                                                   IntSource& draws);

struct AssignStart {
    // Offset of the first leader and of the shift; nullopt draws both.
    std::optional<std::int32_t> fixed_index;
    // Number of the first partition, > 0 when partitions are added to a topic.
    std::int32_t partition = 0;
};

Result<ReplicaLists, PlacementError> assign_replicas(std::span<const UsableBroker> brokers,
                                                     PlacementSize size,
                                                     AssignStart start,
                                                     IntSource& draws);

// The order in which assign_replicas walks brokers that all have a rack: one of each rack in turn,
// racks by name, brokers within a rack by id.
std::vector<BrokerId> rack_alternated(std::span<const UsableBroker> brokers);

}  // namespace bsim
