#pragma once
// `brokersim run SCENARIO…`: simulate, check, write a run directory.

#include <CLI/CLI.hpp>

#include "sim/app/terminal.h"

namespace bsim {

// Adds the command; when it is chosen it runs and sets `exit_code`.
void add_run_command(CLI::App& root, const GlobalOptions& global, int& exit_code);

}  // namespace bsim
