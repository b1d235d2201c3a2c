#pragma once
// What kept nodes from working, or from being heard: spans of time, from the events of faults and
// of the life of nodes. Answers "who or what silenced this node?".
//
// A trouble explains a silence as far as it can have made it: by what it acts on (a slow disk does
// not keep a broker from sending heartbeats), by its size (5 ms of latency are not seconds of
// silence) and by how much of the silence it covers (a pause of 50 ms is not 4 s).

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/report/why/run_facts.h"
#include "sim/report/why/stored_trace.h"

namespace bsim {

struct Trouble {
    enum class What { Down, Paused, Fault };
    What what = What::Fault;
    const Event* event = nullptr;  // NodeStopped, NodePaused, FaultStarted
    std::set<std::string> nodes;
    SimTime from;
    std::optional<SimTime> to;  // none: it did not end
    std::string fault;          // that it is of, by id; empty: of none
};

// What was to come from the silent ones: it decides what could keep it away.
enum class Need {
    Heartbeat,    // of a broker, to the controller
    Replication,  // a follower's fetches
    Proposal,     // of another ISR, from a leader to the controller
    Quorum,       // of controllers among themselves
    Session,      // heartbeats of a group's member
    Poll,         // a member's next poll(): its work
    Join,         // a group's rebalance
    Commit,       // of offsets
    Produce,      // acknowledgements
    Consume       // records, and how far a group has come
};

struct SilenceQuery {
    std::set<std::string> silent;  // who was not heard
    std::set<std::string> others;  // who did not hear
    SimTime from;                  // the silence began in [from, begun_by]
    SimTime begun_by;
    SimTime to;  // and was noticed then
    Need need = Need::Heartbeat;
    std::string noticed_by = {};  // which of the others; empty: each of them alone can notice it
};

class Troubles {
  public:
    // Both outlive it.
    Troubles(const StoredTrace& trace, const RunFacts& facts);

    // Those that explain the silence: the best one, and what else was needed for it. Empty if none
    // is strong enough.
    std::vector<const Trouble*> find(const SilenceQuery& query) const;
    // One that can hardly have done it alone, but is all there is; nullptr if there is nothing.
    const Trouble* guess(const SilenceQuery& query) const;
    // The one that had the node down, paused or cut off at that moment, or struck it last before.
    const Trouble* latest(const std::set<std::string>& nodes, SimTime at) const;
    const std::vector<Trouble>& all() const { return all_; }
    const FaultFact* fact_of(const Trouble& trouble) const;
    // How well it explains the silence, from 0 to 1000.
    int score(const Trouble& trouble, const SilenceQuery& query) const;

  private:
    void on(const Event& event);
    std::string fault_behind(const Event& event) const;
    int strength(const Trouble& trouble, const SilenceQuery& query) const;
    int of_fault(const Trouble& trouble, const SilenceQuery& query) const;
    int of_messages(const Trouble& trouble, const SilenceQuery& query) const;
    int relevance(const Trouble& trouble, const SilenceQuery& query) const;
    int cover(const Trouble& trouble, const SilenceQuery& query) const;
    SimTime felt_until(const Trouble& trouble) const;
    void add_needed(const SilenceQuery& query, std::vector<const Trouble*>& out) const;

    const RunFacts& facts_;
    std::vector<Trouble> all_;  // by beginning
};

// Does the fault act on what nodes hear of one another?
bool is_network_fault(std::string_view fault);
bool is_message_fault(std::string_view fault);

}  // namespace bsim
