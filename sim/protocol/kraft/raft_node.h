#pragma once
// One node of the metadata quorum: voter or observer, as a value. It elects, replicates and commits
// the metadata log; what the records mean is no concern of it.
//
// from        -> to            trigger
// (start)     -> Unattached    nothing or an older epoch stored, or a leader or vote of others
//             -> Resigned      this node led the stored epoch
//             -> Candidate     this node voted for itself in the stored epoch
//             -> Follower      a leader among the voters is stored
// any         -> Unattached    a higher epoch is seen, its leader is not
// any         -> Follower      the leader of a higher epoch, or of this one, becomes known
// Unattached, Resigned -> Candidate  election timeout (voters only); the only voter of its quorum
//                                    does not wait for it when it starts
// Follower    -> Candidate     fetch timeout (voters only)
// Candidate   -> Leader        granted by a majority, itself included
// Candidate   -> Candidate     backoff over: next epoch
// Leader      -> Resigned      asked to, shutting down, or lost its quorum
//
// With RaftConfig::pre_vote (KIP-996) the ways to Candidate lead through Prospective:
// Unattached, Follower -> Prospective  election timeout, fetch timeout (voters only)
// Candidate   -> Prospective   backoff over
// Resigned    -> Unattached    election timeout: next epoch, and at once Prospective
// Prospective -> Candidate     granted by a majority, or asked a node that knows no pre-vote
// Prospective -> Follower      refused by a majority or election timeout, when it knew a leader
// Prospective -> Unattached    the same, when it did not; no new epoch
//
// Promises: the epoch never falls; every transition but those to Resigned and Prospective is
// preceded by its PersistQuorumState; the high watermark never falls while the node runs in one
// role after another, except that a new leader does not know it until its own epoch is committed.
//
// When a controller's records are appended: RecordsPrepared only queues them (batch_accumulator.h).
// AppendBatches comes 25 ms after the first of them. With Appended a single voter commits at once:
// AdvanceHw, then the waiting fetches' replies, then Flush, so that commit precedes the fsync, as
// in Kafka. With more voters AdvanceHw comes with the fetch that shows a majority to have the
// records. The LeaderChange of a new leader is appended in the step in which it is elected.
//
// A broker (observer) learns a new high watermark with the next fetch response; waiting fetches are
// woken by records only. With one voter the records' own response already carries it.
//
// A follower whose next record the leader no longer has, or that has nothing while the leader has a
// snapshot, fetches that snapshot in chunks, and then starts its log anew at it. A leader never
// loads one. Every clean_interval the node looks whether the oldest part of the log may go.
//
// Absent: dynamic voters (KIP-853).
// Source: KafkaRaftClient, QuorumState (3.9; with pre-vote 4.0); KIP-595, KIP-630, KIP-996.

#include <optional>
#include <variant>
#include <vector>

#include "sim/protocol/kraft/candidate.h"
#include "sim/protocol/kraft/fetch_purgatory.h"
#include "sim/protocol/kraft/follower.h"
#include "sim/protocol/kraft/leader.h"
#include "sim/protocol/kraft/prospective.h"
#include "sim/protocol/kraft/raft_io.h"
#include "sim/protocol/kraft/request_manager.h"
#include "sim/protocol/kraft/resigned.h"
#include "sim/protocol/kraft/unattached.h"

namespace bsim::kraft {

class RaftNode {
  public:
    explicit RaftNode(RaftConfig config);

    // Appends to `out`; the caller carries the effects out, in order, before the next step.
    // Started must come first. See raft_io.h for which inputs may come while the log is busy.
    void step(const RaftContext& context, const RaftInput& in, RaftEffects& out);

    const RaftConfig& config() const { return config_; }
    RoleKind role() const;
    LeaderEpoch epoch() const;
    std::optional<BrokerId> leader() const;
    std::optional<Offset> high_watermark() const;
    // The epoch that this node leads; absent when it does not lead.
    std::optional<LeaderEpoch> leading_epoch() const;
    // Where the next record of a controller will stand. Requires leading_epoch().
    Offset next_append_offset() const;
    // The leader's view of voters and observers; null when not leading.
    Leader* leader_state() { return std::get_if<Leader>(&role_); }

  private:
    using Role = std::variant<Unattached, Candidate, Leader, Follower, Resigned, Prospective>;
    // One step: what it may look at, and where its effects go.
    struct Step {
        const RaftContext& context;
        RaftEffects& out;

        SimTime now() const { return context.now; }
        OffsetAndEpoch log_end() const { return kraft::log_end(context.log); }
        void emit(RaftEffect effect) const { out.push_back(std::move(effect)); }
    };
    enum class Awaiting : std::uint8_t {
        Nothing,
        Appended,
        Truncated,
        Flushed,
        SnapshotInstalled,
        PrefixDeleted
    };

    // raft_node.cpp
    void on(const Step& step, const Started& in);
    void on(const Step& step, const RequestReceived& in);
    void on(const Step& step, const ResponseReceived& in);
    void on(const Step& step, const RequestFailed& in);
    void on(const Step& step, const RecordsPrepared& in);
    void on(const Step& step, const Appended& in);
    void on(const Step& step, const Truncated& in);
    void on(const Step& step, const Flushed& in);
    void on(const Step& step, const SnapshotInstalled& in);
    void on(const Step& step, const PrefixDeleted& in);
    void on(const Step& step, const SnapshotWanted& in);
    void on(const Step& step, const TimerFired& in);
    void on(const Step& step, const ResignRequested& in);
    void on(const Step& step, const ShutdownRequested& in);
    void fetched_records_are_in_log(const Step& step);
    void raise_follower_hw(const Step& step, Follower& follower, Offset hw);
    void raise_leader_hw(const Step& step, const Leader& leader);
    void halt(const Step& step, const char* why);

