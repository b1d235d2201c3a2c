#pragma once
// `brokersim check SCENARIO…` (alias validate): is this a scenario that can run?

#include <CLI/CLI.hpp>

#include "sim/app/terminal.h"

namespace bsim {

void add_check_command(CLI::App& root, const GlobalOptions& global, int& exit_code);

}  // namespace bsim
