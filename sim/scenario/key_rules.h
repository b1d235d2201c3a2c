#pragma once
// Which keys of an object go together, as a table. What holds only for some kinds of faults stands
// in fault_kinds.h.

#include <cstdint>
#include <span>
#include <string_view>

#include "sim/scenario/fields.h"

namespace bsim {

struct KeyRule {
    enum class Kind : std::uint8_t {
        OneOf,   // exactly one of `keys` is there
        Beside,  // each of `keys` stands only where one of `others` does
        Needs,   // with each of `keys`, all of `others` must be there
        Apart    // none of `keys` stands where one of `others` does
    };
    Shape shape;
    Kind kind;
    std::string_view keys;  // separated by single spaces
    std::string_view others = {};
};

std::span<const KeyRule> all_key_rules();

}  // namespace bsim
