#pragma once
// `brokersim groups describe|list --run RUN --at T`: the consumer groups of a stored run at a
// moment, in the layout of kafka-consumer-groups.sh.

#include <CLI/CLI.hpp>

#include "sim/app/terminal.h"

namespace bsim {

// `global` must outlive the parser. `-v` shows what each member is assigned.
void add_groups_command(CLI::App& root, const GlobalOptions& global, int& exit_code);

}  // namespace bsim
