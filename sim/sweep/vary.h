#pragma once
// `--vary PTR=a,b,c`: a place of the scenario and the values that it takes, one after another.
// Several of them make a cross product, whose members are called cells.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"

namespace bsim {

inline constexpr std::size_t kCellsMax = 100'000;

struct VaryAxis {
    std::string pointer;              // a JSON pointer, as --set takes it
    std::vector<std::string> values;  // JSON, or else text; at least one, each once
};

// A comma within brackets, braces or quotes belongs to the value. The error is a sentence.
Result<VaryAxis, std::string> parse_vary(std::string_view text);

// The overrides ("PTR=VALUE", one for each axis) of each cell; the last axis turns fastest. One
// cell without overrides if there is no axis. Requires at most kCellsMax cells.
std::vector<std::vector<std::string>> cells_of(const std::vector<VaryAxis>& axes);
std::size_t cell_count(const std::vector<VaryAxis>& axes);  // kCellsMax + 1 if there are more

}  // namespace bsim
