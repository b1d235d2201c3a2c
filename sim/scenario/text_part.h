#pragma once
// A stretch of a string value in which something stands that a diagnostic may point at.

#include <cstddef>

namespace bsim {

struct TextPart {
    std::size_t from = 0;  // bytes of the decoded string
    std::size_t length = 0;

    bool operator==(const TextPart&) const = default;
};

}  // namespace bsim
