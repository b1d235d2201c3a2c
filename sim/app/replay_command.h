#pragma once
// `brokersim replay RUN [--check]`: runs again what a run directory holds.

#include <CLI/CLI.hpp>

#include "sim/app/terminal.h"

namespace bsim {

void add_replay_command(CLI::App& root, const GlobalOptions& global, int& exit_code);

}  // namespace bsim
