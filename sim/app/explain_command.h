#pragma once
// `brokersim explain RUN`: why something happened in a stored run, or `brokersim explain CODE`: a
// paragraph on a diagnostic.

#include <CLI/CLI.hpp>

#include "sim/app/terminal.h"

namespace bsim {

void add_explain_command(CLI::App& root, const GlobalOptions& global, int& exit_code);

}  // namespace bsim
