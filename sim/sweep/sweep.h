#pragma once
// A sweep: the same scenario under many seeds, in all its variants (cells).
//
// The runs are counted seed by seed and, within a seed, cell by cell, and are reported in that
// order, whatever the order in which they end: what a sweep says depends on what it was asked for
// and not on the number of workers. `stop_after` counts in that order too; runs that happened to be
// further ahead are forgotten. A budget or an interrupt cuts the sweep at a moment of real time;
// then every run that has ended is reported, and the others are named.
//
// A run that does not pass is run a second time, and then leaves a complete run directory, with the
// scenario as it was run and its seed in it. That the second run gives the same hash is checked.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/report/manifest.h"
#include "sim/scenario/scenario.h"
#include "sim/sweep/run_report.h"

namespace bsim {

struct SweepCell {
    std::vector<std::string> values;  // "PTR=VALUE" of --vary; empty: the only cell
    std::string text;                 // without overrides
    Scenario scenario;                // what parse_scenario() made of it
};

struct SweepOrder {
    std::vector<std::uint64_t> seeds;  // ascending
    std::vector<SweepCell> cells;      // at least one
    bool swarm = false;
    std::size_t workers = 1;
    std::uint64_t stop_after = 0;           // failures; 0: never
    std::optional<std::int64_t> budget_ms;  // of real time
    std::uint64_t cpu_limit_s = 600;        // for each run
    std::uint64_t keep = 100;               // complete run directories; later ones lose big files
    std::filesystem::path directory;        // of the sweep
    std::filesystem::path scratch;          // for files of nodes; ours alone
};

struct RunRequest {
    const Scenario& scenario;
    ScenarioSource source;
    std::uint64_t seed = 0;
    std::filesystem::path data;
    std::optional<std::filesystem::path> directory;  // to be recorded there
};

struct RunRecord {
    std::uint64_t seed = 0;
    std::size_t cell = 0;
    RunReport report;
    std::vector<std::string> knobs;              // of the swarm
    std::vector<std::string> faults;             // of the swarm
    std::map<std::string, std::uint64_t> kinds;  // of the swarm: faults drawn of each kind
    std::string directory;                       // its name within the sweep's; empty if it passed
    bool complete = false;                       // nothing is missing in it
};

// What the sweep asks of its host.
struct SweepHost {
    // Runs one; in a process of its own, so that nothing but the answer and files remains. Throws
    // nothing: what goes wrong is the answer.
    std::function<RunReport(const RunRequest& request)> run;
    std::function<bool()> interrupted;
    // A record is final; in the order of the sweep.
    std::function<void(const RunRecord& record)> reported;
    // Now and then, of `total`.
    std::function<void(std::uint64_t ended, std::uint64_t failed, std::uint64_t total)> progress;
};

enum class SweepEnd : std::uint8_t { Completed, StoppedAfter, Budget, Interrupted, HostTrouble };

struct SweepOutcome {
    SweepEnd end = SweepEnd::Completed;
    std::vector<RunRecord> records;      // in order; their reports without checks and fired
    std::vector<std::uint64_t> not_run;  // seeds of which at least one cell has no record
    std::uint64_t runs_missing = 0;
    std::string host_trouble;

    // Over all records.
    std::map<RunVerdict, std::uint64_t> verdicts;
    struct Check {
        std::uint64_t runs = 0;  // in which it was evaluated
        CheckTally tally;
        std::optional<std::uint64_t> first_seed;  // with a violation
    };
    std::map<std::string, Check> checks;
    struct Fault {
        std::uint64_t drawn = 0;
        std::uint64_t fired = 0;
        std::uint64_t runs = 0;  // in which it fired
    };
    std::map<std::string, Fault> faults;

    void add(const RunRecord& record);
    std::uint64_t failed() const;
    // 130 interrupted, 6 host trouble, 1 a failure, 4 not all was run or something inconclusive.
    ExitCode exit_code() const;
};

SweepOutcome run_sweep(const SweepOrder& order, const SweepHost& host);

}  // namespace bsim
