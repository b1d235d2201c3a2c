#include "sim/scenario/fields.h"

#include <algorithm>

namespace bsim {
namespace {

using K = FieldKind;

constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kSeedMax = 9'007'199'254'740'991;  // exact in every JSON reader
constexpr std::int64_t kReplicationMax = 32'767;
constexpr std::int64_t kInstancesMax = 100'000;

constexpr std::string_view kFaults = "crash pause partition elect-preferred elect-unclean";
constexpr std::string_view kFaultsToCome =
    "gc-pause cpu-slow zombie rolling-restart broker-add broker-remove wipe disk-slow disk-stall "
    "disk-full io-error torn-write lost-fsync write-reorder bit-rot misdirected-write "
    "log-dir-offline stale-disk net-slow net-loss net-duplicate net-reorder net-corrupt "
    "net-bandwidth net-flap net-reset clock-skew clock-drift clock-jump clock-freeze "
    "config-change topic-create topic-delete partitions-add reassign voter-add voter-remove "
    "zk-expire zk-migrate member-churn consumer-slow producer-zombie traffic-burst hot-key "
    "api-error response-drop message-hold message-drop message-delay";

constexpr Field plain(Shape shape, std::string_view name, K kind) {
    Field field;
    field.shape = shape;
    field.name = name;
    field.kind = kind;
    return field;
}
constexpr Field required(Field field) {
    field.required = true;
    return field;
}
constexpr Field number(Shape shape, std::string_view name, std::int64_t min, std::int64_t max) {
    Field field = plain(shape, name, K::Integer);
    field.min = min;
    field.max = max;
    return field;
}
constexpr Field words(Shape shape,
                      std::string_view name,
                      std::string_view built,
                      std::string_view to_come) {
    Field field = plain(shape, name, K::Word);
    field.words = built;
    field.unbuilt_words = to_come;
    return field;
}
constexpr Field inner(Shape shape, std::string_view name, K kind, Shape sub) {
    Field field = plain(shape, name, kind);
    field.sub = sub;
    return field;
}
constexpr Field config(Shape shape, ConfigKind kind) {
    Field field = plain(shape, "config", K::Config);
    field.config = kind;
    return field;
}
constexpr Field to_come(Shape shape, std::string_view name) {
    Field field = plain(shape, name, K::Any);
    field.built = false;
    return field;
}
constexpr Field integers(Shape shape, std::string_view name, K kind, std::int64_t min) {
    Field field = plain(shape, name, kind);
    field.min = min;
    field.max = kInt32Max;
    return field;
}
constexpr Field of(std::string_view faults, Field field) {
    field.faults = faults;
    return field;
}
// A parameter of faults none of which is built.
constexpr Field other_fault(std::string_view name) {
    return plain(Shape::Fault, name, K::Any);
}

// clang-format off
constexpr Field kFields[] = {
    plain(Shape::Scenario, "$schema", K::Text),
    required(number(Shape::Scenario, "version", 1, 1)),
    required(plain(Shape::Scenario, "name", K::Id)),
    plain(Shape::Scenario, "title", K::Text),
    number(Shape::Scenario, "seed", 0, kSeedMax),
    required(plain(Shape::Scenario, "duration", K::Duration)),
    words(Shape::Scenario, "kafka", "3.9", ""),
    words(Shape::Scenario, "mode", "kraft", "zookeeper"),
    required(inner(Shape::Scenario, "cluster", K::Object, Shape::Cluster)),
    inner(Shape::Scenario, "network", K::Object, Shape::Network),
    inner(Shape::Scenario, "topics", K::NameMap, Shape::Topic),
    inner(Shape::Scenario, "producers", K::NameMap, Shape::Producer),
    to_come(Shape::Scenario, "consumers"),
    to_come(Shape::Scenario, "streams"),
    inner(Shape::Scenario, "faults", K::List, Shape::Fault),
    inner(Shape::Scenario, "expect", K::List, Shape::Expect),
    inner(Shape::Scenario, "record", K::Object, Shape::Record),
    to_come(Shape::Scenario, "switches"),

    integers(Shape::Cluster, "controllers", K::Integers, 0),
    to_come(Shape::Cluster, "zookeepers"),
    required(inner(Shape::Cluster, "brokers", K::NodeMap, Shape::Node)),
    inner(Shape::Cluster, "defaults", K::Object, Shape::Node),
    inner(Shape::Cluster, "controller_defaults", K::Object, Shape::Node),
    to_come(Shape::Cluster, "zookeeper_defaults"),

    plain(Shape::Node, "rack", K::Text),
    config(Shape::Node, ConfigKind::Broker),
    to_come(Shape::Node, "disk"),
    to_come(Shape::Node, "clock"),
    to_come(Shape::Node, "cpu"),
    plain(Shape::Node, "start", K::DurationOrZero),
    plain(Shape::Node, "startup", K::Dist),

    inner(Shape::Network, "default", K::Object, Shape::Link),
    to_come(Shape::Network, "links"),

    plain(Shape::Link, "latency", K::Dist),
    to_come(Shape::Link, "bandwidth"),
    to_come(Shape::Link, "loss"),
    to_come(Shape::Link, "duplicate"),
    to_come(Shape::Link, "reorder"),
    to_come(Shape::Link, "corrupt"),
    to_come(Shape::Link, "between"),
    to_come(Shape::Link, "oneway"),

    required(words(Shape::Dist, "dist", "constant uniform exponential lognormal",
                   "normal pareto empirical")),
    plain(Shape::Dist, "min", K::Duration),
    plain(Shape::Dist, "max", K::Duration),
    plain(Shape::Dist, "mean", K::Duration),
    plain(Shape::Dist, "median", K::Duration),
    plain(Shape::Dist, "p99", K::Duration),
    plain(Shape::Dist, "stddev", K::Any),
    plain(Shape::Dist, "shape", K::Any),
    plain(Shape::Dist, "file", K::Any),

    required(number(Shape::Topic, "partitions", 1, kInt32Max)),
    number(Shape::Topic, "replication", 1, kReplicationMax),
    plain(Shape::Topic, "assignment", K::Assignment),
    config(Shape::Topic, ConfigKind::Topic),

    number(Shape::Producer, "count", 1, kInstancesMax),
    required(plain(Shape::Producer, "topic", K::Text)),
    required(plain(Shape::Producer, "rate", K::Rate)),
    plain(Shape::Producer, "value", K::Size),
    inner(Shape::Producer, "key", K::Object, Shape::Key),
    to_come(Shape::Producer, "transactional"),
    to_come(Shape::Producer, "transaction"),
    plain(Shape::Producer, "start", K::DurationOrZero),
    plain(Shape::Producer, "stop", K::Duration),
    number(Shape::Producer, "records", 1, std::numeric_limits<std::int64_t>::max()),
    config(Shape::Producer, ConfigKind::Producer),

    required(words(Shape::Key, "dist", "uniform sequential", "zipf hot")),
    required(number(Shape::Key, "keys", 1, kInt32Max)),

    of("*", plain(Shape::Fault, "id", K::Id)),
    of("*", required(words(Shape::Fault, "fault", kFaults, kFaultsToCome))),
    of("*", plain(Shape::Fault, "at", K::Duration)),
    of("*", to_come(Shape::Fault, "after")),
    of("*", to_come(Shape::Fault, "when")),
    of("*", to_come(Shape::Fault, "delay")),
    of("*", to_come(Shape::Fault, "hold")),
    of("*", to_come(Shape::Fault, "until")),
    of("*", to_come(Shape::Fault, "every")),
    of("*", to_come(Shape::Fault, "jitter")),
    of("*", to_come(Shape::Fault, "times")),
    of("*", to_come(Shape::Fault, "probability")),
    of("crash pause partition", plain(Shape::Fault, "target", K::OneSelector)),
    of("crash", words(Shape::Fault, "mode", "kill graceful", "power")),
    of("crash", plain(Shape::Fault, "restart_after", K::Duration)),
    of("pause partition", plain(Shape::Fault, "for", K::Dist)),
    of("partition", plain(Shape::Fault, "from", K::OneSelector)),
    of("partition", plain(Shape::Fault, "to", K::OneSelector)),
    of("partition", plain(Shape::Fault, "between", K::Selectors)),
    of("partition", words(Shape::Fault, "how", "drop reject jam", "")),
    of("elect-preferred elect-unclean", plain(Shape::Fault, "topic", K::Text)),
    of("elect-preferred elect-unclean",
       integers(Shape::Fault, "partitions", K::IntegerOrIntegers, 0)),
    other_fault("latency"),
    other_fault("rate"),
    other_fault("factor"),
    other_fault("api"),
    other_fault("error"),
    other_fault("op"),
    other_fault("files"),
    other_fault("by"),
    other_fault("config"),
    other_fault("order"),
    other_fault("gate"),
    other_fault("replicas"),
    other_fault("of"),
    other_fault("nth"),
    other_fault("count"),
    other_fault("match"),
    other_fault("dir"),

    plain(Shape::Expect, "id", K::Id),
    plain(Shape::Expect, "check", K::Text),
    words(Shape::Expect, "outcome", "holds violated", ""),
    plain(Shape::Expect, "because", K::Text),
    to_come(Shape::Expect, "always"),
    to_come(Shape::Expect, "never"),
    to_come(Shape::Expect, "eventually"),
    to_come(Shape::Expect, "sequence"),
    to_come(Shape::Expect, "is"),
    to_come(Shape::Expect, "within"),
    to_come(Shape::Expect, "after"),
    to_come(Shape::Expect, "from"),
    to_come(Shape::Expect, "to"),

    words(Shape::Record, "messages", "none headers", "full"),
    to_come(Shape::Record, "snapshot_every"),
    to_come(Shape::Record, "events"),
};
// clang-format on

}  // namespace

std::span<const Field> all_fields() {
    return kFields;
}

const Field* find_field(Shape shape, std::string_view name) {
    const auto at = std::find_if(std::begin(kFields), std::end(kFields), [&](const Field& field) {
        return field.shape == shape && field.name == name;
    });
    return at == std::end(kFields) ? nullptr : &*at;
}

bool has_word(std::string_view words, std::string_view word) {
    while (!words.empty() && !word.empty()) {
        const std::size_t space = std::min(words.find(' '), words.size());
        if (words.substr(0, space) == word) {
            return true;
        }
        words.remove_prefix(std::min(space + 1, words.size()));
    }
    return false;
}

}  // namespace bsim
