#pragma once
// `brokersim topics|brokers|quorum|log-dirs describe --run RUN --at T` and `topics list`: the
// cluster of a stored run at a moment, in the layout of Kafka's own tools.

#include <CLI/CLI.hpp>

#include "sim/app/terminal.h"

namespace bsim {

// `global` must outlive the parser.
void add_describe_commands(CLI::App& root, const GlobalOptions& global, int& exit_code);

}  // namespace bsim
