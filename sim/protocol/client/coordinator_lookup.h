#pragma once
// Finds the broker that coordinates the group, and keeps it as long as its connection holds.
//
// The coordinator has a connection of its own, under a node number counted down from the largest
// (2147483647 - broker id), so that commits and heartbeats do not queue behind fetches. A broken
// connection, or an answer that says so, makes the coordinator unknown; whoever needs it next asks
// again, any broker, at most once at a time.
// Source: AbstractCoordinator (ensureCoordinatorReady, lookupCoordinator, markCoordinatorUnknown).

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sim/base/backoff.h"
#include "sim/protocol/client/consumer_network.h"
#include "sim/protocol/client/group_failure.h"
#include "sim/protocol/client/settings.h"

namespace bsim::client {

class CoordinatorLookup {
  public:
    explicit CoordinatorLookup(const ConsumerSettings& settings);

    // None if there is none whose connection could be used.
    std::optional<NodeId> coordinator(SimTime now, const ConsumerNetwork& network);
    // `disconnected`: the connection is gone already; otherwise it is given up.
    void mark_unknown(ConsumerNetwork& network, bool disconnected);

    // Asks, unless it is asking. False if there is no broker that could be asked.
    bool ask(ConsumerTurn& turn, ConsumerNetwork& network);
    bool asking() const { return asked_.has_value(); }
    // Whatever comes of the question, ask() asks again.
    void forget_question() { asked_.reset(); }

    // Waits until the coordinator is known or `deadline` has come, with a growing backoff between
    // the attempts. failure() tells what ends it for good.
    Progress ensure_known(ConsumerTurn& turn, ConsumerNetwork& network, SimTime deadline);
    std::optional<GroupFailure> take_failure() { return std::exchange(failure_, std::nullopt); }
    bool waiting() const { return phase_ != Phase::Idle; }
    // When the thread that sleeps in ensure_known() goes on; none if it does not sleep.
    std::optional<SimTime> sleeps_until() const {
        const bool sleeps = phase_ == Phase::SleepAfterFailure || phase_ == Phase::SleepAfterLoss;
        return sleeps ? std::optional(sleep_until_) : std::nullopt;
    }
    // The thread that waited does something else.
    void abandon() { phase_ = Phase::Idle; }

    enum class News { NotMine, Found, Failed };
    News handle(ConsumerTurn& turn, const RequestOutcome& outcome, ConsumerNetwork& network);
    // What the last News::Failed was.
    const GroupFailure& last_failure() const { return *last_failure_; }

  private:
    enum class Phase { Idle, Ask, Answer, SleepAfterFailure, Metadata, SleepAfterLoss, Check };
    struct Question {
        ConsumerRequestId id;
        bool answered = false;
        std::optional<GroupFailure> failure;
    };

    void begin_sleep(ConsumerTurn& turn, SimTime deadline, Phase then);
    // None: go on at once with the phase that is now.
    std::optional<Progress> advance(ConsumerTurn& turn, ConsumerNetwork& network, SimTime deadline);
    std::optional<Progress> await_answer(ConsumerTurn& turn,
                                         ConsumerNetwork& network,
                                         SimTime deadline);
    void answered(const RequestOutcome& outcome, std::optional<GroupFailure> failure);

    std::string group_id_;
    ExponentialBackoff backoff_;
    std::optional<NodeId> coordinator_;
    std::optional<Question> asked_;
    std::set<ConsumerRequestId> requests_;  // in flight, the forgotten ones too
    Phase phase_ = Phase::Idle;
    std::int64_t attempts_ = 0;
    SimTime sleep_until_;
    std::int64_t metadata_version_ = 0;
    std::optional<GroupFailure> failure_;
    std::optional<GroupFailure> last_failure_;
};

}  // namespace bsim::client
