#pragma once
// The history of clients, judged as Jepsen's workload for Kafka judges it (jepsen.tests.kafka, and
// facts of its own): a fold over the operations that HistoryWriter writes, live or from a stored
// file. Each anomaly is a check of its own.
//
//   inconsistent-offsets  one offset, two values
//   duplicate             one value at two offsets; permitted without idempotence, and where a
//                         broker that opened its log again had forgotten all but a producer's last
//                         batch, so that it went on in a new producer epoch
//   lost-write            acknowledged, some reader has gone past it, nobody has read it
//   unseen                acknowledged, and by the end no reader got there (liveness)
//   G1a                   a value is read of which its producer was told that it is not written
//   thin-air-read         a value is read that nobody sent
//   poll-skip, nonmonotonic-poll, undeclared-reset   check/history_polls.h
//   nonmonotonic-send     check/history_sends.h
//
// A loss is permitted, in all of them, where acked-records-durable permits it: what was
// acknowledged under acks=0 or 1 and never read; after an unclean election; when as many replicas
// as min.insync.replicas lost it with their power. An anomaly that the scenario does not name is
// also permitted when it declares another safety check to be violated: what clients see follows
// from that. A value that two sends have in common proves nothing; nor do offsets of a topic that
// was deleted and created again.
//
// O(1) an operation and record but for a few maps of clients and partitions; about 40 bytes a
// record, whatever its length.

#include <vector>

#include "sim/check/history_log.h"
#include "sim/check/history_polls.h"
#include "sim/check/history_sends.h"
#include "sim/trace/history.h"

namespace bsim {

class HistoryCheck : public HistorySink {
  public:
    // `view` is that of the run, or empty for a stored history.
    HistoryCheck(const CheckSettings& settings, const ClusterView& view)
        : log_(settings, view), sends_(log_), polls_(log_) {}

    // Events, as far as there are any, number the findings, and tell that a topic begins anew.
    void on(const Event& event);
    void send(const ClientOp& op) override;
    void poll(const ClientOp& op) override;
    void commit(const CommitOp& op) override;
    // Once, after the last.
    void finish(const EndOfRun& end);

    // Sorted by name.
    std::vector<const Anomaly*> anomalies() const { return log_.anomalies.all(); }

  private:
    void tell_readers();

    HistoryLog log_;
    HistorySends sends_;
    HistoryPolls polls_;
};

}  // namespace bsim
