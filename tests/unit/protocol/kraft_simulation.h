#pragma once
// Whole lives of quorums under a scheduler: messages take random times and are lost, nodes are cut
// off, killed, and lose power or their disk; meanwhile the leaders write, machines want snapshots,
// and logs are cleaned. Each scenario ends when the quorum has got on as far as it must; RaftWorld
// checks the rules at every step. Source: RaftEventSimulationTest, whose scenarios these are, but
// for Storm.

#include <cstdint>
#include <functional>
#include <map>
#include <queue>
#include <set>
#include <string>
#include <vector>

#include "tests/unit/protocol/kraft_world.h"

namespace bsim::kraft {

enum class Scenario : std::uint8_t {
    InitialLeader,    // a leader is elected, and all learn what it writes
    LeaderFails,      // by kill, power or in an orderly way; and comes back
    AllFail,          // a majority comes back
    LeaderCutOff,     // both ways
    TwoAgainstThree,  // requests no longer pass between two and three of five voters
    BackToBack,       // the leader is cut off, then its successor instead
    OneLosesItsDisk,  // after a leader without it is known
    Storm             // faults without order, then peace
};
inline constexpr int kScenarios = 8;
const char* name(Scenario scenario);

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    std::int64_t below(std::int64_t bound) {
        return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
    }
    bool chance(std::int64_t percent) { return below(100) < percent; }

  private:
    std::uint64_t state_;
};

struct SimulationSpec {
    Scenario scenario = Scenario::InitialLeader;
    int voters = 3;
    int observers = 0;
    bool pre_vote = false;
    // Switches for the bugs that must show.
    bool commit_own_epoch_only = true;
    bool persist_vote = true;

    // Scenario, sizes and pre-vote drawn from the seed.
    static SimulationSpec of_seed(std::uint64_t seed);
    std::string describe() const;
};

class Simulation {
  public:
    Simulation(const SimulationSpec& spec, std::uint64_t seed);

    // Until the scenario has ended or a rule is broken.
    void run();
    // Broken rules, the first first: "SingleLeader: ...". Not getting on is "Progress".
    const std::vector<std::string>& violations() const { return violations_; }

    struct Counts {
        std::int64_t elections = 0;
        std::int64_t committed = 0;
        std::int64_t truncations = 0;
        std::int64_t created = 0;    // snapshots
        std::int64_t installed = 0;  // snapshots
        std::int64_t cleanings = 0;
        std::int64_t pre_votes = 0;
    };
    const Counts& counts() const { return counts_; }

  private:
    struct Event {
        SimTime at;
        std::uint64_t number = 0;
        std::function<void()> action;
        bool operator>(const Event& other) const {
            return std::tie(at, number) > std::tie(other.at, other.number);
        }
    };
    using Condition = std::function<bool()>;

    void count(BrokerId id, const RaftEffect& effect);
    void at(SimTime when, std::function<void()> action);
    void transmit(BrokerId from, BrokerId to);
    bool passes(const RaftWorld::Message& message) const;
    void write();
    void run_until(const Condition& done, const char* what);
    bool next();

    void start_and_reach(std::int64_t offset);
    void leader_fails();
    void all_fail();
    void leader_cut_off();
    void two_against_three();
    void back_to_back();
    void one_loses_its_disk();
    void storm();
    void strike();
    void heal();

    bool is_up(BrokerId id) { return world_.node(id).raft != nullptr; }
    void start(BrokerId id);
    void kill(BrokerId id);
    std::int64_t hw(BrokerId id);
    std::int64_t highest_hw();
    std::int64_t highest_end();
    bool all_reached(std::int64_t offset, const std::set<BrokerId>& but = {});
    bool any_reached(std::int64_t offset) { return highest_hw() > offset; }
    std::optional<BrokerId> latest_leader();
    bool has_consistent_leader();

    SimulationSpec spec_;
    Random random_;
    RaftWorld world_;
    std::vector<BrokerId> ids_;
    std::priority_queue<Event, std::vector<Event>, std::greater<>> events_;
    std::uint64_t next_event_ = 0;
    std::int64_t loss_percent_ = 0;
    std::int64_t latency_ms_ = 5;
    std::int64_t write_interval_ms_ = 10;
    std::set<BrokerId> cut_off_;
    // Requests from the first to the second are lost.
    std::set<std::pair<BrokerId, BrokerId>> one_way_;
    std::vector<std::string> violations_;
    Counts counts_;
};

}  // namespace bsim::kraft
