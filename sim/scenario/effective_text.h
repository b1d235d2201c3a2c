#pragma once
// A scenario as one text that needs no overrides: what --set and the like made of the file.

#include <string>

#include "sim/scenario/scenario.h"

namespace bsim {

// Strict JSON, indented, a line feed at the end; numbers as they are written. Means the same to
// parse_scenario() as the input, which parse_scenario() must accept.
std::string effective_text(const ScenarioText& input);

}  // namespace bsim
