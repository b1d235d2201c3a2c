#pragma once
// consumer-positions: a consumer without a group is handed every record once, in order, and knows
// of every exception. Family I8 of CATALOGUE.md.
//
// Violations, per consumer, partition and life of the process:
//   - records at or above which it already stood are handed to it again;
//   - offsets are passed over that hold a batch, with no RecordsSkipped that says why;
//   - it goes on at its position although what it was handed just before is gone from the log it
//     reads, so that the records which now stand there never reach it. (Where two logs hold a batch
//     of the same epoch at the same offset, all before is the same, too; so it is enough to look at
//     the record before the position, in any log that holds the record after it.)
// Permitted: a PositionReset, for it declares the jump; of the first, and of the application's own
// wish, nothing is said.
// Source: KIP-320, CATALOGUE.md case 04.

#include <map>
#include <optional>
#include <utility>

#include "sim/check/checker.h"

namespace bsim {

class ConsumerPositions : public Checker {
  public:
    ConsumerPositions() : Checker("consumer-positions", CheckKind::Safety) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Position {
        Offset next;
        std::optional<LeaderEpoch> epoch;  // of the record before, if it was handed out
    };

    void on_consumed(const Event& event, const RecordsConsumed& e, const ClusterView& view);
    void on_reset(const Event& event, const PositionReset& e);
    void passes_over(const Event& event,
                     const RecordsConsumed& e,
                     const Position& at,
                     const ReplicaLog* log);
    void still_there(const Event& event,
                     const RecordsConsumed& e,
                     const Position& at,
                     const ReplicaLog& log);

    std::map<std::pair<NodeName, TopicPartition>, Position> positions_;
};

}  // namespace bsim
