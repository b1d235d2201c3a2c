#pragma once
// A KafkaProducer as a value: records go in, requests and outcomes come out.
//
// Each record handed in gets exactly one outcome: it stands in one BatchAcked, one BatchFailed or
// one RecordFailed. Records of one partition are sent in the order in which they were handed in;
// with idempotence, or with one request in flight at most, they also reach the log in that order.
//
// A RecordReady never sends by itself: it wakes the sender by arming the timer for the present, so
// that records of the same instant share a batch, as they do when Kafka's sender thread wakes up a
// little after the application's.
//
// Requires: effects are run in order before the next step; `drawn` is a fresh random number in each
// step. Never throws but for a bug of ours.
// Source: org.apache.kafka.clients.producer.KafkaProducer, internals.Sender.

#include <cstdint>
#include <deque>
#include <optional>

#include "sim/protocol/client/producer_io.h"
#include "sim/protocol/client/sender.h"
#include "sim/protocol/client/settings.h"

namespace bsim::client {

class Producer {
  public:
    explicit Producer(const ProducerSettings& settings);

    void step(SimTime now, std::uint64_t drawn, const ProducerInput& in, ProducerEffects& out);

    const Sender& sender() const { return sender_; }
    // Bytes of buffer.memory in use.
    std::int64_t buffer_used() const { return sender_.accumulator().memory().used(); }
    // Records handed in that have no batch yet.
    std::size_t waiting() const { return calls_.size(); }

  private:
    // The call of send() that is at its turn, if it waits.
    struct Wait {
        SimTime deadline;
        std::optional<std::int64_t> metadata_version;  // waits for an answer later than this
        bool for_memory = false;
    };
    enum class CallResult { Proceeds, Done, Blocked };

    void take(const ProducerInput& in, SenderTurn& turn);
    void run_calls(SenderTurn& turn);
    CallResult run_call(const RecordReady& call, SenderTurn& turn);
    CallResult await_metadata(const RecordReady& call, SenderTurn& turn);
    CallResult append(const RecordReady& call, SenderTurn& turn);
    void fail_call(const RecordReady& call,
                   FailureCause cause,
                   wire::ErrorCode error,
                   SenderTurn& turn);
    void announce_block(std::optional<BlockedOn> on, ProducerEffects& out);
    void arm_timer(SimTime now, ProducerEffects& out);
    void maybe_finish_close(SenderTurn& turn);

    ProducerSettings settings_;
    Sender sender_;
    std::deque<RecordReady> calls_;
    std::optional<Wait> wait_;
    std::optional<BlockedOn> announced_;
    bool started_ = false;
    bool closing_ = false;
    bool closed_ = false;
    bool wake_sender_ = false;
    std::optional<SimTime> armed_;
};

}  // namespace bsim::client
