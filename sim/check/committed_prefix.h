#pragma once
// committed-prefix: below the high watermark all replicas hold the same bytes.
// Exact invariants R4 and R5 of facts/invariants.md (family I2).
//
// R4. The first replica whose high watermark passes a batch says what is committed at its offsets.
// Whenever a replica's high watermark rises, and after its log was cut and grew again, what it
// holds between its last proved offset and the high watermark must be just that, else: violation.
// R5. Two logs that hold a batch with equal offset and leader epoch agree on the batch (crc, size)
// and on the batch before it; checked at each append against every other log, which by induction
// covers the whole prefix. The prefix of a batch is compared as far as both logs know it.
//
// Waived: an unclean leader defines anew what is committed from its log end on; so does a leader
// after as many replicas as min.insync.replicas lost the batch in a power failure.

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class CommittedPrefix : public Checker {
  public:
    explicit CommittedPrefix(const CheckSettings& settings)
        : Checker("committed-prefix", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Committed {
        ReplicaLog log;
        std::map<BrokerId, Offset> proved;           // up to where each replica was compared
        std::optional<LeaderEpoch> unclean_applied;  // the unclean election that was waived last
        // Pairs whose logs were found to part ways; told once.
        std::set<std::pair<BrokerId, BrokerId>> parted;
    };

    void on_hw(const Event& event, const TopicPartition& p, Offset hw, const ClusterView& view);
    void on_append(const Event& event, const LogAppended& e, const ClusterView& view);
    void on_removed(BrokerId broker, const TopicPartition& p, const ClusterView& view);
    void on_leader(const Event& event, const BecameLeader& e, const ClusterView& view);
    void compare(const Event& event,
                 const TopicPartition& p,
                 const ReplicaLog& mine,
                 const std::pair<const BrokerId, ReplicaView>& other);

    CheckSettings settings_;
    std::map<TopicPartition, Committed> partitions_;
    std::vector<LoggedBatch> scratch_;
};

}  // namespace bsim
