#pragma once
// The scenario format as one table: which keys an object may have and what stands under each. What
// the format has and the simulator cannot do yet is in the table too, so that it is checked like
// the rest and told from a slip of the pen. fields.cpp holds the table; shape.h checks a document
// against it; schema.h prints it. Which keys go together stands in key_rules.h, what kinds of
// faults take in fault_kinds.h, what distributions take in dist_kinds.h.

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/model/config_def.h"

namespace bsim {

// Of one producer or consumer.
inline constexpr std::int64_t kInstancesMax = 100'000;

enum class Shape : std::uint8_t {
    Scenario,
    Cluster,
    Node,
    ZooKeeper,  // a node with settings of ZooKeeper's
    Disk,
    Clock,
    Network,
    Link,
    Path,  // a link with its two sides
    Loss,
    Dist,
    Topic,
    Producer,
    Key,
    Consumer,
    Member,
    Streams,
    Fault,
    Expect,
    Record
};
std::string_view name_of(Shape shape);  // "scenario", "cluster", ...
// The shape whose keys this one has besides its own.
std::optional<Shape> base_of(Shape shape);

// What stands under a key.
enum class FieldKind : std::uint8_t {
    Text,
    Texts,  // an array of them
    Id,     // ^[a-z0-9][a-z0-9-]*$
    Boolean,
    Integer,   // from min to max
    Duration,  // more than zero
    DurationOrZero,
    SignedDuration,
    Drift,  // "20ppm", "-3.5ppm"
    Dist,   // a duration or a distribution of durations
    DistName,
    Size,
    Rate,         // of records, or "max"
    BitRate,      // "10Mbit/s", "1MB/s"
    Probability,  // a number from 0 to 1
    Loss,         // a probability, or an object of shape Loss
    Factor,       // a number more than zero
    Word,         // one of words
    FaultName,
    Config,       // Kafka's settings of the kind `config`
    OtherConfig,  // settings whose names are not in a table
    Scalars,      // an object with scalars under any names
    Expression,   // text; the builders read it
    Values,       // an array of scalars
    Switches,
    OneSelector,
    Selectors,  // an array of them
    Integers,   // an array, each from min to max
    IntegerOrIntegers,
    ReplicaLists,  // an array of broker ids, or of arrays of them
    Assignment,    // {"0": [1, 2, 3], ...}
    Object,        // of the shape `sub`
    Objects,       // an array of objects of any shape
    NodeMap,       // node id to object of the shape `sub`
    NameMap,       // name to object of the shape `sub`
    List           // array of objects of the shape `sub`
};

enum class Built : std::uint8_t {
    Yes,
    IfFeature,  // where the vocabulary has the feature "<shape>.<name>"
    No
};

struct Field {
    Shape shape = Shape::Scenario;
    std::string_view name;
    FieldKind kind = FieldKind::Text;
    bool required = false;
    Built built = Built::Yes;
    std::int64_t min = 0;  // of a size, in bytes
    std::int64_t max = std::numeric_limits<std::int64_t>::max();
    std::size_t items_min = 0;  // of an array
    std::size_t items_max = std::numeric_limits<std::size_t>::max();
    std::string_view words = {};          // for Word, separated by single spaces
    std::string_view feature_words = {};  // legal with the feature "<shape>.<name>.<word>"
    std::string_view unbuilt_words = {};  // known to the format, not built yet
    Shape sub = Shape::Scenario;
    ConfigKind config = ConfigKind::Broker;
    // Shape::Fault: the kinds for which this row stands, where a name has several; "*": all kinds
    // take it, whatever fault_kinds.h says.
    std::string_view faults = {};
};

std::span<const Field> all_fields();
// Those that an object of that shape may have; of several rows for one name, the first.
std::vector<const Field*> fields_of(Shape shape);
const Field* find_field(Shape shape, std::string_view name);
// The row for a parameter of that kind of fault.
const Field* find_fault_field(std::string_view name, std::string_view kind);
// All words of a field of kind Word, built or not.
std::vector<std::string_view> all_words(const Field& field);
// Is `word` one of the words, which single spaces separate?
bool has_word(std::string_view words, std::string_view word);
std::vector<std::string_view> split_words(std::string_view words);

}  // namespace bsim
