#pragma once
// One run of a scenario as every command does it: simulated and judged, and its files written into
// a run directory where the command wants one. Throws HostError if a file cannot be written, and
// InternalBug if the simulator contradicts itself.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "sim/app/progress_bar.h"
#include "sim/base/host_error.h"
#include "sim/report/manifest.h"
#include "sim/report/results.h"
#include "sim/world/judged_run.h"

namespace bsim {

// Everything about one run that is fixed before it starts.
struct RunPlan {
    const Scenario& scenario;
    ScenarioSource source;  // what the scenario was read from
    std::uint64_t seed = 0;
    SimTime end;
    bool strict = false;
    std::filesystem::path data;  // where the nodes' files lie; made if it is not there
};

// Told now and then how far the run is; false ends it.
using RunWatch = std::function<bool(const RunProgress&)>;

// Who listens; nullptr: nobody.
struct RunOutputs {
    TextSink* trace = nullptr;
    TextSink* history = nullptr;
    TextSink* metrics_csv = nullptr;
    TextSink* snapshots = nullptr;  // takes them if the scenario asks for any, beside the trace
};

struct SimulatedRun {
    Results results;
    std::string results_text;  // of results.json
    std::string open_metrics;  // of metrics.om; empty without metrics
    std::vector<RefusedTopic> refused_topics;
    std::vector<std::string> fired;  // kinds of the faults that took effect, once each occurrence
};
SimulatedRun simulate(const RunPlan& plan, const RunOutputs& outputs, const RunWatch& watch);

// The same, with all the files of TRACE.md in the directory, the manifest and the scenario first.
SimulatedRun record_run(const RunPlan& plan,
                        const std::filesystem::path& directory,
                        const RunWatch& watch);

// The text of the file that it names, or HostError.
std::string read_file(const std::filesystem::path& file);

template <class T>
T take(Result<T, std::string> result) {
    if (!result.ok())
        throw HostError(result.error());
    return std::move(result).value();
}

}  // namespace bsim
