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

// An expectation about time that failed, or an expression that is asked about.
struct ExpressionStory {
    std::string subject;
    SimTime t;                          // the moment in question
    EventNumber i;                      // what made the expression what it was; 0: nothing did
    std::optional<SimDuration> within;  // the bound that was not kept
    std::optional<SimDuration> took;    // how long it really took
    std::vector<EventNumber> others;    // events that its other parts depend on
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
