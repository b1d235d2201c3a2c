#include "sim/protocol/rules/partition_change.h"

#include <algorithm>

namespace bsim {
namespace {

constexpr std::int32_t kNoLeader = -1;
constexpr std::int32_t kNoLeaderChange = -2;

bool contains_all(const std::vector<BrokerId>& ids, const std::vector<BrokerId>& wanted) {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](BrokerId each) { return contains(ids, each); });
}

std::vector<BrokerId> difference(std::vector<BrokerId> from, const std::vector<BrokerId>& other) {
    std::sort(from.begin(), from.end());
    std::erase_if(from, [&](BrokerId each) { return contains(other, each); });
    return from;
}

bool changes_nothing(const wire::PartitionChangeRecord& record) {
    return !record.isr && !record.eligible_leader_replicas && !record.last_known_elr &&
           record.leader == kNoLeaderChange && !record.replicas && !record.removing_replicas &&
           !record.adding_replicas && record.leader_recovery_state == -1 && !record.directories;
}

struct Target {
    std::vector<BrokerId> isr;
    std::vector<BrokerId> replicas;
    std::vector<BrokerId> removing;
    std::vector<BrokerId> adding;
};

Target make_target(const PartitionRegistration& partition, const PartitionChangeWish& wish) {
    return {wish.isr.value_or(partition.isr), wish.replicas.value_or(partition.replicas),
            wish.removing.value_or(partition.removing), wish.adding.value_or(partition.adding)};
}

void elect(const PartitionRegistration& partition,
           const PartitionChangeWish& wish,
           const Target& target,
           wire::PartitionChangeRecord& record) {
    const LeaderChoice choice = choose_leader(
        {target.replicas, target.isr, wish.acceptable, partition.leader}, wish.election);
    if (choice.leader == partition.leader)
        return;
    record.leader = choice.leader ? choice.leader->value() : kNoLeader;
    if (!choice.unclean)
        return;
    record.isr = std::vector<std::int32_t>{choice.leader->value()};
    if (partition.recovery != LeaderRecoveryState::Recovering) {
        record.leader_recovery_state = static_cast<std::int8_t>(LeaderRecoveryState::Recovering);
    }
}

// Naming the present leader again raises the leader epoch without moving leadership.
void rename_leader(const PartitionRegistration& partition, wire::PartitionChangeRecord& record) {
    if (record.leader != kNoLeaderChange)
        return;
    record.leader = partition.leader ? partition.leader->value() : kNoLeader;
}

void put_assignment(const PartitionRegistration& partition,
                    const PartitionChangeWish& wish,
                    const Target& target,
                    wire::PartitionChangeRecord& record) {
    if (!target.replicas.empty()) {
        std::vector<Uuid> directories;
        for (const BrokerId replica : target.replicas) {
            const auto wished = wish.directories.find(replica);
            const auto known = partition.directory_of(replica);
            directories.push_back(wished != wish.directories.end()
                                      ? wished->second
                                      : known.value_or(kUnassignedDirectory));
        }
        if (directories != partition.directories) {
            record.directories = std::move(directories);
        }
        if (target.replicas != partition.replicas)
            record.replicas = to_ints(target.replicas);
    }
    if (target.removing != partition.removing)
        record.removing_replicas = to_ints(target.removing);
    if (target.adding != partition.adding)
        record.adding_replicas = to_ints(target.adding);
}

}  // namespace

LeaderChoice choose_leader(const LeaderCandidates& candidates, Election election) {
    const auto acceptable = [&](BrokerId id) { return contains(candidates.acceptable, id); };
    const auto valid = [&](BrokerId id) { return contains(candidates.isr, id) && acceptable(id); };

    if (election == Election::Preferred && !candidates.replicas.empty() &&
        valid(candidates.replicas.front())) {
        return {candidates.replicas.front(), false};
    }
    if (candidates.present_leader && valid(*candidates.present_leader)) {
        return {candidates.present_leader, false};
    }
    for (const BrokerId replica : candidates.replicas) {
        if (valid(replica))
            return {replica, false};
    }
    if (election == Election::Unclean) {
        for (const BrokerId replica : candidates.replicas) {
            if (acceptable(replica))
                return {replica, true};
        }
    }
    return {std::nullopt, false};
}

std::optional<CompletedReassignment> complete_reassignment(const Reassignment& reassignment,
                                                           const std::vector<BrokerId>& isr) {
    if (reassignment.removing.empty() && reassignment.adding.empty())
        return std::nullopt;
    const auto stays = [&](const std::vector<BrokerId>& ids) {
        std::vector<BrokerId> rest = ids;
        std::erase_if(rest, [&](BrokerId id) { return contains(reassignment.removing, id); });
        return rest;
    };
    CompletedReassignment completed{stays(reassignment.replicas), stays(isr)};
    if (!reassignment.removing.empty() && (completed.isr.empty() || completed.replicas.empty())) {
        return std::nullopt;
    }
    if (!contains_all(completed.isr, completed.replicas))
        return std::nullopt;
    return completed;
}

Reassignment start_reassignment(const std::vector<BrokerId>& current,
                                const std::vector<BrokerId>& target) {
    Reassignment started{target, difference(current, target), difference(target, current)};
    started.replicas.insert(started.replicas.end(), started.removing.begin(),
                            started.removing.end());
    return started;
}

bool is_valid_isr(const std::vector<BrokerId>& replicas, const std::vector<BrokerId>& isr) {
    for (std::size_t i = 0; i < isr.size(); ++i) {
        if (isr[i].value() < 0 || !contains(replicas, isr[i]))
            return false;
        if (std::count(isr.begin(), isr.end(), isr[i]) > 1)
            return false;
    }
    return true;
}

bool election_was_clean(std::optional<BrokerId> leader, const std::vector<BrokerId>& isr_before) {
    return !leader || contains(isr_before, *leader);
}

std::optional<wire::PartitionChangeRecord> decide_partition_change(
    const TopicIdPartition& tp,
    const PartitionRegistration& partition,
    const PartitionChangeWish& wish) {
    wire::PartitionChangeRecord record;
    record.topic_id = tp.topic_id;
    record.partition_id = tp.partition.value();

    Target target = make_target(partition, wish);
    if (auto completed =
            complete_reassignment({target.replicas, target.removing, target.adding}, target.isr)) {
        target = {std::move(completed->isr), std::move(completed->replicas), {}, {}};
    }
    elect(partition, wish, target, record);
    if (!contains_all(target.replicas, partition.replicas))
        rename_leader(partition, record);
    // An unclean election has set the ISR; an empty one is never written.
    if (!record.isr && !target.isr.empty() && target.isr != partition.isr) {
        record.isr = to_ints(target.isr);
    }
    put_assignment(partition, wish, target, record);
    const LeaderRecoveryState recovery = wish.recovery.value_or(partition.recovery);
    if (recovery != partition.recovery) {
        record.leader_recovery_state = static_cast<std::int8_t>(recovery);
    }
    if (changes_nothing(record))
        return std::nullopt;
    return record;
}

}  // namespace bsim
