#pragma once
// Reads selectors, keeping where in the text each name stands.

#include <cstddef>
#include <string>
#include <string_view>

#include "sim/base/result.h"
#include "sim/scenario/selector.h"

namespace bsim {

inline constexpr std::string_view kSelectorForm =
    "broker:1, controller:100, controller (the active one), leader(orders-0)";

struct TextPart {
    std::size_t from = 0;
    std::size_t length = 0;
};

struct SelectorText {
    Selector selector;
    TextPart node;   // the id of broker:N and controller:N
    TextPart topic;  // of leader(topic-partition)
    TextPart partition;
};

struct SelectorError {
    bool not_built = false;  // a selector of the format that the simulator cannot resolve yet
    TextPart part;
    std::string message;
    std::string suggestion;
};

Result<SelectorText, SelectorError> parse_selector(std::string_view text);

}  // namespace bsim