    // raft_transitions.cpp
    Role initial_role(const Step& step, const ElectionState& stored) const;
    void durable_transition(const Step& step, Role to);
    void memory_transition(const Step& step, Role to);
    void to_unattached(const Step& step, LeaderEpoch epoch);
    void to_voted(const Step& step, const ReplicaKey& candidate);
    void to_follower(const Step& step, LeaderEpoch epoch, BrokerId leader);
    void to_prospective(const Step& step);
    void to_candidate(const Step& step);
    // The election timeout or the fetch timeout has passed: to ask for votes, or for pre-votes.
    void stand_for_election(const Step& step);
    void lose_pre_vote(const Step& step);
    void to_leader(const Step& step);
    void to_resigned(const Step& step);
    void after_becoming_candidate(const Step& step);
    void announce(const Step& step);
    ElectionState election() const;
    SimTime drawn_election_timeout(const Step& step) const;
    std::optional<SimTime> unattached_timeout(const Step& step) const;

    // raft_requests.cpp
    void receive(const Step& step, RequestId id, const FetchRequest& request);
    void receive(const Step& step, RequestId id, const FetchSnapshotRequest& request);
    void receive(const Step& step, RequestId id, const VoteRequest& request);
    void receive(const Step& step, RequestId id, const BeginQuorumEpochRequest& request);
    void receive(const Step& step, RequestId id, const EndQuorumEpochRequest& request);
    void receive(const Step& step, RequestId id, const DescribeQuorumRequest& request);
    bool grants(const VoteRequest& request, bool log_up_to_date) const;
    FetchAnswer answer_fetch(const Step& step, const FetchRequest& request);
    void fail_parked_fetches(const Step& step);
    AnswerHead head(wire::ErrorCode error) const;
    wire::ErrorCode check_leader_only(LeaderEpoch epoch) const;
    bool is_for_us(const std::optional<ReplicaKey>& voter) const;

    // raft_responses.cpp; the result says whether the sender may be asked again without a backoff.
    bool handle(const Step& step, BrokerId from, const FetchResponse& response);
    bool handle(const Step& step, BrokerId from, const FetchSnapshotResponse& response);
    bool handle(const Step& step, BrokerId from, const VoteResponse& response);
    bool handle(const Step& step, BrokerId from, const BeginQuorumEpochResponse& response);
    bool handle(const Step& step, BrokerId from, const EndQuorumEpochResponse& response);
    std::optional<bool> handle_common(const Step& step, const AnswerHead& head);
    void maybe_transition(const Step& step, LeaderEpoch epoch, std::optional<BrokerId> leader);
    void truncate_to(const Step& step, const Follower& follower, OffsetAndEpoch diverging);
    void fetch_snapshot(const Step& step, Follower& follower, const OffsetAndEpoch& id);
    void take_chunk(const Step& step, Follower& follower, const FetchSnapshotResponse& response);
    void count_vote(const Step& step, BrokerId from, bool granted);

    // raft_poll.cpp; results say when to poll again, absent for "not before something happens".
    void poll(const Step& step);
    std::optional<SimTime> poll_role(const Step& step);
    std::optional<SimTime> poll_unattached(const Step& step, const Unattached& role);
    std::optional<SimTime> poll_prospective(const Step& step, const Prospective& role);
    std::optional<SimTime> poll_candidate(const Step& step, Candidate& role);
    std::optional<SimTime> poll_leader(const Step& step, Leader& role);
    std::optional<SimTime> poll_follower(const Step& step, const Follower& role);
    std::optional<SimTime> poll_resigned(const Step& step, const Resigned& role);
    SimTime follow_as_observer(const Step& step, const Follower& role);
    std::optional<SimTime> send_votes(const Step& step, const VoteTally& votes, bool pre_vote);
    void send_begin_quorum_epoch(const Step& step, Leader& role);
    SimTime send_fetch_to_any_voter(const Step& step);
    SimTime maybe_send(const Step& step, BrokerId to, const RaftRequest& body);
    FetchRequest fetch_request(const Step& step) const;
    RaftRequest next_fetch(const Step& step, const Follower& role) const;
    void start_backoff(const Step& step, Candidate& role) const;
    void maybe_clean_log(const Step& step);
    bool maybe_complete_shutdown(const Step& step);
    void expire_parked_fetches(const Step& step);
    void arm_timer(const Step& step);

    RaftConfig config_;
    Role role_;
    RequestManager requests_;
    FetchPurgatory parked_;
    Awaiting awaiting_ = Awaiting::Nothing;
    // The high watermark that came with the records being appended.
    std::optional<Offset> fetched_hw_;
    // The snapshot being installed.
    std::optional<OffsetAndEpoch> installing_;
    // What is known to be committed, in whatever role; the log's start after a restart. A new
    // leader's own high watermark may stay behind it for a while.
    Offset log_hw_;
    SimTime next_clean_;
    bool cleaning_ = false;
    AnnounceLeader announced_{LeaderEpoch{0}, std::nullopt};  // the last one
    std::optional<SimTime> shutdown_deadline_;
    std::optional<SimTime> wakeup_;
    std::optional<SimTime> armed_;
    bool started_ = false;
    bool ended_ = false;  // shut down or halted
};

}  // namespace bsim::kraft
