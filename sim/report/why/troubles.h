#pragma once
// What kept nodes from working, or from being heard: spans of time, from the events of faults and
// of the life of nodes. Answers "who or what silenced this node?".

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/report/why/stored_trace.h"

namespace bsim {

struct Trouble {
    enum class What { Down, Paused, Fault };
    What what = What::Fault;
    const Event* event = nullptr;  // NodeStopped, NodePaused, FaultStarted, LogDirFailed
    std::set<std::string> nodes;
    SimTime from;
    std::optional<SimTime> to;  // none: it did not end
};

struct SilenceQuery {
    std::set<std::string> silent;  // who was not heard
    std::set<std::string> others;  // who did not hear
    SimTime from;                  // the silence began in [from, begun_by]
    SimTime begun_by;
    SimTime to;  // and was noticed then
    // Faults that act on the work of a client instead of what can be heard of it count, too.
    bool slowness = false;
};

class Troubles {
  public:
    explicit Troubles(const StoredTrace& trace);

    // The one that explains the silence best; nullptr if none does.
    const Trouble* find(const SilenceQuery& query) const;
    // The one that had the node down, paused or cut off at that moment, or struck it last before.
    const Trouble* latest(const std::set<std::string>& nodes, SimTime at) const;
    const std::vector<Trouble>& all() const { return all_; }

  private:
    void on(const Event& event);

    std::vector<Trouble> all_;  // by beginning
};

// Does the fault act on what nodes hear of one another?
bool is_network_fault(std::string_view fault);

}  // namespace bsim
