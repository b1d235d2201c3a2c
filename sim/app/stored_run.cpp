#include "sim/app/stored_run.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iterator>

#include "sim/app/stored_scenario.h"
#include "sim/app/terminal.h"
#include "sim/app/usage.h"
#include "sim/scenario/quantity.h"
#include "sim/storage/posix_disk.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

fs::path directory_of(const std::string& run) {
    std::error_code error;
    return fs::is_directory(run, error) ? fs::path(run) : fs::path(run).parent_path();
}

}  // namespace

std::optional<SimTime> StoredRunOptions::moment() const {
    return at.empty() ? std::nullopt : std::optional(SimTime() + *parse_duration(at));
}

std::string StoredRunOptions::trace_path() const {
    std::error_code error;
    return fs::is_directory(run, error) ? (fs::path(run) / "trace.jsonl").string() : run;
}

void add_stored_run_options(CLI::App& command, StoredRunOptions& options) {
    command
        .add_option("--run", options.run, "Run directory or trace file; runs/latest if not given")
        ->check(path_complaint);
    command.add_option("--at", options.at, "Simulated time, such as 30s; the end if not given")
        ->check(duration_complaint);
}

void add_stored_data_option(CLI::App& command, StoredRunOptions& options) {
    command
        .add_option("--data", options.data,
                    "Where the nodes' files lie; data/ of the run directory if not given")
        ->check(path_complaint);
}

std::optional<std::ifstream> open_trace(const StoredRunOptions& options) {
    const std::string path = options.trace_path();
    std::error_code error;
    if (path != options.run && !fs::exists(path, error)) {
        say("brokersim: " + options.run + " is not a run directory: it has no trace.jsonl");
        return std::nullopt;
    }
    std::ifstream in(path);
    if (in)
        return in;
    say("brokersim: cannot read " + path + ": " + std::strerror(errno));
    return std::nullopt;
}

std::optional<std::ifstream> open_whole_trace(const StoredRunOptions& options) {
    const auto stored = read_stored_scenario(directory_of(options.run).string());
    if (stored.ok() && !stored->scenario.record_events.empty()) {
        say("brokersim: " + options.run +
            " holds some kinds of events alone (record.events of its scenario); run it without, or "
            "look at them by brokersim trace");
        return std::nullopt;
    }
    return open_trace(options);
}

std::string read_manifest(const StoredRunOptions& options) {
    std::ifstream in(directory_of(options.run) / "manifest.json", std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::unique_ptr<Disk> open_data(const StoredRunOptions& options) {
    const fs::path data =
        options.data.empty() ? directory_of(options.run) / "data" : fs::path(options.data);
    std::error_code error;
    if (!fs::is_directory(data, error))
        return nullptr;
    auto disk = PosixDisk::open_root(data.string(), kDefaultMaxOpenDescriptors);
    return disk.ok() ? std::move(*disk) : nullptr;
}

}  // namespace bsim
