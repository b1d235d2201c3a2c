#pragma once
// verdicts.jsonl: what the readers of the trace have to say, one event a line, numbered from 1 on
// its own, in the form of trace.jsonl's event lines (node `sim`, no header line):
// a Violation for each finding kept (and a PermittedLoss for each loss that the settings allow),
// in order of event numbers; an ExpectationMet or ExpectationFailed for each expectation; RunEnded
// last. `i` among the attributes is the number of the trace event that the verdict is about.

#include <cstdint>
#include <string>

#include "sim/report/results.h"
#include "sim/trace/attributes.h"

namespace bsim {

struct Violation {
    std::string check;
    std::string detail;
    std::uint64_t i = 0;
    BSIM_EVENT(Violation, check, detail, i);
};

struct PermittedLoss {
    std::string check;
    std::string detail;
    std::uint64_t i = 0;
    BSIM_EVENT(PermittedLoss, check, detail, i);
};

struct ExpectationMet {
    std::string id;
    std::string detail;
    std::uint64_t i = 0;
    BSIM_EVENT(ExpectationMet, id, detail, i);
};

struct ExpectationFailed {
    std::string id;
    std::string detail;
    std::uint64_t i = 0;
    BSIM_EVENT(ExpectationFailed, id, detail, i);
};

struct RunEnded {
    std::string verdict;
    std::uint64_t events = 0;
    BSIM_EVENT(RunEnded, verdict, events);
};

// The whole text of verdicts.jsonl.
std::string verdicts_jsonl(const Results& results);

}  // namespace bsim
