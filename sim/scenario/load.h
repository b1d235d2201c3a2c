#pragma once
// Reads the text of a scenario from a file, or from standard input for "-".

#include <cstdint>
#include <string>

#include "sim/base/result.h"
#include "sim/scenario/diagnostic.h"

namespace bsim {

inline constexpr std::uint64_t kScenarioBytesMax = std::uint64_t{64} << 20U;

struct LoadedText {
    std::string text;
    std::string file_name;  // as diagnostics shall print it: the path, or "<stdin>"
};

struct LoadError {
    bool io = false;  // the file could not be read (exit code 6), as against: is no scenario (3)
    Diagnostic diagnostic;
};

// Reads at most kScenarioBytesMax; a larger file is an error before any of it is parsed.
Result<LoadedText, LoadError> load_scenario_file(const std::string& path);

}  // namespace bsim
