#pragma once
// Explains events, violations and failed expectations of a stored run (explanation.h), by the rules
// of rules.h. Pure: the same trace and facts give the same words.

#include <optional>
#include <string>
#include <vector>

#include "sim/report/why/explanation.h"
#include "sim/report/why/stored_trace.h"
#include "sim/report/why/troubles.h"

namespace bsim {

// What a check found first.
struct CheckFinding {
    std::string check;
    std::string detail;
    EventNumber i;
    SimTime t;
    bool permitted = false;  // a loss that the settings permit
};

// What was awaited and did not come, in a span of time.
struct Concern {
    enum class What {
        Progress,  // records of a partition, acknowledged and committed
        Replica,   // a log of one node
        Lag,       // a group that keeps up
        Group      // a group whose members have all joined
    };
    What what = What::Progress;
    TopicPartition p;
    std::string node;
    std::string group;
    SimTime from;
    SimTime to;

    bool operator==(const Concern&) const = default;
};

// An expectation about time that failed, or an expression that is asked about.
struct ExpressionStory {
    std::string subject;
    SimTime t;                          // the moment in question
    EventNumber i;                      // what made the expression what it was; 0: nothing did
    std::optional<SimDuration> within;  // the bound that was not kept
    std::optional<SimDuration> took;    // how long it really took
    std::vector<EventNumber> others;    // events that its other parts depend on
    std::vector<Concern> concerns = {};
};

class Explainer {
  public:
    // Both outlive the explainer.
    Explainer(const StoredTrace& trace, const RunFacts& facts);

    // An event that the trace keeps.
    Explanation explain(const Event& event) const;
    Explanation explain(const CheckFinding& finding) const;
    Explanation explain(const ExpressionStory& story) const;

    WhyChain chain(const Event& from, std::string title) const;

  private:
    // The chain, and behind it those of what stands beside its steps.
    void add_chains(const Event& from, const std::string& title, Explanation& out) const;

    // What was in the way of what was awaited. Is there anything?
    bool add_concerns(const ExpressionStory& story, Explanation& out) const;

    // Is one of the faults among the causes still felt then?
    bool in_force(const Explanation& told, SimTime at) const;

    const StoredTrace& trace_;
    const RunFacts& facts_;
    Troubles troubles_;
};

// For people. `story` leaves out settings and event numbers, `protocol` adds the events as they
// stand in the trace.
enum class ExplainLevel { Story, Operator, Protocol };
std::string explanation_text(const Explanation& explanation, ExplainLevel level);
// One object, line feed at the end.
std::string explanation_json(const Explanation& explanation);
// Of an explained event: what happened, and where its main chain ends. One line, as JSON if asked.
std::string explanation_line(const Explanation& explanation, bool json);

}  // namespace bsim
