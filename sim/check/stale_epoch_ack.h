#pragma once
// stale-epoch-ack: what a deposed leader acknowledges stays. An acknowledgement is stale if the
// batch was appended in a leader epoch below the one that the controller has committed when the
// producer hears of it. That is no harm where the new leader has the batch: its answer was just on
// the way. It is a violation if the batch is then gone from all replicas, or at the end from all in
// ISR and ELR. CHECKERS.md §1; catalogue cases 06 and 12.
//
// Permitted: acks=0 and 1; an unclean election in a later epoch; as many replicas as
// min.insync.replicas lost it with their power.

#include <map>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class StaleEpochAck : public Checker {
  public:
    explicit StaleEpochAck(const CheckSettings& settings)
        : Checker("stale-epoch-ack", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;
    void finish(const EndOfRun& end, const ClusterView& view) override;

  private:
    struct Stale {
        LoggedBatch batch;
        EventNumber i;  // of the acknowledgement
        LeaderEpoch newest;
        std::int32_t acks = -1;
    };

    void on_acked(const Event& event, const ProduceAcked& ack, const ClusterView& view);
    void gone(const EndOfRun& now,
              const TopicPartition& p,
              const Stale& stale,
              const PartitionView& partition);

    CheckSettings settings_;
    std::map<TopicPartition, std::vector<Stale>> stale_;
};

}  // namespace bsim
