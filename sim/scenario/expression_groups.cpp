// state(), lag(), and quantiles of what clients see.
#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/expression_parser.h"
#include "sim/scenario/nearest.h"

namespace bsim {

std::optional<ExpressionForm> ExpressionParser::group_call(GroupQuery::What what,
                                                           std::string_view name) {
    TextPart part = scan_.raw(",)(");
    constexpr std::string_view kPrefix = "group:";  // as selectors have it
    if (at(part).starts_with(kPrefix)) {
        part = {part.from + kPrefix.size(), part.length - kPrefix.size()};
    }
    if (part.length == 0) {
        return unexpected(fmt::format("a consumer group, as in {}(billing)", name));
    }
    names_.group(at(part), part);
    return GroupQuery{what, std::string(at(part))};
}

std::optional<ExpressionForm> ExpressionParser::quantile_call(std::int32_t permille,
                                                              std::string_view name) {
    const TextPart part = scan_.raw(",)(");
    const std::string form = fmt::format("{}(produce_latency, 5s)", name);
    if (part.length == 0) {
        return unexpected(fmt::format("what is measured, as in {}", form));
    }
    const auto* const row =
        std::find_if(std::begin(kLatencies), std::end(kLatencies),
                     [&](const LatencyRow& known) { return known.name == at(part); });
    if (row == std::end(kLatencies)) {
        std::vector<std::string_view> known;
        for (const LatencyRow& one : kLatencies) {
            known.push_back(one.name);
        }
        return fail({"E0403", part, fmt::format("nothing is measured as \"{}\"", at(part)),
                     listed(known), std::string(nearest(at(part), known).value_or(""))});
    }
    QuantileQuery query;
    query.permille = permille;
    query.latency = row->latency;
    query.pattern.kind = row->kind;
    std::optional<SimDuration> last;
    if (!conditions_and_window(query.pattern, &last)) {
        return std::nullopt;
    }
    if (!last) {
        return unexpected(fmt::format("\",\" and a duration, as in {}", form));
    }
    query.window = *last;
    return query;
}

}  // namespace bsim
