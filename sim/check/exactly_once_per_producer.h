#pragma once
// exactly-once-per-producer: what an idempotent producer sends stands in a log once and without
// gaps, however often it was sent. Exact invariants P1, P3 and, for its own epochs, P4 of
// facts/invariants.md (family I7); S7 as far as it shows. Their order says per-partition-order,
// too; that followers hold the same says committed-prefix.
//
// Violations, when a leader appends a batch of a producer to its log:
//   - its sequences, or some of them, stand there already in the same producer epoch (P1);
//   - sequences between its own and those before it are left out; a new producer epoch does not
//     begin at 0 (P1);
//   - its producer epoch is lower than that of a batch before it (P4).
// When a producer is answered that a batch stands at an offset, and the log of the broker that
// answered reaches there: another batch begins there, or none (P3). Of a batch that is answered for
// the second time that is the offset of the first. Batches are told apart by their crc, which
// brokers keep unless they rewrite timestamps or recompress.
//
// Permitted: gaps after a loss that the settings allow: an unclean election, or what replicas lost
// when power failed; a leader that knows no sequences of a producer takes any, so that a producer's
// second batch may be the first that a log holds, if the first one was refused while both were
// under way. And all of it once the producer's state may have expired (producer.id.expiration.ms, a
// day).
// Source: ProducerStateEntry, ProducerAppendInfo, UnifiedLog.analyzeAndValidateProducerState;
// KIP-98, KIP-360.

#include <set>
#include <string>

#include "sim/check/checker.h"

namespace bsim {

class ExactlyOncePerProducer : public Checker {
  public:
    explicit ExactlyOncePerProducer(const CheckSettings& settings)
        : Checker("exactly-once-per-producer", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    void on_appended(const Event& event, const LogAppended& e, const ClusterView& view);
    void on_acked(const Event& event, const ProduceAcked& e, const ClusterView& view);

    CheckSettings settings_;
    std::set<TopicPartition> created_;
    std::set<TopicPartition> created_again_;
};

}  // namespace bsim
