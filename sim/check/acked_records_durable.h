#pragma once
// acked-records-durable: what a producer was told to be written stays written.
// Exact invariants R7, R8 and R17 of facts/invariants.md (family I1).
//
// A ProduceAcked with an offset names a batch, which is identified in the replicas' logs by base,
// count and crc. For a batch acknowledged under acks=all each of these is a violation:
//   - at the acknowledgement: no replica holds the batch, or the acting leader does not, or its
//     offsets reach past what is committed in truth (check/committed_truth.h), or fewer replicas
//     than min.insync.replicas have it;
//   - a BecameLeader in the controller's newest epoch, elected cleanly, whose log lacks the batch
//   or
//     holds other bytes at its offset;
//   - a cut (LogTruncated, LogRecovered, an append over it) after which no replica holds it;
//   - at the end of the run: no member of ISR or ELR holds it.
// A batch is reported once, at the first of these events. Batches below a log start were deleted,
// not lost.
//
// Permitted, not violated: a loss under acks=1, and what check/excuse.h permits (unclean elections,
// as many lossy crashes as min.insync.replicas). acks=0 promises nothing and names no offset.
// Not to be seen from events: whether a produce request refused with NOT_ENOUGH_REPLICAS left
// nothing behind.

#include <map>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class AckedRecordsDurable : public Checker {
  public:
    explicit AckedRecordsDurable(const CheckSettings& settings);

    void on(const Event& event, const ClusterView& view) override;
    void finish(const EndOfRun& end, const ClusterView& view) override;

    // After finish(): records acknowledged, under whatever acks, that no in-sync replica holds.
    std::int64_t records_lost() const { return records_lost_; }

  private:
    struct Acked {
        LoggedBatch batch;
        EventNumber i;      // of the acknowledgement
        LeaderEpoch since;  // the newest epoch whose leader is known to have held it
        std::int32_t acks = -1;
        bool reported = false;
    };
    struct Moment {
        EventNumber i;
        SimTime t;
    };

    void on_acked(const Event& event, const ProduceAcked& ack, const ClusterView& view);
    void on_full_ack(Acked& acked,
                     const TopicPartition& p,
                     const Moment& now,
                     const ClusterView& view);
    void on_new_leader(const Event& event, const BecameLeader& e, const ClusterView& view);
    void on_removed(const Event& event, const ClusterView& view);
    void lost(const TopicPartition& p,
              Acked& acked,
              const Moment& when,
              const std::string& how,
              const ClusterView& view);
    std::string excuse(const TopicPartition& p,
                       const Acked& acked,
                       const PartitionView& partition) const;

    CheckSettings settings_;
    std::map<TopicPartition, std::vector<Acked>> acked_;  // sorted by base offset
    std::int64_t records_lost_ = 0;
};

}  // namespace bsim
