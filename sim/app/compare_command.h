#pragma once
// `brokersim compare RUN RECORDED.json`: recorded transitions of a real cluster against a run.

#include <CLI/CLI.hpp>

#include "sim/app/terminal.h"

namespace bsim {

void add_compare_command(CLI::App& root, const GlobalOptions& global, int& exit_code);

}  // namespace bsim
