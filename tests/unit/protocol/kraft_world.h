#pragma once
// Raft nodes with logs, state machines and a hand-driven network, for tests: it carries effects out
// at once, keeps messages until somebody delivers or drops them, and checks after every effect what
// must always hold, by the names of Kafka's RaftEventSimulationTest:
//
//   MonotonicHighWatermark        from leader to leader, by epoch and within it
//   MonotonicEpoch                of each node's stored state, and the running node is in that
//   epoch MajorityReachedHighWatermark  a majority's logs reach what any leader takes for committed
//   SingleLeader                  an epoch has one leader, by stored states and by elections
//   SnapshotAtLogStart            a log that lost its beginning has a snapshot there, and knows its
//                                 epoch
//   LeaderNeverLoadSnapshot
//   ConsistentCommittedData       an offset has one committed record, in logs and in snapshots
// and, of our own: PersistBeforeSpeaking, LeaderHasCommitted, CommittedStays, Halted.

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/protocol/kraft/raft_node.h"
#include "tests/unit/protocol/kraft_log.h"
#include "tests/unit/protocol/kraft_machine.h"

namespace bsim::kraft {

class RaftWorld {
  public:
    RaftWorld();

    struct Message {
        BrokerId from;
        BrokerId to;
        CorrelationId correlation;
        std::variant<RaftRequest, RaftResponse> body;

        bool is_request() const { return std::holds_alternative<RaftRequest>(body); }
    };
    // A request under way; `by` nobody's when the asker is gone.
    struct Asked {
        BrokerId by;
        CorrelationId correlation;
        bool pre_vote = false;
    };
    struct Node {
        RaftConfig config;
        std::unique_ptr<RaftNode> raft;  // null while down
        TestLog log;
        TestMachine machine;
        std::optional<ElectionState> stored;
        std::optional<SimTime> timer;
        std::map<RequestId, Asked> inbound;
        std::optional<Offset> hw;                     // in this life
        std::map<OffsetAndEpoch, std::string> asked;  // snapshots wanted, not written yet
        std::string fetched;                          // of the snapshot being fetched
        bool halted = false;
    };

    // Told of every effect, in order.
    std::function<void(BrokerId, const RaftEffect&)> on_effect = [](BrokerId, const RaftEffect&) {};
    // Told of every message that is put on a link.
    std::function<void(BrokerId, BrokerId)> on_send = [](BrokerId, BrokerId) {};
    // Drawn numbers of the next step.
    std::function<RaftDraws()> draws = [] { return RaftDraws{}; };
    // Told of a broken rule; a gtest failure unless set.
    std::function<void(const std::string& rule, const std::string& what)> on_violation;
    // Rules that do not hold in this story.
    std::set<std::string> waived;
    // Every machine wants a snapshot after that many offsets. 0: never.
    std::int64_t snapshot_every = 0;
    // The most that an answer to a fetch holds, as if batches were large.
    std::size_t fetch_batches = 1000;

    void add(RaftConfig config);
    void start(BrokerId id);
    // The process is gone; with `power`, so is what its log had not flushed.
    void stop(BrokerId id, bool power);
    // A node that is down loses its disk.
    void wipe(BrokerId id);
    void input(BrokerId id, const RaftInput& in);
    // Prepares records in the epoch that the node leads, if it leads.
    void prepare(BrokerId id, const std::vector<std::string>& records);
    // The node's machine wants its state kept.
    void want_snapshot(BrokerId id);

    // Fires all timers up to then, in order.
    void advance_to(SimTime until);
    // Moves to the next timer and fires it; false when there is none up to `until`.
    bool fire_next_timer(SimTime until);
    std::optional<SimTime> next_timer() const;

    // Takes the oldest message from one to the other and hands it over; false when there is none.
    bool deliver(BrokerId from, BrokerId to);
    // As if `from` had sent it.
    void ask(BrokerId from, BrokerId to, CorrelationId correlation, const RaftRequest& request);
    // Loses it without a word, or, with `tell`, so that a requester sees the connection break.
    bool drop(BrokerId from, BrokerId to, bool tell);
    void lose_all() { links_.clear(); }
    // All messages, round by round, until there is none or time would have to pass.
    void deliver_all(int max_rounds);
    // The oldest message; null when there is none.
    const Message* front(BrokerId from, BrokerId to) const;

    std::vector<std::pair<BrokerId, BrokerId>> busy_links() const;
    SimTime now() const { return now_; }
    Node& node(BrokerId id) { return nodes_.at(id); }
    std::map<BrokerId, Node>& nodes() { return nodes_; }
    struct Committed {
        LeaderEpoch epoch;
        std::string value;
        LeaderEpoch in_epoch;  // of the node that knew it first
    };
    // Committed records by offset, as any node has ever learned them.
    const std::map<Offset, Committed>& committed() const { return committed_; }

  private:
    // kraft_world.cpp
    void carry_out(BrokerId id, const RaftEffects& effects);
    std::optional<RaftInput> carry_out(BrokerId id, const RaftEffect& effect);
    std::optional<RaftInput> carry_out_on_snapshots(BrokerId id, const RaftEffect& effect);
    void hand_out(BrokerId id, Offset hw);
    void send(BrokerId from, const SendRequest& request);
    void reply(BrokerId from, const Reply& reply);
    void put(Message message);
    // kraft_world_checks.cpp
    void require(bool holds, const char* rule, const std::string& what) const;
    void check_persist(BrokerId id, const PersistQuorumState& persist);
    void check_speaks(BrokerId id, LeaderEpoch epoch) const;
    void check_role(BrokerId id, const RoleChanged& role);
    void check_hw(BrokerId id, const AdvanceHw& advance);
    void check_leader_hw(BrokerId id, const AdvanceHw& advance);
    void check_majority() const;
    void check_log_start(BrokerId id) const;
    void check_machine(BrokerId id) const;

    SimTime now_;
    std::map<BrokerId, Node> nodes_;
    std::map<std::pair<BrokerId, BrokerId>, std::deque<Message>> links_;
    std::uint64_t next_request_ = 0;
    std::map<Offset, Committed> committed_;
    std::map<Offset, std::string> states_;  // of machines, by where they are
    std::map<LeaderEpoch, BrokerId> elected_;
    std::map<LeaderEpoch, BrokerId> leaders_;  // by stored states
    std::map<LeaderEpoch, Offset> leader_hws_;
};

}  // namespace bsim::kraft
