#pragma once
// A KafkaConsumer as a value: calls of poll() go in, requests and records come out. Without a group
// it reads the partitions that it was given; with one it is a member of it and reads what the group
// assigns to it.
//
// As in Kafka's classic consumer everything happens inside of poll(): between two calls nothing is
// read from a connection, no request is sent and no timeout is noticed; news wait in `inbox_`. The
// end of a poll() that returns records sends the next fetches, so that they travel while the
// application works. A member's heartbeat thread is the exception: it polls the network between the
// calls, too, each retry.backoff.ms.
//
// Records of a partition come in the order of their offsets, each once, unless a PositionReset
// says that the position moved, or an AssignmentUpdated that the partition was not owned meanwhile.
// The first position is what the group committed, else it is found by auto.offset.reset.
//
// Requires: effects are run in order before the next step; `drawn` is a fresh random number in each
// step. Never throws but for a bug of ours.
// Source: ClassicKafkaConsumer (poll, assign, subscribe, commitSync, commitAsync, close).

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/protocol/client/consumer_coordinator.h"
#include "sim/protocol/client/consumer_fetcher.h"
#include "sim/protocol/client/consumer_io.h"
#include "sim/protocol/client/consumer_network.h"
#include "sim/protocol/client/offset_fetcher.h"
#include "sim/protocol/client/settings.h"

namespace bsim::client {

class Consumer {
  public:
    // `assigned` is empty for a consumer with a group.
    Consumer(const ConsumerSettings& settings, const std::vector<TopicPartition>& assigned);

    void step(SimTime now, std::uint64_t drawn, const ConsumerInput& in, ConsumerEffects& out);

    // None while there is no valid one.
    std::optional<Offset> position(const TopicPartition& tp) const;
    bool polling() const { return poll_deadline_.has_value(); }
    // In poll() or commitSync().
    bool in_call() const { return polling() || (member_ && member_->committing()); }

  private:
    void take(ConsumerTurn& turn, const ConsumerInput& in);
    bool take_call(ConsumerTurn& turn, const ConsumerInput& in);
    ConsumerCoordinator::Use use(ConsumerTurn& turn) { return {turn, network_, positions_}; }
    void run_heartbeat_thread(ConsumerTurn& turn);
    void run_call(ConsumerTurn& turn);
    void run_commit(ConsumerTurn& turn);
    void seek(ConsumerTurn& turn, const SeekCalled& call);
    void read_inbox(ConsumerTurn& turn);
    void run_poll(ConsumerTurn& turn);
    bool poll_round(ConsumerTurn& turn);
    // What poll() does before it looks for records. How it ended stands in call_; false: it threw.
    bool prepare_poll(ConsumerTurn& turn);
    std::optional<PollFailed> update_positions(ConsumerTurn& turn);
    std::optional<PollFailed> begin_resets();
    bool hand_out(ConsumerTurn& turn);
    void send_fetches(ConsumerTurn& turn);
    bool poll_network(ConsumerTurn& turn);
    bool handle_outcomes(ConsumerTurn& turn);
    void begin_close(ConsumerTurn& turn);
    void run_close(ConsumerTurn& turn);
    bool run_group_close(ConsumerTurn& turn);
    void arm_timer(ConsumerTurn& turn);
    std::optional<SimTime> call_wake(SimTime now) const;
    template <class End>
    void end_poll(ConsumerTurn& turn, End&& end);

    ConsumerSettings settings_;
    ConsumerPositions positions_;
    ConsumerNetwork network_;
    OffsetFetcher offsets_;
    ConsumerFetcher fetcher_;
    std::optional<ConsumerCoordinator> member_;  // with a group
    Progress call_ = Progress::Done;             // where the call's thread was left
    std::vector<ConsumerInput> inbox_;           // news that no poll() has read yet
    std::optional<SimTime> poll_deadline_;
    bool has_all_positions_ = false;
    std::optional<SimTime> close_deadline_;
    bool group_closed_ = false;
    bool closed_ = false;
    std::optional<SimTime> armed_;
};

}  // namespace bsim::client
