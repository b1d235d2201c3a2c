#pragma once
// Raft nodes with logs and a hand-driven network, for tests: it carries effects out at once, keeps
// messages until somebody delivers or drops them, and checks after every effect what must always
// hold (see RaftWorld::check_*). A violated rule is a gtest failure.

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

namespace bsim::kraft {

class RaftWorld {
  public:
    struct Message {
        BrokerId from;
        BrokerId to;
        CorrelationId correlation;
        std::variant<RaftRequest, RaftResponse> body;
    };
    struct Node {
        RaftConfig config;
        std::unique_ptr<RaftNode> raft;  // null while down
        TestLog log;
        std::optional<ElectionState> stored;
        std::optional<SimTime> timer;
        std::map<RequestId, std::pair<BrokerId, CorrelationId>> inbound;
        std::optional<Offset> hw;  // in this life
        bool halted = false;
    };

    // Told of every effect, in order.
    std::function<void(BrokerId, const RaftEffect&)> on_effect = [](BrokerId, const RaftEffect&) {};
    // Drawn numbers of the next step.
    std::function<RaftDraws()> draws = [] { return RaftDraws{}; };

    // A test took committed records away, so that leaders may lack them.
    bool data_loss = false;

    void add(RaftConfig config);
    void start(BrokerId id);
    // The process is gone; with `power`, so is what its log had not flushed.
    void stop(BrokerId id, bool power);
    void input(BrokerId id, const RaftInput& in);
    // Prepares records in the epoch that the node leads, if it leads.
    void prepare(BrokerId id, const std::vector<std::string>& records);

    // Fires all timers up to then, in order.
    void advance_to(SimTime until);
    // Moves to the next timer and fires it; false when there is none up to `until`.
    bool fire_next_timer(SimTime until);

    // Takes the oldest message from one to the other and hands it over; false when there is none.
    bool deliver(BrokerId from, BrokerId to);
    // Loses it without a word, or, with `tell`, so that a requester sees the connection break.
    bool drop(BrokerId from, BrokerId to, bool tell);
    // All messages, round by round, until there is none or time would have to pass.
    void deliver_all(int max_rounds);

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
    void carry_out(BrokerId id, const RaftEffects& effects);
    std::optional<RaftInput> carry_out(BrokerId id, const RaftEffect& effect);
    void send(BrokerId from, const SendRequest& request);
    void reply(BrokerId from, const Reply& reply);
    void check_persisted(const Node& node, LeaderEpoch epoch) const;
    void check_hw(Node& node, const AdvanceHw& advance);
    void check_role(BrokerId id, const Node& node, const RoleChanged& role);

    SimTime now_;
    std::map<BrokerId, Node> nodes_;
    std::map<std::pair<BrokerId, BrokerId>, std::deque<Message>> links_;
    std::uint64_t next_request_ = 0;
    std::map<Offset, Committed> committed_;
    std::map<LeaderEpoch, BrokerId> leaders_;
};

}  // namespace bsim::kraft
