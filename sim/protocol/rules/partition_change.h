#pragma once
// The one place that decides how a partition may change: given its registration and what is wanted
// (a new ISR, new replicas, an election), finish a reassignment that has caught up, choose a
// leader, bump the leader epoch where Kafka does, and yield the record, or nothing if nothing
// changes.
//
// Leader choice: Online keeps the present leader if it is in the wanted ISR and acceptable, else
// takes the first such replica in order of assignment, else none. Preferred asks the first replica
// first, then goes on as Online. Unclean goes on to the first acceptable replica outside of the
// ISR; the ISR is then that leader alone and the partition is Recovering. Without ELR the last ISR
// member stays in the ISR: the partition is leaderless, the wanted empty ISR is not written.
//
// The rules are those of metadata.version 21 (3.9-IV0): an ISR shrink alone does not bump the
// leader epoch (before level 12 it did), and eligible leader replicas (KIP-966, level 22) are off:
// elr and last_known_elr stay as they are. Their place is between completing the reassignment and
// the election. Source: PartitionChangeBuilder, PartitionReassignmentReplicas; facts/replication.md
// 7, 8.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/model/metadata_image_partition.h"
#include "sim/wire/messages/partition_change_record.h"

namespace bsim {

enum class Election { Online, Preferred, Unclean };

struct PartitionChangeWish {
    // Replicas, old or wanted, that may lead: registered, not fenced, not shutting down, directory
    // online. Order does not matter.
    std::vector<BrokerId> acceptable;
    Election election = Election::Online;
    // nullopt: as the registration has it.
    std::optional<std::vector<BrokerId>> isr;
    std::optional<std::vector<BrokerId>> replicas;
    std::optional<std::vector<BrokerId>> removing;
    std::optional<std::vector<BrokerId>> adding;
    std::optional<LeaderRecoveryState> recovery;
    // Directories of replicas that the registration does not have, or of one that moved.
    std::map<BrokerId, Uuid> directories;
};

// nullopt: nothing to write.
std::optional<wire::PartitionChangeRecord> decide_partition_change(
    const TopicIdPartition& tp,
    const PartitionRegistration& partition,
    const PartitionChangeWish& wish);

struct LeaderChoice {
    std::optional<BrokerId> leader;
    bool unclean = false;

    bool operator==(const LeaderChoice&) const = default;
};

struct LeaderCandidates {
    const std::vector<BrokerId>& replicas;  // in order of assignment
    const std::vector<BrokerId>& isr;
    const std::vector<BrokerId>& acceptable;
    std::optional<BrokerId> present_leader;
};

LeaderChoice choose_leader(const LeaderCandidates& candidates, Election election);

// Of the wanted replicas, without those being removed, the ones left once every one of them is in
// the ISR; nullopt while the reassignment goes on or if there is none.
struct CompletedReassignment {
    std::vector<BrokerId> replicas;
    std::vector<BrokerId> isr;
};
struct Reassignment {
    std::vector<BrokerId> replicas;
    std::vector<BrokerId> removing;
    std::vector<BrokerId> adding;
};
std::optional<CompletedReassignment> complete_reassignment(const Reassignment& reassignment,
                                                           const std::vector<BrokerId>& isr);
// What to write to get from `current` to `target`: target first, then what leaves.
Reassignment start_reassignment(const std::vector<BrokerId>& current,
                                const std::vector<BrokerId>& target);

// No duplicates, no negative id, all of them replicas. The empty ISR is valid here.
bool is_valid_isr(const std::vector<BrokerId>& replicas, const std::vector<BrokerId>& isr);

// A new leader was in the ISR before, or there is none.
bool election_was_clean(std::optional<BrokerId> leader, const std::vector<BrokerId>& isr_before);

}  // namespace bsim
