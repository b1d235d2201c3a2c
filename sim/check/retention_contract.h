#pragma once
// retention-contract: a log loses its oldest records only as its settings and its users allow, and
// never what is not committed. Exact invariants S6 and S8 of facts/invariants.md (family I15). That
// no leader's log start passes its high watermark says hw-monotonic.
//
// Violations:
//   - a replica's log start goes back within one life of its process;
//   - a follower takes a log start from its leader that no replica has chosen: by deleting, for a
//     client, or by starting anew;
//   - a segment begins below the end of the log that it continues;
//   - a segment is deleted: the active one; one that reaches above the high watermark; one that
//     its reason does not cover:
//       log-start         it reaches above the log start;
//       retention-bytes   less than retention.bytes is left, or there is no such limit;
//       retention-ms      its newest records cannot be older than retention.ms, or there is no
//                         such limit; judged by when a leader wrote the segment, with room for the
//                         time that records may spend with their producer (delivery.timeout.ms),
//                         and only while no clock was tampered with;
//     or any of the latter two where cleanup.policy is not `delete`.
// Limits are those of the scenario's start; after a config-change they are not judged any more. The
// segments of a log are known by SegmentRolled; one that nobody told of counts to the one before.
// Source: UnifiedLog.deleteOldSegments; KIP-107.

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class RetentionContract : public Checker {
  public:
    explicit RetentionContract(const CheckSettings& settings);

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Segment {
        Offset base;
        std::optional<std::int64_t> bytes;  // none: not known
    };
    struct Log {
        std::vector<Segment> segments;  // in order of their bases
        std::optional<Offset> start;    // as last told in this life
    };
    using ReplicaKey = std::pair<BrokerId, TopicPartition>;

    void on_appended(BrokerId broker, const LogAppended& e);
    void on_rolled(const Event& event, const SegmentRolled& e, const ClusterView& view);
    void on_deleted(const Event& event, const SegmentDeleted& e, const ClusterView& view);
    void on_start(const Event& event, const LogStartAdvanced& e);
    void on_truncated(BrokerId broker, const LogTruncated& e);
    void on_fault(const FaultStarted& e);
    void forget(BrokerId broker);
    Log& log_of(BrokerId broker, const TopicPartition& p);
    std::string wrong_reason(const Event& event,
                             const SegmentDeleted& e,
                             const Log& log,
                             Offset end) const;
    std::string too_young(const Event& event, const SegmentDeleted& e, Offset end) const;

    CheckSettings settings_;
    bool counts_bytes_;
    bool settings_known_ = true;
    bool clocks_true_;
    std::map<ReplicaKey, Log> logs_;
    std::map<TopicPartition, Offset> chosen_start_;  // the highest of any replica
    // Where leaders began segments, and when first.
    std::map<TopicPartition, std::map<Offset, SimTime>> begun_;
};

}  // namespace bsim
