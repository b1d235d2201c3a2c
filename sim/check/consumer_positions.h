#pragma once
// consumer-positions: a consumer is handed every record once, in order, and knows of every
// exception; a group is handed every record before it commits it. Family I8 of CATALOGUE.md;
// Jepsen's poll-skip and nonmonotonic-poll; G9 and G11 of facts/invariants.md.
//
// Violations, per consumer, partition and life of the process; of a member of a group, per
// assignment of the partition to it (check/group_readers.h):
//   - records at or above which it already stood are handed to it again;
//   - offsets are passed over that hold a batch, with no RecordsSkipped that says why;
//   - it goes on at its position although what it, or the member of its group that committed the
//     position, was handed just before is gone from the log it reads, so that the records which now
//     stand there never reach it. (Where two logs hold a batch of the same epoch at the same
//     offset, all before is the same, too; so it is enough to look at the record before the
//     position, in any log that holds the record after it.)
// Violations, per group and partition:
//   - a member begins below the committed offset, or as if there were none; or above all that was
//     told to be committed, although no coordinator has loaded the group since (one that does may
//     find a commit of which nobody told); or above it although no member was handed what stands
//     between;
//   - an offset is committed although no member was handed a record below it.
// Legal: what one member was handed is handed to the next one again; a group without a committed
// offset begins where its reset policy says; an offset that is set from outside.
// Permitted: a PositionReset, for it declares the jump; of the first, and of the application's own
// wish, nothing is said. A start at another than the committed offset after a loss of
// `__consumer_offsets`.
// Source: KIP-320, CATALOGUE.md cases 04 and 19.

#include <map>
#include <optional>
#include <utility>

#include "sim/check/checker.h"
#include "sim/check/group_readers.h"

namespace bsim {

class ConsumerPositions : public Checker {
  public:
    explicit ConsumerPositions(const CheckSettings& settings)
        : Checker("consumer-positions", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Position {
        Offset next;
        std::optional<LeaderEpoch> epoch;  // of the record before, if that was handed out
    };

    void on_changed(const Event& event, const AssignmentChanged& e, const ClusterView& view);
    void on_committed(const Event& event, const OffsetCommitted& e, const ClusterView& view);
    void on_skipped(const Event& event, const RecordsSkipped& e);
    void on_removed(const OffsetRemoved& e) { committed_.erase({e.group, e.p}); }
    void on_created(const TopicPartition& p);
    void on_stopped(const NodeName& node);
    // The first position of a member of a group in an assignment, and the PositionReset that told
    // of it, if one did.
    struct First {
        Offset at;
        const PositionReset* told = nullptr;
    };
    void begins(const Event& event,
                const TopicPartition& p,
                const First& first,
                const ClusterView& view);
    void on_consumed(const Event& event, const RecordsConsumed& e, const ClusterView& view);
    void on_reset(const Event& event, const PositionReset& e, const ClusterView& view);
    void passes_over(const Event& event,
                     const RecordsConsumed& e,
                     const Position& at,
                     const ReplicaLog* log);
    void still_there(const Event& event,
                     const RecordsConsumed& e,
                     const Position& at,
                     const ReplicaLog& log);

    CheckSettings settings_;
    std::map<std::pair<NodeName, TopicPartition>, Position> positions_;
    GroupReaders readers_;
    std::map<std::pair<std::string, TopicPartition>, Offset> committed_;  // by group
};

}  // namespace bsim
