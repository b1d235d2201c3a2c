#pragma once
// `brokersim trace RUN`: filters and shows the trace of a run.

#include <CLI/CLI.hpp>

namespace bsim {

void add_trace_command(CLI::App& root, int& exit_code);

}  // namespace bsim
