#pragma once
// What a sweep says: a line for each run and a summary as text, everything as one JSON object, and
// JUnit's XML for a CI server. None of them holds a moment or a length of real time: they are the
// same for every number of workers, unless a budget or an interrupt cut the sweep.

#include <string>

#include "sim/sweep/sweep.h"

namespace bsim {

// How the runs came about, for the head of the reports.
struct SweepHead {
    std::string scenario;   // its name
    std::string seeds;      // as seed_list_text() has them
    std::string directory;  // of the sweep
    std::string program;    // as the user called it
};

// A line, and for a run that did not pass lines below it: what is wrong, where it is kept, how to
// run it again. With the swarm, what was drawn: knobs and faults.
std::string run_lines(const SweepHead& head, const SweepOrder& order, const RunRecord& record);
// The end of the text: totals, cells, checks, faults, what was not run.
std::string sweep_summary(const SweepHead& head,
                          const SweepOrder& order,
                          const SweepOutcome& outcome);
// A line feed at the end.
std::string sweep_json(const SweepHead& head, const SweepOrder& order, const SweepOutcome& outcome);
std::string sweep_junit(const SweepHead& head,
                        const SweepOrder& order,
                        const SweepOutcome& outcome);

}  // namespace bsim
