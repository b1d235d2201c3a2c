#pragma once
// What a sweep keeps of one run: enough for its tables, small enough for a million of them. It
// comes from the process that ran it as one line of JSON.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/report/results.h"

namespace bsim {

enum class RunVerdict : std::uint8_t {
    Pass,
    Fail,              // an expectation or a check
    Inconclusive,      // an expectation was not reached, and nothing failed
    Crashed,           // the simulator found a bug of its own, or its process died
    Stuck,             // simulated time stood still
    NotDeterministic,  // running it again gave another hash
};
std::string_view name(RunVerdict verdict);
// All but Pass and Inconclusive.
bool is_failure(RunVerdict verdict);

// An expectation that failed or was not reached, a check that was violated, or what else is wrong.
struct Complaint {
    std::string about;    // "acked-records-durable", "replicated", "simulator"
    std::string detail;   // in words
    std::uint64_t i = 0;  // the event that it is about; 0: none
    bool operator==(const Complaint&) const = default;
};

struct CheckTally {
    std::uint64_t evaluations = 0;
    std::uint64_t violations = 0;
    bool operator==(const CheckTally&) const = default;
};

struct RunReport {
    RunVerdict verdict = RunVerdict::Pass;
    std::string hash;  // empty if it crashed
    std::uint64_t events = 0;
    std::int64_t end_ns = 0;
    std::vector<Complaint> complaints;
    std::map<std::string, CheckTally> checks;    // by name
    std::map<std::string, std::uint64_t> fired;  // kinds of faults, how often each took effect
    std::string host_trouble;  // the machine refused (disk full): says nothing about the run

    bool operator==(const RunReport&) const = default;
};

RunReport report_of(const Results& results, const std::vector<std::string>& fired);
RunReport crash_report(RunVerdict verdict, std::string detail);

std::string to_json_line(const RunReport& report);
Result<RunReport, std::string> report_from_json(std::string_view line);

}  // namespace bsim
