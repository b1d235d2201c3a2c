#pragma once
// What explanations must know of a scenario's faults and links besides their words: how strong a
// fault is, and on which ways through the network it acts.

#include "sim/report/why/run_facts.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// Adds sizes and ways to what is known of that fault.
void add_sizes(const Scenario& scenario, const FaultSpec& fault, FaultFact& fact);

// How long a packet is on its way, nearly at most, on the slowest link of the scenario.
SimDuration slowest_way(const Scenario& scenario);

}  // namespace bsim
