#pragma once
// A consumer as a member of its group: what poll(), commitSync() and close() do about the group,
// and what the heartbeat thread does beside them.
//
// Two threads of control share this state, as in Kafka: the application's, which is inside of one
// of the calls or works on records, and the heartbeat thread, which runs from the first generation
// on, also while the application works. It sends heartbeats when due, looks for the coordinator,
// and leaves the group when the application has not called poll() for max.poll.interval.ms. It
// never changes what the member owns: that is for the application's next poll(), which then finds
// its partitions lost.
//
//   eager        gives all partitions up before it joins
//   cooperative  keeps them, gives up after the sync what is not in the assignment any more, and
//                joins again so that others can have it
// Callbacks of a rebalance are effects, in the order in which Kafka calls the listener.
// Source: ConsumerCoordinator, AbstractCoordinator (ensureActiveGroup, HeartbeatThread).
// DEVIATION: a rebalance that fails tells the coordinator the error's code as its reason, where
// Kafka names the class of the exception.

#include <optional>
#include <set>
#include <vector>

#include "sim/protocol/client/committed_offsets.h"
#include "sim/protocol/client/consumer_fetcher.h"
#include "sim/protocol/client/coordinator_lookup.h"
#include "sim/protocol/client/group_membership.h"
#include "sim/protocol/client/group_subscription.h"
#include "sim/protocol/client/offset_commits.h"

namespace bsim::client {

class ConsumerCoordinator {
  public:
    explicit ConsumerCoordinator(const ConsumerSettings& settings);

    // What a call works on.
    struct Use {
        ConsumerTurn& turn;
        ConsumerNetwork& network;
        ConsumerPositions& positions;
    };

    void subscribe(const Use& use, std::set<std::string> topics);

    // Part of poll(). GaveUp: poll() goes on as well as it can. take_failure() tells what poll()
    // throws instead.
    Progress poll(const Use& use, SimTime deadline);
    // Gives partitions without a position the one that the group committed.
    Progress find_positions(const Use& use, SimTime deadline);
    std::optional<PollFailed> take_failure() { return std::exchange(failure_, std::nullopt); }
    // When poll() has something to do next, if nothing happens before.
    std::optional<SimTime> next_poll() const;

    void commit(const Use& use, const CommitCalled& call);
    bool committing() const { return commits_.syncing(); }
    SimTime commit_deadline() const { return commits_.sync_deadline(); }
    // Done: the commit ended.
    Progress run_commit(const Use& use) { return commits_.run_sync(group(use), membership_); }

    // The application leaves the call that it is in, and closes.
    void begin_close();
    Progress close(const Use& use, SimTime deadline);

    // Of the thread that sleeps in a call.
    std::optional<SimTime> sleeps_until() const;
    // Metadata must come before the member, who leads the group, can do anything else.
    bool awaits_metadata() const { return elected_.has_value(); }

    bool join_pending() const { return membership_.join_pending(); }

    // The heartbeat thread.
    bool heartbeat_thread_due(SimTime now) const;
    // A member that is joining, or that failed, has the thread sleep: it does not even poll the
    // network, so nobody hears the answers before the next call.
    bool rests_heartbeats();
    // After it polled the network.
    void run_heartbeat_thread(const Use& use);
    // When it wants to run again. While the application waits in a call it sleeps until there is
    // something to do.
    std::optional<SimTime> heartbeat_thread_wake(bool in_call) const;

    bool handle(const Use& use, const RequestOutcome& outcome);
    // After the network was polled.
    void look_at_metadata(const Use& use);

  private:
    enum class CloseStage { Open, Commit, PendingCommits, Leave, AwaitRequests, Closed };

    GroupTurn group(const Use& use) { return {use.turn, use.network, lookup_}; }
    CommittableOffsets consumed(const Use& use) const;
    static std::vector<TopicPartition> owned(const Use& use);
    void fail(const GroupFailure& failure);

    bool rejoin_needed_or_pending();
    bool join_if_needed(const Use& use);
    // None: look again whether a join is needed.
    std::optional<bool> take_join_result(const Use& use);
    bool on_join_prepare(const Use& use);
    bool commit_before_join(const Use& use);
    bool on_join_complete(const Use& use, const std::vector<std::uint8_t>& bytes);
    void on_leave_prepare(const Use& use);
    void lead(const Use& use);
    void maybe_auto_commit(const Use& use);
    void tell_owned(const Use& use, AssignmentCause why) const;

    SimDuration retry_backoff_;
    SimDuration max_poll_interval_;
    SimDuration default_api_timeout_;
    bool truncation_check_;
    CoordinatorLookup lookup_;
    GroupMembership membership_;
    GroupSubscription subscription_;
    OffsetCommits commits_;
    CommittedOffsets committed_;
    std::optional<PollFailed> failure_;
    SimTime heartbeat_wake_;
    // While it joins: until when it waits for the last commit, and for which.
    std::optional<SimTime> join_prepare_deadline_;
    std::optional<CommitId> join_prepare_commit_;
    struct Elected {
        wire::JoinGroupResponse told;
        std::int64_t metadata_version = 0;  // not good enough
    };
    std::optional<Elected> elected_;
    CloseStage close_stage_ = CloseStage::Open;
    std::optional<NodeId> left_coordinator_;
};

}  // namespace bsim::client
