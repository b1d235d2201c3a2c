#pragma once
// per-partition-order: what a producer sent for a partition stands in the log in the order in which
// it was sent, and consumers read it in the order of the log. Exact invariant P2 of
// facts/invariants.md; Jepsen's nonmonotonic-send and nonmonotonic-poll.
//
// Violations:
//   - of two batches of one producer that are acknowledged and stand in the log of the acting
//     leader, the one that was begun later has the lower offset. A producer begins the batches of a
//     partition one after another: ProduceAcked tells when (its time less its latency);
//   - a consumer is handed records below its position in one and the same assignment, without a
//     PositionReset. (consumer-positions says more of what consumers miss.)
// Permitted: the former for a producer without idempotence that has several requests under way
// (max.in.flight.requests.per.connection): one that fails is sent again after those behind it.
// Batches that a new leader does not hold are forgotten, for what comes later takes their offsets.
// Source: KIP-98, KAFKA-5494.

#include <map>
#include <utility>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class PerPartitionOrder : public Checker {
  public:
    explicit PerPartitionOrder(const CheckSettings& settings)
        : Checker("per-partition-order", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Sent {
        Offset base;
        SimTime begun;
    };
    using Batches = std::vector<Sent>;  // in order of their offsets

    void on_acked(const Event& event, const ProduceAcked& e, const ClusterView& view);
    void on_leader(const BecameLeader& e, const ClusterView& view);
    void on_consumed(const Event& event, const RecordsConsumed& e);
    void forget_consumer(const NodeName& node);
    void tell(const Event& event, const ProduceAcked& e, const Sent& first, const Sent& second);

    CheckSettings settings_;
    std::map<TopicPartition, std::map<NodeName, Batches>> sent_;
    std::map<NodeName, std::map<TopicPartition, Offset>> positions_;
};

}  // namespace bsim
