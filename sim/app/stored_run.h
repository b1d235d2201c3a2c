#pragma once
// A run that a command looks at afterwards: what its options name, and the files behind them.

#include <CLI/CLI.hpp>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "sim/base/time.h"
#include "sim/storage/disk.h"

namespace bsim {

struct StoredRunOptions {
    std::string run = "runs/latest";  // the directory, or its trace file
    std::string at;
    std::string data;  // where the nodes' files lie, if not in the run directory

    // The moment that is asked for; nothing for the end.
    std::optional<SimTime> moment() const;
    std::string trace_path() const;
};

// --run and --at; --data apart, for commands that look at the nodes' files.
void add_stored_run_options(CLI::App& command, StoredRunOptions& options);
void add_stored_data_option(CLI::App& command, StoredRunOptions& options);

// The trace, open at its beginning; nothing, and a word on stderr, if it cannot be read.
std::optional<std::ifstream> open_trace(const StoredRunOptions& options);

// The same for who must see every event: nothing, too, if the run's scenario had some kinds alone
// recorded (record.events).
std::optional<std::ifstream> open_whole_trace(const StoredRunOptions& options);

// The text of manifest.json; empty if there is none.
std::string read_manifest(const StoredRunOptions& options);

// The nodes' files; nullptr if there are none.
std::unique_ptr<Disk> open_data(const StoredRunOptions& options);

}  // namespace bsim
