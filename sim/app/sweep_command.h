#pragma once
// `brokersim sweep SCENARIO`: one scenario under many seeds.

#include <CLI/CLI.hpp>

#include "sim/app/terminal.h"

namespace bsim {

void add_sweep_command(CLI::App& root, const GlobalOptions& global, int& exit_code);

}  // namespace bsim
