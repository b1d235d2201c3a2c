#include "sim/sweep/vary.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/base/check.h"

namespace bsim {
namespace {

std::vector<std::string> split_values(std::string_view text) {
    std::vector<std::string> values(1);
    int depth = 0;
    bool quoted = false;
    bool escaped = false;
    for (const char c : text) {
        if (c == ',' && depth <= 0 && !quoted) {
            values.emplace_back();
            continue;
        }
        values.back() += c;
        if (c == '"' && !escaped)
            quoted = !quoted;
        escaped = quoted && c == '\\' && !escaped;
        if (!quoted && (c == '[' || c == '{'))
            ++depth;
        if (!quoted && (c == ']' || c == '}'))
            --depth;
    }
    return values;
}

}  // namespace

Result<VaryAxis, std::string> parse_vary(std::string_view text) {
    const std::size_t equals = text.find('=');
    if (!text.starts_with('/') || equals == std::string_view::npos) {
        return Err{
            fmt::format("\"{}\" is not of the form PTR=a,b,c, PTR being a JSON pointer such "
                        "as /topics/orders/partitions",
                        text)};
    }
    VaryAxis axis{std::string(text.substr(0, equals)), split_values(text.substr(equals + 1))};
    for (std::size_t i = 0; i < axis.values.size(); ++i) {
        if (axis.values[i].empty())
            return Err{fmt::format("{}: a value is empty", axis.pointer)};
        const auto end = axis.values.begin() + static_cast<std::ptrdiff_t>(i);
        if (std::find(axis.values.begin(), end, axis.values[i]) != end)
            return Err{fmt::format("{}: {} stands there twice", axis.pointer, axis.values[i])};
    }
    return axis;
}

std::size_t cell_count(const std::vector<VaryAxis>& axes) {
    std::size_t count = 1;
    for (const VaryAxis& axis : axes)
        count = std::min(count * axis.values.size(), kCellsMax + 1);
    return count;
}

std::vector<std::vector<std::string>> cells_of(const std::vector<VaryAxis>& axes) {
    BSIM_CHECK(cell_count(axes) <= kCellsMax);
    std::vector<std::vector<std::string>> cells(1);
    for (const VaryAxis& axis : axes) {
        std::vector<std::vector<std::string>> longer;
        for (const auto& cell : cells) {
            for (const std::string& value : axis.values) {
                longer.push_back(cell);
                longer.back().push_back(axis.pointer + "=" + value);
            }
        }
        cells = std::move(longer);
    }
    return cells;
}

}  // namespace bsim
