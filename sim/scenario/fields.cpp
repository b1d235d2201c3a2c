#include "sim/scenario/fields.h"

#include <algorithm>

namespace bsim {
namespace {

using K = FieldKind;

constexpr std::int64_t kMostLogDirs = 1000;
constexpr std::int64_t kInt32Max = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kSeedMax = 9'007'199'254'740'991;  // exact in every JSON reader
constexpr std::int64_t kReplicationMax = 32'767;
constexpr std::size_t kAnyNumber = std::numeric_limits<std::size_t>::max();

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
// "config" of Kafka's settings.
constexpr Field config(Shape shape, ConfigKind kind) {
    Field field = plain(shape, "config", K::Config);
    field.config = kind;
    return field;
}
constexpr Field to_come(Field field) {
    field.built = Built::No;
    return field;
}
constexpr Field sized(Field field, std::size_t min, std::size_t max) {
    field.items_min = min;
    field.items_max = max;
    return field;
}
constexpr Field at_least(std::int64_t min, Field field) {
    field.min = min;
    return field;
}
constexpr Field not_empty(Field field) {
    field.items_min = 1;
    return field;
}
constexpr Field feature(Field field) {
    field.built = Built::IfFeature;
    return field;
}
constexpr Field with_feature_words(Field field, std::string_view names) {
    field.feature_words = names;
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
    feature(inner(Shape::Scenario, "consumers", K::NameMap, Shape::Consumer)),
    to_come(inner(Shape::Scenario, "streams", K::NameMap, Shape::Streams)),
    inner(Shape::Scenario, "faults", K::List, Shape::Fault),
    inner(Shape::Scenario, "expect", K::List, Shape::Expect),
    inner(Shape::Scenario, "record", K::Object, Shape::Record),
    plain(Shape::Scenario, "switches", K::Switches),

    not_empty(integers(Shape::Cluster, "controllers", K::Integers, 0)),
    to_come(integers(Shape::Cluster, "zookeepers", K::Integers, 1)),
    required(inner(Shape::Cluster, "brokers", K::NodeMap, Shape::Node)),
    inner(Shape::Cluster, "defaults", K::Object, Shape::Node),
    inner(Shape::Cluster, "controller_defaults", K::Object, Shape::Node),
    to_come(inner(Shape::Cluster, "zookeeper_defaults", K::Object, Shape::ZooKeeper)),

    plain(Shape::Node, "rack", K::Text),
    config(Shape::Node, ConfigKind::Broker),
    feature(inner(Shape::Node, "disk", K::Object, Shape::Disk)),
    inner(Shape::Node, "clock", K::Object, Shape::Clock),
    feature(plain(Shape::Node, "cpu", K::Factor)),
    plain(Shape::Node, "start", K::DurationOrZero),
    plain(Shape::Node, "startup", K::Dist),

    plain(Shape::ZooKeeper, "config", K::OtherConfig),

    plain(Shape::Disk, "read", K::Dist),
    plain(Shape::Disk, "write", K::Dist),
    plain(Shape::Disk, "fsync", K::Dist),
    at_least(1, feature(plain(Shape::Disk, "capacity", K::Size))),
    number(Shape::Disk, "log_dirs", 1, kMostLogDirs),

    feature(plain(Shape::Clock, "skew", K::SignedDuration)),
    feature(plain(Shape::Clock, "drift", K::Drift)),

    inner(Shape::Network, "default", K::Object, Shape::Link),
    feature(inner(Shape::Network, "links", K::List, Shape::Path)),

    plain(Shape::Link, "latency", K::Dist),
    feature(plain(Shape::Link, "bandwidth", K::BitRate)),
    feature(inner(Shape::Link, "loss", K::Loss, Shape::Loss)),
    feature(plain(Shape::Link, "duplicate", K::Probability)),
    feature(plain(Shape::Link, "reorder", K::Probability)),
    feature(plain(Shape::Link, "corrupt", K::Probability)),

    required(sized(plain(Shape::Path, "between", K::Selectors), 2, 2)),
    plain(Shape::Path, "oneway", K::Boolean),

    required(plain(Shape::Loss, "good_to_bad", K::Probability)),
    required(plain(Shape::Loss, "bad_to_good", K::Probability)),
    plain(Shape::Loss, "loss_in_good", K::Probability),
    plain(Shape::Loss, "loss_in_bad", K::Probability),

    required(plain(Shape::Dist, "dist", K::DistName)),
    plain(Shape::Dist, "min", K::Duration),
    plain(Shape::Dist, "max", K::Duration),
    plain(Shape::Dist, "mean", K::Duration),
    plain(Shape::Dist, "median", K::Duration),
    plain(Shape::Dist, "p99", K::Duration),
    plain(Shape::Dist, "stddev", K::Duration),
    plain(Shape::Dist, "shape", K::Factor),
    plain(Shape::Dist, "file", K::Text),

    required(number(Shape::Topic, "partitions", 1, kInt32Max)),
    number(Shape::Topic, "replication", 1, kReplicationMax),
    plain(Shape::Topic, "assignment", K::Assignment),
    config(Shape::Topic, ConfigKind::Topic),

    number(Shape::Producer, "count", 1, kInstancesMax),
    required(plain(Shape::Producer, "topic", K::Text)),
    required(plain(Shape::Producer, "rate", K::Rate)),
    plain(Shape::Producer, "value", K::Size),
    inner(Shape::Producer, "key", K::Object, Shape::Key),
    to_come(plain(Shape::Producer, "transactional", K::Boolean)),
    to_come(plain(Shape::Producer, "transaction", K::Scalars)),
    plain(Shape::Producer, "start", K::DurationOrZero),
    plain(Shape::Producer, "stop", K::Duration),
    number(Shape::Producer, "records", 1, std::numeric_limits<std::int64_t>::max()),
    config(Shape::Producer, ConfigKind::Producer),

    required(words(Shape::Key, "dist", "uniform sequential zipf hot", "")),
    required(number(Shape::Key, "keys", 1, kInt32Max)),
    plain(Shape::Key, "exponent", K::Factor),
    plain(Shape::Key, "share", K::Probability),

    plain(Shape::Consumer, "group", K::Text),
    number(Shape::Consumer, "members", 1, kInstancesMax),
    not_empty(plain(Shape::Consumer, "topics", K::Texts)),
    not_empty(plain(Shape::Consumer, "assign", K::Texts)),
    plain(Shape::Consumer, "process", K::Dist),
    config(Shape::Consumer, ConfigKind::Consumer),
    words(Shape::Consumer, "commit", "auto sync after-each before-work none", "transactional"),
    inner(Shape::Consumer, "instances", K::NameMap, Shape::Member),

    plain(Shape::Member, "start", K::DurationOrZero),
    plain(Shape::Member, "process", K::Dist),
    config(Shape::Member, ConfigKind::Consumer),

    required(plain(Shape::Streams, "from", K::Texts)),
    plain(Shape::Streams, "to", K::Text),
    number(Shape::Streams, "instances", 1, kInstancesMax),
    plain(Shape::Streams, "config", K::OtherConfig),
    plain(Shape::Streams, "steps", K::Objects),

    of("*", plain(Shape::Fault, "id", K::Id)),
    of("*", required(plain(Shape::Fault, "fault", K::FaultName))),
    of("*", plain(Shape::Fault, "at", K::Duration)),
    of("*", plain(Shape::Fault, "after", K::Text)),
    of("*", plain(Shape::Fault, "when", K::Expression)),
    of("*", plain(Shape::Fault, "delay", K::Duration)),
    of("*", plain(Shape::Fault, "hold", K::Duration)),
    of("*", plain(Shape::Fault, "every", K::Duration)),
    of("*", plain(Shape::Fault, "jitter", K::Duration)),
    of("*", number(Shape::Fault, "times", 1, std::numeric_limits<std::int64_t>::max())),
    of("*", plain(Shape::Fault, "probability", K::Probability)),
    plain(Shape::Fault, "until", K::Expression),
    plain(Shape::Fault, "for", K::Dist),
    plain(Shape::Fault, "target", K::OneSelector),
    with_feature_words(words(Shape::Fault, "mode", "kill graceful", ""), "power"),
    plain(Shape::Fault, "restart_after", K::Duration),
    plain(Shape::Fault, "from", K::OneSelector),
    plain(Shape::Fault, "to", K::OneSelector),
    sized(plain(Shape::Fault, "between", K::Selectors), 2, kAnyNumber),
    words(Shape::Fault, "how", "drop reject jam", ""),
    plain(Shape::Fault, "topic", K::Text),
    of("topic-create partitions-add", number(Shape::Fault, "partitions", 1, kInt32Max)),
    integers(Shape::Fault, "partitions", K::IntegerOrIntegers, 0),
    number(Shape::Fault, "replication", 1, kReplicationMax),
    plain(Shape::Fault, "latency", K::Dist),
    of("net-bandwidth", plain(Shape::Fault, "rate", K::BitRate)),
    plain(Shape::Fault, "rate", K::Probability),
    plain(Shape::Fault, "factor", K::Factor),
    plain(Shape::Fault, "api", K::Text),
    plain(Shape::Fault, "error", K::Text),
    of("clock-drift", plain(Shape::Fault, "by", K::Drift)),
    plain(Shape::Fault, "by", K::SignedDuration),
    words(Shape::Fault, "op", "read write fsync", "open"),
    of("broker-add", config(Shape::Fault, ConfigKind::Broker)),
    of("topic-create", config(Shape::Fault, ConfigKind::Topic)),
    plain(Shape::Fault, "config", K::OtherConfig),
    words(Shape::Fault, "order", "ascending descending random controller-last", ""),
    plain(Shape::Fault, "gate", K::Expression),
    words(Shape::Fault, "of", "request response both", ""),
    number(Shape::Fault, "nth", 1, std::numeric_limits<std::int64_t>::max()),
    number(Shape::Fault, "count", 1, std::numeric_limits<std::int64_t>::max()),
    plain(Shape::Fault, "match", K::Scalars),
    plain(Shape::Fault, "files", K::Text),
    integers(Shape::Fault, "replicas", K::ReplicaLists, 0),
    number(Shape::Fault, "dir", 0, kMostLogDirs - 1),

    plain(Shape::Expect, "id", K::Id),
    plain(Shape::Expect, "check", K::Text),
    words(Shape::Expect, "outcome", "holds violated", ""),
    plain(Shape::Expect, "because", K::Text),
    plain(Shape::Expect, "always", K::Expression),
    plain(Shape::Expect, "never", K::Expression),
    plain(Shape::Expect, "eventually", K::Expression),
    plain(Shape::Expect, "sequence", K::Expression),
    plain(Shape::Expect, "is", K::Values),
    plain(Shape::Expect, "within", K::Duration),
    plain(Shape::Expect, "after", K::Text),
    plain(Shape::Expect, "from", K::DurationOrZero),
    plain(Shape::Expect, "to", K::Duration),

    with_feature_words(words(Shape::Record, "messages", "none headers", ""), "full"),
    plain(Shape::Record, "snapshot_every", K::Duration),
    plain(Shape::Record, "events", K::Texts),
};
// clang-format on

constexpr std::string_view kShapeNames[] = {
    "scenario", "cluster",  "node",    "zookeeper", "disk",   "clock",    "network",
    "link",     "path",     "loss",    "dist",      "topic",  "producer", "key",
    "consumer", "instance", "streams", "fault",     "expect", "record"};

}  // namespace

std::span<const Field> all_fields() {
    return kFields;
}

std::optional<Shape> base_of(Shape shape) {
    return shape == Shape::ZooKeeper ? std::optional(Shape::Node)
           : shape == Shape::Path    ? std::optional(Shape::Link)
                                     : std::nullopt;
}

std::vector<const Field*> fields_of(Shape shape) {
    std::vector<const Field*> out;
    for (std::optional<Shape> of = shape; of; of = base_of(*of)) {
        for (const Field& field : kFields) {
            const bool there = std::any_of(out.begin(), out.end(), [&](const Field* other) {
                return other->name == field.name;
            });
            if (field.shape == *of && !there) {
                out.push_back(&field);
            }
        }
    }
    return out;
}

const Field* find_field(Shape shape, std::string_view name) {
    for (std::optional<Shape> of = shape; of; of = base_of(*of)) {
        const auto* const at = std::find_if(
            std::begin(kFields), std::end(kFields),
            [&](const Field& field) { return field.shape == *of && field.name == name; });
        if (at != std::end(kFields)) {
            return at;
        }
    }
    return nullptr;
}

const Field* find_fault_field(std::string_view name, std::string_view kind) {
    const auto at = std::find_if(std::begin(kFields), std::end(kFields), [&](const Field& field) {
        return field.shape == Shape::Fault && field.name == name &&
               (field.faults.empty() || field.faults == "*" || has_word(field.faults, kind));
    });
    return at == std::end(kFields) ? nullptr : &*at;
}

std::string_view name_of(Shape shape) {
    return kShapeNames[static_cast<std::size_t>(shape)];
}

std::vector<std::string_view> all_words(const Field& field) {
    std::vector<std::string_view> out = split_words(field.words);
    for (const std::string_view words : {field.feature_words, field.unbuilt_words}) {
        const auto more = split_words(words);
        out.insert(out.end(), more.begin(), more.end());
    }
    return out;
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

std::vector<std::string_view> split_words(std::string_view words) {
    std::vector<std::string_view> out;
    while (!words.empty()) {
        const std::size_t space = std::min(words.find(' '), words.size());
        out.push_back(words.substr(0, space));
        words.remove_prefix(std::min(space + 1, words.size()));
    }
    return out;
}

}  // namespace bsim
