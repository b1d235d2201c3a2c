#pragma once
// Verdict and exit code of a finished run.
//
//   fail          an expectation failed, or a safety check that no expectation names has a
//   violation inconclusive  nothing failed, but the run was cut short (event limit, budget,
//   interrupt), an
//                 expectation was not reached, or, with --strict, a fault's trigger never fired
//   pass          otherwise

#include <string_view>
#include <vector>

#include "sim/check/expectation.h"

namespace bsim {

enum class RunEnd { Completed, EventLimit, Budget, Interrupted };
enum class Verdict { Pass, Fail, Inconclusive };

std::string_view name(Verdict verdict);

// Exit codes of the program (TRACE.md).
enum class ExitCode {
    Pass = 0,
    Fail = 1,
    Usage = 2,
    InvalidScenario = 3,
    Inconclusive = 4,
    NotDeterministic = 5,
    IoError = 6,
    InternalBug = 70,
    Interrupted = 130
};

struct VerdictInput {
    RunEnd ended = RunEnd::Completed;
    bool strict = false;
    bool fault_skipped = false;  // a FaultSkipped stands in the trace
};

Verdict decide(const VerdictInput& input,
               const std::vector<CheckExpectation>& expectations,
               const std::vector<ExpectationResult>& outcomes,
               const std::vector<CheckResult>& checks);
ExitCode exit_code(Verdict verdict, RunEnd ended);

}  // namespace bsim
