#pragma once
// What this program is, and what shaped its bytes.

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <string_view>

#include "sim/app/terminal.h"

namespace bsim {

inline constexpr std::string_view kVersion = BSIM_VERSION;
// Whose behaviour is simulated.
inline constexpr std::string_view kKafkaVersion = "3.9";

// Versions of the libraries on which the bytes of a run depend.
std::map<std::string, std::string> library_versions();

// `brokersim version [--json]`.
void add_version_command(CLI::App& root, const GlobalOptions& global);
std::string version_line();

}  // namespace bsim
