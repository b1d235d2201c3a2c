#pragma once
// Reads selectors, keeping where in the text each name stands.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/scenario/selector.h"
#include "sim/scenario/text_part.h"

namespace bsim {

inline constexpr std::string_view kSelectorForm =
    "broker:1, brokers, rack:a, controller:100, controllers, controller (the active one), "
    "leader(orders-0), follower(orders-0, 1), isr(orders-0), clients, producer:p, consumer:c, "
    "group:g, coordinator(group:g), random(SELECTOR, n), not SELECTOR";

// Where the names of one innermost selector stand.
struct SelectorNames {
    TextPart name;   // the id, rack, client or topic
    TextPart index;  // the partition
    TextPart count;  // the number of a follower
};

struct SelectorText {
    Selector selector;
    // One for each selector in it that has no further one inside, in the order of the text.
    std::vector<SelectorNames> names;
};

struct SelectorError {
    bool not_built = false;  // a selector of the format that the simulator cannot resolve yet
    TextPart part;
    std::string message;
    std::string suggestion = {};
    // What `part` should be: the caller may know a name that it stands for.
    enum class Wanted : std::uint8_t { Other, Selector, Partition } wanted = Wanted::Other;
};

Result<SelectorText, SelectorError> parse_selector(std::string_view text);

// "orders-0" as a partition; nullopt if it is none. Sets where topic and index stand, counted from
// the text's start.
std::optional<TopicPartition> parse_partition(std::string_view text,
                                              TextPart& topic,
                                              TextPart& index);

}  // namespace bsim
