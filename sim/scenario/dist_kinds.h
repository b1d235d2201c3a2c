#pragma once
// The distributions that the format has, one row each.

#include <span>
#include <string_view>

namespace bsim {

struct DistKind {
    std::string_view name;
    std::string_view needed;         // parameters, separated by single spaces
    std::string_view optional = {};  // likewise
    std::string_view ordered = {};   // two of them: the first must not exceed the second
    bool built = true;
};

std::span<const DistKind> all_dist_kinds();
const DistKind* find_dist_kind(std::string_view name);

}  // namespace bsim
