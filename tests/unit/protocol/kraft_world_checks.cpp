// What must always hold.

#include <algorithm>

#include "tests/unit/protocol/kraft_world.h"

namespace bsim::kraft {

namespace {

std::string name(BrokerId id) {
    return "node " + std::to_string(id.value());
}
std::string text(Offset offset) {
    return std::to_string(offset.value());
}
std::string text(LeaderEpoch epoch) {
    return std::to_string(epoch.value());
}

}  // namespace

void RaftWorld::require(bool holds, const char* rule, const std::string& what) const {
    if (!holds && !waived.contains(rule))
        on_violation(rule, what);
}

void RaftWorld::check_persist(BrokerId id, const PersistQuorumState& persist) {
    const Node& node = nodes_.at(id);
    require(!node.stored || persist.state.epoch >= node.stored->epoch, "MonotonicEpoch",
            name(id) + " falls back to " + text(persist.state.epoch));
    if (!persist.state.leader)
        return;
    const auto [first, is_new] = leaders_.try_emplace(persist.state.epoch, *persist.state.leader);
    require(first->second == *persist.state.leader, "SingleLeader",
            "epoch " + text(persist.state.epoch) + " has two, by " + name(id));
}

void RaftWorld::check_speaks(BrokerId id, LeaderEpoch epoch) const {
    const Node& node = nodes_.at(id);
    require(node.stored && node.stored->epoch >= epoch, "PersistBeforeSpeaking", name(id));
}

void RaftWorld::check_role(BrokerId id, const RoleChanged& role) {
    const Node& node = nodes_.at(id);
    check_speaks(id, role.epoch);
    if (role.role != RoleKind::Leader)
        return;
    const bool is_new = elected_.try_emplace(role.epoch, id).second;
    require(is_new, "SingleLeader", "epoch " + text(role.epoch) + " has had one");
    require(node.stored->leader == id, "PersistBeforeSpeaking", name(id) + " leads unstored");
    // A leader has all that was committed in earlier epochs. (One elected late may lead, and find
    // nobody to follow, while a later epoch is under way.)
    for (auto last = committed_.rbegin(); last != committed_.rend(); ++last) {
        if (last->second.in_epoch >= role.epoch)
            continue;
        require(last->first < node.log.end_offset(), "LeaderHasCommitted",
                name(id) + " lacks " + text(last->first));
        break;
    }
}

void RaftWorld::check_hw(BrokerId id, const AdvanceHw& advance) {
    Node& node = nodes_.at(id);
    const bool may_repeat = !node.config.commit_own_epoch_only;
    require(!node.hw || advance.hw > *node.hw || (may_repeat && advance.hw == *node.hw),
            "MonotonicHighWatermark", name(id) + " does not raise it at " + text(advance.hw));
    require(advance.hw <= node.log.end_offset(), "MajorityReachedHighWatermark",
            name(id) + " lacks its own");
    const Offset from = std::max(node.hw.value_or(Offset{}), node.log.start_offset());
    node.hw = advance.hw;
    for (const TestBatch& batch : node.log.read(from, advance.hw)) {
        require(batch.end() <= advance.hw, "ConsistentCommittedData", "cuts a batch");
        Offset offset = batch.base;
        for (const std::string& record : batch.records) {
            const auto [known, is_new] =
                committed_.try_emplace(offset, Committed{batch.epoch, record, advance.epoch});
            require(known->second.epoch == batch.epoch && known->second.value == record,
                    "ConsistentCommittedData",
                    "two at " + text(offset) + ": " + known->second.value + " and " + record);
            offset = offset + 1;
        }
    }
    if (node.raft->leading_epoch() == advance.epoch)
        check_leader_hw(id, advance);
}

void RaftWorld::check_leader_hw(BrokerId id, const AdvanceHw& advance) {
    for (const auto& [epoch, hw] : leader_hws_) {
        require(epoch <= advance.epoch ? hw <= advance.hw : hw >= advance.hw,
                "MonotonicHighWatermark",
                name(id) + " of epoch " + text(advance.epoch) + " at " + text(advance.hw) +
                    ", epoch " + text(epoch) + " at " + text(hw));
    }
    leader_hws_[advance.epoch] = advance.hw;
    check_majority();
}

void RaftWorld::check_majority() const {
    for (const auto& [id, node] : nodes_) {
        if (node.raft == nullptr || !node.raft->leading_epoch() || !node.hw)
            continue;
        const std::vector<BrokerId>& voters = node.config.voters;
        const Offset hw = *node.hw;
        const auto reached = std::count_if(voters.begin(), voters.end(), [&](BrokerId voter) {
            return nodes_.at(voter).log.end_offset() >= hw;
        });
        require(static_cast<std::size_t>(reached) > voters.size() / 2,
                "MajorityReachedHighWatermark", name(id) + " at " + text(*node.hw));
    }
}

void RaftWorld::check_log_start(BrokerId id) const {
    const TestLog& log = nodes_.at(id).log;
    const auto first = earliest_snapshot(log);
    const Offset start = log.start_offset();
    require(first || start == Offset{}, "SnapshotAtLogStart", name(id) + " has none");
    if (!first)
        return;
    require(start <= first->offset, "SnapshotAtLogStart", name(id) + " has it before the log");
    require(start == Offset{} || start == first->offset, "SnapshotAtLogStart",
            name(id) + " has it after the log's start");
    require(validate_end(log, *first).standing == Standing::Valid, "SnapshotAtLogStart",
            name(id) + " does not know its epoch");
}

void RaftWorld::check_machine(BrokerId id) const {
    const TestMachine& machine = nodes_.at(id).machine;
    require(!machine.may_write() || machine.snapshots_loaded() == 0, "LeaderNeverLoadSnapshot",
            name(id));
}

}  // namespace bsim::kraft
