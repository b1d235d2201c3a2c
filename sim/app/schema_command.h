#pragma once
// `brokersim schema`: the scenario format as a JSON Schema, or the words of one place of it.

#include <CLI/CLI.hpp>

#include "sim/app/terminal.h"

namespace bsim {

void add_schema_command(CLI::App& root, const GlobalOptions& global);

}  // namespace bsim
