"""Protocol bugs, and harmless changes, that can be put into a copy of the sources.

Each names the one place that it changes (the text must stand there exactly once) and the checks
that fit: a sweep of random faults must be stopped by one of them. A harmless change has no checks:
a real cluster could behave so, and nothing may complain.
"""

from typing import NamedTuple


class Mutant(NamedTuple):
    name: str
    file: str
    old: str
    new: str
    checks: tuple[str, ...]  # any of them; none: harmless
    base: str = "brokers"  # the scenario to sweep: see BASES of run.py


REPLICATION = "sim/protocol/replication/"
CONTROLLER = "sim/protocol/controller/"
KRAFT = "sim/protocol/kraft/"
GROUP = "sim/protocol/group/"
CLIENT = "sim/protocol/client/"
RULES = "sim/protocol/rules/"
STORAGE = "sim/storage/"

DATA = ("acked-records-durable", "committed-prefix", "isr-holds-committed", "hw-monotonic")

MUTANTS = (
    Mutant(
        "hw-ignores-followers",
        REPLICATION + "partition_leader.cpp",
        "const bool counts = in_maximal_isr(remote.id()) ||",
        "const bool counts = false && in_maximal_isr(remote.id()) &&",
        DATA,
    ),
    Mutant(
        "hw-ignores-newcomer",
        REPLICATION + "partition_leader.cpp",
        "return newcomer_ == id || in_isr(id);",
        "return in_isr(id);",
        DATA + ("maximal-isr-covers",),
    ),
    Mutant(
        "hw-is-one-too-high",
        REPLICATION + "partition_leader.cpp",
        "    hw_ = *lowest;\n",
        "    hw_ = std::min(leo_, *lowest + 1);\n",
        DATA,
    ),
    Mutant(
        "min-isr-ignored",
        REPLICATION + "partition_leader.cpp",
        "    return std::min(configured, remotes_.size() + 1);",
        "    return std::min<std::size_t>(std::min(configured, remotes_.size() + 1), 1);",
        DATA,
    ),
    Mutant(
        "produce-answered-before-replication",
        REPLICATION + "partition_leader.cpp",
        "    if (hw_ < required)\n        return std::nullopt;\n",
        "    if (leo_ < required)\n        return std::nullopt;\n",
        DATA,
    ),
    Mutant(
        "joins-isr-behind",
        REPLICATION + "leader_isr.cpp",
        "if (remote.leo() < hw_ || remote.leo() < epoch_start_)",
        "if (!remote.leo())",
        DATA,
    ),
    Mutant(
        "never-leaves-isr",
        REPLICATION + "remote_replica.cpp",
        "return last_caught_up_ && now - *last_caught_up_ <= lag_max;",
        "return last_caught_up_ && now - *last_caught_up_ <= lag_max * 1000;",
        ("isr-lag",),
    ),
    Mutant(
        "stale-epoch-accepted",
        REPLICATION + "fetch_check.cpp",
        "    return *asked < mine ? ErrorCode::FencedLeaderEpoch : ErrorCode::UnknownLeaderEpoch;",
        "    return *asked < mine ? ErrorCode::None : ErrorCode::UnknownLeaderEpoch;",
        DATA + ("replicas-converge",),
    ),
    Mutant(
        "divergence-ignored",
        REPLICATION + "partition_follower.cpp",
        "    if (in.diverging) {",
        "    if (in.diverging && in.records.empty() && now < SimTime(0)) {",
        DATA + ("replicas-converge",),
    ),
    Mutant(
        "truncates-to-own-end",
        REPLICATION + "truncation.cpp",
        "    return std::min({own->end, leader.end, own_leo});",
        "    return std::min({own->end, own_leo});",
        DATA + ("replicas-converge", "replicated", "liveness"),
    ),
    Mutant(
        "truncates-to-own-hw",
        REPLICATION + "partition_follower.cpp",
        "    if (last_fetched_epoch_)\n        return;\n",
        "    if (last_fetched_epoch_ && log_.hw >= log_.leo)\n        return;\n",
        DATA,
    ),
    Mutant(
        "follower-marks-unread-records",
        REPLICATION + "partition_follower.cpp",
        "std::min(leader_hw_, log_.leo)",
        "std::min(std::max(leader_hw_, log_.leo), log_.leo)",
        ("hw-monotonic",),
    ),
    Mutant(
        "readers-pass-the-mark",
        REPLICATION + "fetch_check.cpp",
        "            return limits.hw;\n        case Isolation::TxnCommitted:",
        "            return limits.leo;\n        case Isolation::TxnCommitted:",
        ("hw-monotonic", "history", "consumer-positions"),
        "groups",
    ),
    Mutant(
        "elects-out-of-sync",
        RULES + "partition_change.cpp",
        "return contains(candidates.isr, id) && acceptable(id); };",
        "return acceptable(id); };",
        DATA + ("controller-state-legal",),
    ),
    Mutant(
        "elects-fenced",
        CONTROLLER + "controller_state.cpp",
        "    if (registration == nullptr || !registration->is_active())\n        return false;\n"
        "    const auto directory",
        "    if (registration == nullptr)\n        return false;\n    const auto directory",
        ("controller-state-legal", "liveness"),
    ),
    Mutant(
        "leader-epoch-stays",
        "sim/model/metadata_image_partition.cpp",
        "next.leader_epoch = LeaderEpoch(leader_epoch.value() + 1);",
        "next.leader_epoch = LeaderEpoch(leader_epoch.value());",
        ("single-leader-per-epoch", "controller-state-legal"),
    ),
    Mutant(
        "old-isr-proposals-accepted",
        CONTROLLER + "alter_partition.cpp",
        "    if (partition_epoch < partition->partition_epoch)\n"
        "        return ErrorCode::InvalidUpdateVersion;\n",
        "",
        DATA + ("controller-state-legal", "maximal-isr-covers"),
    ),
    Mutant(
        "fenced-broker-joins-isr",
        CONTROLLER + "alter_partition.cpp",
        "return broker != nullptr && broker->is_active() &&",
        "return broker != nullptr &&",
        DATA + ("controller-state-legal",),
    ),
    Mutant(
        "never-fences",
        CONTROLLER + "broker_heartbeats.h",
        "timeout_(session_timeout) {}",
        "timeout_(session_timeout * 100) {}",
        ("alive", "replicated"),
    ),
    Mutant(
        "votes-not-persisted",
        KRAFT + "raft_transitions.cpp",
        "    if (!config_.persist_vote)\n",
        "    if (state.voted)\n",
        ("raft-vote-once", "single-leader-per-epoch"),
        "quorum",
    ),
    Mutant(
        "votes-twice",
        KRAFT + "unattached.h",
        "        return ours.voted->id == candidate.id &&\n"
        "               (ours.voted->directory.is_zero() || "
        "ours.voted->directory == candidate.directory);",
        "        static_cast<void>(candidate);\n"
        "        return log_up_to_date;",
        ("raft-vote-once", "single-leader-per-epoch"),
        "quorum",
    ),
    Mutant(
        "votes-for-short-logs",
        KRAFT + "raft_requests.cpp",
        "grants(request, end >= step.log_end());",
        "grants(request, true);",
        ("raft-committed", "metadata-prefix", "committed-prefix"),
        "quorum",
    ),
    Mutant(
        "quorum-of-one",
        KRAFT + "leader.cpp",
        "ends[ends.size() / 2];",
        "ends[0];",
        ("raft-committed",),
        "quorum",
    ),
    Mutant(
        "commits-old-epochs",
        KRAFT + "leader.cpp",
        "    if (!majority_end || *majority_end < epoch_start)\n        return false;\n"
        "    if (*majority_end == epoch_start && commits_own_epoch_only_)\n        return false;\n",
        "    if (!majority_end)\n        return false;\n",
        ("raft-committed",),
        "quorum",
    ),
    Mutant(
        "never-resigns",
        KRAFT + "leader.cpp",
        "    if (voters_.size() == 1 || !resigns_without_fetches_)",
        "    if (voters_.size() != 0)",
        ("raft-roles",),
        "quorum",
    ),
    Mutant(
        "vote-epoch-unchecked",
        KRAFT + "raft_requests.cpp",
        "    if (request.epoch < epoch())\n"
        "        return answer(ErrorCode::FencedLeaderEpoch, false);\n",
        "",
        ("raft-vote-once",),
        "quorum",
    ),
    Mutant(
        "begin-epoch-unchecked",
        KRAFT + "raft_requests.cpp",
        "    if (request.epoch < epoch()) {\n"
        "        step.emit(Reply{id, "
        "BeginQuorumEpochResponse{head(ErrorCode::FencedLeaderEpoch)}});\n"
        "        return;\n    }\n",
        "",
        ("raft-roles", "raft-vote-once", "simulator"),
        "quorum",
    ),
    Mutant(
        "forgets-its-vote-file",
        KRAFT + "raft_transitions.cpp",
        "    step.emit(PersistQuorumState{state});\n",
        "    static_cast<void>(state);\n",
        ("raft-vote-once", "written"),
        "quorum",
    ),
    Mutant(
        "fsync-ignored",
        STORAGE + "partition_log.cpp",
        "        BSIM_TRY_VOID(segments_.at(i).flush());\n",
        "",
        ("recovery-is-valid-prefix", "raft-committed"),
        "quorum",
    ),
    Mutant(
        "recovery-stops-early",
        STORAGE + "log_segment.cpp",
        "        expected = last + 1;\n        return visit(header, batch, position);\n",
        "        expected = last + 1;\n"
        "        return position < 8192 ? visit(header, batch, position) : Stored<bool>(false);\n",
        ("recovery-is-valid-prefix",),
    ),
    Mutant(
        "epoch-cache-after-recovery",
        STORAGE + "log_loader.cpp",
        "    BSIM_TRY_VOID(log_.epochs.truncate_from_end(log_.leo));",
        "",
        DATA + ("replicas-converge", "replicated"),
    ),
    Mutant(
        "no-duplicates-found",
        STORAGE + "partition_log_append.cpp",
        "            if (original) {",
        "            if (original && original->last_offset < Offset(0)) {",
        ("exactly-once-per-producer", "per-partition-order", "nonmonotonic-send"),
    ),
    Mutant(
        "any-sequence-goes",
        STORAGE + "producer_state.cpp",
        "    if (current_epoch_ == ProducerEntry::kNoEpoch || in_sequence(last, first))",
        "    if (current_epoch_ == ProducerEntry::kNoEpoch || in_sequence(last, first) || true)",
        ("exactly-once-per-producer", "per-partition-order"),
    ),
    Mutant(
        "epoch-cache-kept",
        STORAGE + "leader_epoch_cache.cpp",
        "Stored<Done> LeaderEpochCache::truncate_from_end(Offset end) {\n",
        "Stored<Done> LeaderEpochCache::truncate_from_end(Offset end) {\n"
        "    if (end >= Offset(0))\n        return Done{};\n",
        DATA + ("replicas-converge", "replicated"),
    ),
    Mutant(
        "commits-unfenced",
        GROUP + "offset_commit.cpp",
        "        if (generation != group.generation)\n"
        "            return Error::IllegalGeneration;\n",
        "",
        ("commit-fencing", "offsets-monotonic", "one-owner-per-partition"),
        "groups",
    ),
    Mutant(
        "commit-answered-before-replication",
        GROUP + "offset_commit.cpp",
        "    if (!config_.commits_wait_for_isr)\n",
        "    if (config_.commit_required_acks != 1)\n",
        ("offsets-monotonic", "consumer-positions"),
        "groups",
    ),
    Mutant(
        "stale-generation-syncs",
        GROUP + "sync_group.cpp",
        "    if (body.generation_id != group.generation)\n"
        "        return Error::IllegalGeneration;\n",
        "",
        ("one-owner-per-partition", "generation-monotonic"),
        "groups",
    ),
    Mutant(
        "rebalance-keeps-generation",
        GROUP + "rebalance.cpp",
        "    group.init_next_generation(turn.at.wall);",
        "    const auto before = group.generation;\n"
        "    group.init_next_generation(turn.at.wall);\n"
        "    if (before > 2)\n        group.generation = before;",
        ("generation-monotonic", "one-owner-per-partition", "commit-fencing"),
        "groups",
    ),
    # Harmless.
    Mutant(
        "slower-isr-retries",
        REPLICATION + "alter_partition_queue.h",
        "kAlterPartitionRetry = milliseconds(50);",
        "kAlterPartitionRetry = milliseconds(80);",
        (),
    ),
    Mutant(
        "expands-a-little-later",
        REPLICATION + "leader_isr.cpp",
        "if (remote.leo() < hw_ || remote.leo() < epoch_start_)",
        "if (remote.leo() < leo_ || remote.leo() < epoch_start_)",
        (),
    ),
    Mutant(
        "longer-election-timeouts",
        KRAFT + "raft_transitions.cpp",
        "    return step.now() + milliseconds(timeout_ms + jitter);",
        "    return step.now() + milliseconds(timeout_ms + jitter + 150);",
        (),
        "quorum",
    ),
    Mutant(
        "leader-prefers-last-replica",
        RULES + "partition_change.cpp",
        "    for (const BrokerId replica : candidates.replicas) {\n        if (valid(replica))\n"
        "            return {replica, false};\n    }",
        "    for (auto at = candidates.replicas.rbegin();\n"
        "         at != candidates.replicas.rend(); ++at) {\n"
        "        if (valid(*at))\n            return {*at, false};\n    }",
        (),
    ),
)
