#pragma once
// What `brokersim run` says when a run is over: verdict, seed, hash, what became of expectations
// and checks, the run directory, and a command worth trying next.

#include <optional>
#include <string>

#include "sim/report/results.h"

namespace bsim {

struct RunPlace {
    std::string directory;  // of the run
    std::string program;    // as the user called it
    bool can_plot = false;  // scripts/plot.py stands in the current directory
};

// Several lines, each with its line feed.
std::string run_summary(const Results& results, const RunPlace& place);

// The expectation (its id) or check (its name) that complains of the earliest event; nullopt if
// none does.
std::optional<std::string> first_complaint(const Results& results);

// A command line that works as it stands: the explanation of the first complaint, or, without one,
// the plots of the run, or the changes of its partitions where plots cannot be drawn.
std::string next_command(const Results& results, const RunPlace& place);

}  // namespace bsim
