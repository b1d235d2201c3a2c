#pragma once
// The scenario format as one table: which keys an object may have and what stands under each. What
// the format has and the simulator cannot do yet is in the table too, so that it is told from a
// slip of the pen. fields.cpp holds the table; shape.h checks a document against it.

#include <cstdint>
#include <limits>
#include <span>
#include <string_view>

#include "sim/model/config_def.h"

namespace bsim {

enum class Shape : std::uint8_t {
    Scenario,
    Cluster,
    Node,
    Network,
    Link,
    Dist,
    Topic,
    Producer,
    Key,
    Fault,
    Expect,
    Record
};

// What stands under a key.
enum class FieldKind : std::uint8_t {
    Any,  // checked elsewhere, or not at all
    Text,
    Id,        // ^[a-z0-9][a-z0-9-]*$
    Integer,   // from min to max
    Duration,  // more than zero
    DurationOrZero,
    Dist,  // a duration or a distribution of durations
    Size,
    Rate,    // or "max"
    Word,    // one of words
    Config,  // Kafka's settings
    OneSelector,
    Selectors,  // an array of them
    Integers,   // an array, each from min to max
    IntegerOrIntegers,
    Assignment,  // {"0": [1, 2, 3], ...}
    Object,      // of the shape `sub`
    NodeMap,     // node id to object of the shape `sub`
    NameMap,     // name to object of the shape `sub`
    List         // array of objects of the shape `sub`
};

struct Field {
    Shape shape = Shape::Scenario;
    std::string_view name;
    FieldKind kind = FieldKind::Any;
    bool required = false;
    bool built = true;
    std::int64_t min = 0;
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::string_view words = {};          // for Word, separated by single spaces
    std::string_view unbuilt_words = {};  // known to the format, not built yet
    Shape sub = Shape::Scenario;
    ConfigKind config = ConfigKind::Broker;
    std::string_view faults = {};  // Shape::Fault: the built kinds that take it; "*" for all
};

std::span<const Field> all_fields();
const Field* find_field(Shape shape, std::string_view name);
// Is `word` one of the words, which single spaces separate?
bool has_word(std::string_view words, std::string_view word);

}  // namespace bsim
