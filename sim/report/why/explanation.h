#pragma once
// Why something happened: chains of events, each one the reason for the one before it, back to
// where the simulated cluster is no longer to blame: a fault, a setting, the start, somebody's
// wish.

#include <optional>
#include <string>
#include <vector>

#include "sim/report/why/run_facts.h"
#include "sim/trace/event.h"

namespace bsim {

// Where a chain ends.
enum class Origin {
    Fault,       // of the scenario
    Setting,     // of a node, topic or client, or a switch
    Start,       // the cluster or a client starts
    Action,      // an administrator asked for it
    Workload,    // clients do what the scenario gives them to do
    Network,     // links are as bad as the scenario made them
    Unexplained  // nothing in the trace led to it
};
std::string_view name(Origin origin);

struct WhyStep {
    const Event* event = nullptr;  // of the trace
    std::string what;              // "controller-100 fenced broker 1"
    std::string how;               // why, by the event of the next step: "... not heard for 9 s"
    std::vector<NamedSetting> settings;
};

struct WhyChain {
    std::string title;  // what the chain is about; empty for the main one
    std::vector<WhyStep> steps;
    Origin origin = Origin::Unexplained;
    std::string cause;  // the end in words, if the last step does not say it
};

struct TrueCause {
    Origin origin = Origin::Unexplained;
    std::string text;
    EventNumber i;  // 0: no event

    bool operator==(const TrueCause&) const = default;
};

struct Explanation {
    std::string subject;  // what is to be explained, a sentence
    std::vector<WhyChain> chains;
    std::vector<TrueCause> causes;   // without repeats, the weightiest first
    std::vector<std::string> notes;  // what else must be said
};

}  // namespace bsim
