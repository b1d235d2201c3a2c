#include "sim/scenario/dist_kinds.h"

#include <algorithm>

namespace bsim {
namespace {

constexpr DistKind kKinds[] = {
    {"constant", "mean"},
    {"uniform", "min max", "", "min max"},
    {"normal", "mean stddev", "min max", "min max"},
    {"lognormal", "median p99", "", "median p99"},
    {"exponential", "mean"},
    {"pareto", "min shape", "max", "min max"},
    {"empirical", "file", "", "", false},
};

}  // namespace

std::span<const DistKind> all_dist_kinds() {
    return kKinds;
}

const DistKind* find_dist_kind(std::string_view name) {
    const auto* const at = std::find_if(std::begin(kKinds), std::end(kKinds),
                                        [&](const DistKind& kind) { return kind.name == name; });
    return at == std::end(kKinds) ? nullptr : at;
}

}  // namespace bsim
