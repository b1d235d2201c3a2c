// The rules that tie several settings together, as KafkaConfig.validateValues, LogConfig,
// GroupCoordinatorConfig and ProducerConfig.postProcessParsedConfig state them, and the legal
// values that the simulator cannot carry out yet.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/model/config.h"
#include "sim/model/config_def.h"
#include "sim/model/config_parse.h"
#include "sim/model/config_view.h"

namespace bsim {
namespace {

using Problems = std::vector<ConfigProblem>;
using Kind = ConfigProblem::Kind;

// `low` must not exceed `high`.
struct Order {
    std::string_view low;
    std::string_view high;
};
constexpr Order kBrokerOrders[] = {
    {"replica.fetch.wait.max.ms", "replica.socket.timeout.ms"},
    {"replica.fetch.wait.max.ms", "replica.lag.time.max.ms"},
    {"log.cleaner.min.compaction.lag.ms", "log.cleaner.max.compaction.lag.ms"},
    {"offsets.commit.required.acks", "offsets.topic.replication.factor"},
    {"group.consumer.min.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms"},
    {"group.consumer.min.heartbeat.interval.ms", "group.consumer.heartbeat.interval.ms"},
    {"group.consumer.heartbeat.interval.ms", "group.consumer.max.heartbeat.interval.ms"},
    {"group.consumer.min.session.timeout.ms", "group.consumer.max.session.timeout.ms"},
    {"group.consumer.min.session.timeout.ms", "group.consumer.session.timeout.ms"},
    {"group.consumer.session.timeout.ms", "group.consumer.max.session.timeout.ms"},
    {"group.share.min.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"},
    {"group.share.min.heartbeat.interval.ms", "group.share.heartbeat.interval.ms"},
    {"group.share.heartbeat.interval.ms", "group.share.max.heartbeat.interval.ms"},
    {"group.share.min.session.timeout.ms", "group.share.max.session.timeout.ms"},
    {"group.share.min.session.timeout.ms", "group.share.session.timeout.ms"},
    {"group.share.session.timeout.ms", "group.share.max.session.timeout.ms"},
    {"group.share.min.record.lock.duration.ms", "group.share.record.lock.duration.ms"},
    {"group.share.record.lock.duration.ms", "group.share.max.record.lock.duration.ms"},
};
constexpr Order kTopicOrders[] = {{"min.compaction.lag.ms", "max.compaction.lag.ms"}};

ConfigProblem contradiction(std::string_view name, std::string_view other, std::string message) {
    return {Kind::Contradiction, std::string(name), std::string(other), std::move(message), {}};
}

ConfigProblem illegal(std::string_view name, std::string message, std::string expected) {
    return {Kind::IllegalValue, std::string(name), {}, std::move(message), std::move(expected)};
}

ConfigProblem not_built(std::string_view name, std::string_view value, std::string expected) {
    return {Kind::NotBuilt,
            std::string(name),
            {},
            fmt::format("\"{}\" = \"{}\" is legal in Kafka but not built yet", name, value),
            std::move(expected)};
}

void check_orders(const ConfigView& view, std::span<const Order> orders, Problems& out) {
    for (const Order& order : orders) {
        const std::int64_t low = view.integer(order.low);
        const std::int64_t high = view.integer(order.high);
        if (low <= high || (!view.is_set(order.low) && !view.is_set(order.high))) {
            continue;
        }
        // The one that was set is to blame; of two, the first.
        const bool blame_low = view.is_set(order.low);
        out.push_back(contradiction(blame_low ? order.low : order.high,
                                    blame_low ? order.high : order.low,
                                    fmt::format("\"{}\" ({}) must not exceed \"{}\" ({})",
                                                order.low, low, order.high, high)));
    }
}

std::string_view first_set(const ConfigView& view, std::initializer_list<std::string_view> names) {
    for (const std::string_view name : names) {
        if (view.is_set(name)) {
            return name;
        }
    }
    return *names.begin();
}

void check_broker_times(const ConfigView& view, Problems& out) {
    if (const auto ms = view.maybe_integer("log.roll.ms"); ms && *ms < 1) {
        out.push_back(illegal("log.roll.ms",
                              fmt::format("\"log.roll.ms\" must be at least 1, got {}", *ms),
                              "a 64-bit integer, at least 1"));
    }
    if (const auto ms = view.maybe_integer("log.roll.jitter.ms"); ms && *ms < 0) {
        out.push_back(illegal("log.roll.jitter.ms",
                              fmt::format("\"log.roll.jitter.ms\" must be at least 0, got {}", *ms),
                              "a 64-bit integer, at least 0"));
    }
    if (retention_ms(view) == 0) {
        const auto name =
            first_set(view, {"log.retention.ms", "log.retention.minutes", "log.retention.hours"});
        out.push_back(illegal(name, fmt::format("\"{}\" must be -1 or at least 1, got 0", name),
                              "an integer, at least 1, or -1 for no limit"));
    }
}

void check_broker_limits(const ConfigView& view, Problems& out) {
    constexpr std::int64_t kMiB = 1'048'576;
    const std::int64_t cleaners = view.integer("log.cleaner.threads");
    if (cleaners == 0 || view.integer("log.cleaner.dedupe.buffer.size") / cleaners <= kMiB) {
        out.push_back(contradiction(
            first_set(view, {"log.cleaner.dedupe.buffer.size", "log.cleaner.threads"}),
            "log.cleaner.threads",
            "\"log.cleaner.dedupe.buffer.size\" must exceed 1048576 for each of "
            "\"log.cleaner.threads\" (at least one)"));
    }
    const std::int64_t queued = view.integer("queued.max.request.bytes");
    const std::int64_t request = view.integer("socket.request.max.bytes");
    if (queued > 0 && queued < request) {
        out.push_back(
            contradiction("queued.max.request.bytes", "socket.request.max.bytes",
                          fmt::format("\"queued.max.request.bytes\" ({}) must be at least "
                                      "\"socket.request.max.bytes\" ({}), or not positive",
                                      queued, request)));
    }
    if (view.integer("max.connections.per.ip") == 0 &&
        view.list("max.connections.per.ip.overrides").empty()) {
        out.push_back(contradiction("max.connections.per.ip", "max.connections.per.ip.overrides",
                                    "\"max.connections.per.ip\" can be 0 only if "
                                    "\"max.connections.per.ip.overrides\" is set"));
    }
    const std::int64_t idle = view.integer("connections.max.idle.ms");
    const std::int64_t delay = view.integer("connection.failed.authentication.delay.ms");
    if (idle >= 0 && delay >= idle) {
        out.push_back(contradiction(
            first_set(view,
                      {"connection.failed.authentication.delay.ms", "connections.max.idle.ms"}),
            "connections.max.idle.ms",
            fmt::format("\"connection.failed.authentication.delay.ms\" ({}) must be less than "
                        "\"connections.max.idle.ms\" ({})",
                        delay, idle)));
    }
}

// A run keeps all its files in its own directory.
void check_log_dirs(const ConfigView& view, Problems& out) {
    if (!view.is_set("log.dirs")) {
        return;
    }
    const auto dirs = view.list("log.dirs");
    const auto leaves = [](std::string_view dir) {
        return dir.empty() || dir.starts_with('/') || dir == ".." || dir.starts_with("../") ||
               dir.ends_with("/..") || dir.find("/../") != std::string_view::npos;
    };
    if (dirs.empty() || std::any_of(dirs.begin(), dirs.end(), leaves)) {
        out.push_back(illegal("log.dirs",
                              "\"log.dirs\" must name relative paths without \"..\", inside of "
                              "the run's directory",
                              "a relative path such as data"));
        return;
    }
    for (auto dir = dirs.begin(); dir != dirs.end(); ++dir) {
        if (std::find(dirs.begin(), dir, *dir) != dir) {
            out.push_back(illegal("log.dirs", fmt::format("\"log.dirs\" names {} twice", *dir),
                                  "different directories"));
        }
    }
}

void check_compression(const ConfigView& view, std::string_view built, Problems& out) {
    const auto value = *view.text("compression.type");
    if (value == "none" || value == "producer" || value == "uncompressed") {
        return;
    }
    out.push_back(not_built("compression.type", value, std::string(built)));
}

void check_broker(const ConfigView& view, Problems& out) {
    check_orders(view, kBrokerOrders, out);
    check_broker_times(view, out);
    check_broker_limits(view, out);
    check_log_dirs(view, out);
    check_compression(view, "producer, uncompressed", out);
    if (view.integer("offsets.commit.required.acks") < -1) {
        out.push_back(illegal("offsets.commit.required.acks",
                              "\"offsets.commit.required.acks\" must be at least -1",
                              "a 16-bit integer, at least -1"));
    }
}

void check_topic(const ConfigView& view, Problems& out) {
    check_orders(view, kTopicOrders, out);
    check_compression(view, "producer, uncompressed", out);
    if (view.boolean("remote.storage.enable")) {
        out.push_back(not_built("remote.storage.enable", "true", "false"));
    }
}

// ProducerConfig refuses what was asked for in so many words; a default that other settings rule
// out it drops silently, as resolve_producer_config() does.
void check_idempotence(const ConfigView& view, Problems& out) {
    if (!view.is_set("enable.idempotence") || !view.boolean("enable.idempotence")) {
        return;
    }
    const auto blame = [&](std::string_view name, std::string message) {
        out.push_back(contradiction(name, "enable.idempotence", std::move(message)));
    };
    if (view.integer("retries") == 0) {
        blame("retries", "\"retries\" must not be 0 with \"enable.idempotence\" = true");
    }
    if (const auto acks = *view.text("acks"); acks != "all" && acks != "-1") {
        blame("acks",
              fmt::format("\"acks\" must be all with \"enable.idempotence\" = true, got {}", acks));
    }
    if (const auto flights = view.integer("max.in.flight.requests.per.connection"); flights > 5) {
        blame("max.in.flight.requests.per.connection",
              fmt::format("\"max.in.flight.requests.per.connection\" must be at most 5 with "
                          "\"enable.idempotence\" = true, got {}",
                          flights));
    }
}

// Can there be such a class? One of somebody else's has a package; a bare name must be Kafka's.
template <std::size_t N>
bool can_be_class(std::string_view name, const std::string_view (&known)[N]) {
    const std::string_view simple = name.substr(name.find_last_of(". ") + 1);
    const bool kafka = name.find('.') == std::string_view::npos ||
                       name.find("org.apache.kafka.") != std::string_view::npos;
    return !kafka || std::find(std::begin(known), std::end(known), simple) != std::end(known);
}

ConfigProblem no_class(std::string_view name, std::string_view value, std::string expected) {
    return illegal(name, fmt::format("\"{}\": Kafka has no class \"{}\"", name, value),
                   std::move(expected));
}

void check_serializers(const ConfigView& view, Problems& out) {
    constexpr std::string_view kExpected = "StringSerializer, LongSerializer or JsonSerializer";
    constexpr std::string_view kKnown[] = {
        "BooleanSerializer", "ByteArraySerializer", "ByteBufferSerializer", "BytesSerializer",
        "DoubleSerializer",  "FloatSerializer",     "IntegerSerializer",    "JsonSerializer",
        "ListSerializer",    "LongSerializer",      "ShortSerializer",      "StringSerializer",
        "UUIDSerializer",    "VoidSerializer"};
    for (const std::string_view name : {"key.serializer", "value.serializer"}) {
        const auto value = view.text(name);
        if (!value || serializer_named(*value)) {
            continue;
        }
        out.push_back(can_be_class(*value, kKnown)
                          ? not_built(name, *value, std::string(kExpected))
                          : no_class(name, *value, std::string(kExpected)));
    }
}

void check_producer(const ConfigView& view, Problems& out) {
    check_idempotence(view, out);
    check_serializers(view, out);
    const std::int64_t linger = std::min<std::int64_t>(view.integer("linger.ms"), INT32_MAX);
    const std::int64_t least =
        std::min<std::int64_t>(linger + view.integer("request.timeout.ms"), INT32_MAX);
    const std::int64_t delivery = view.integer("delivery.timeout.ms");
    if (view.is_set("delivery.timeout.ms") && delivery < least) {
        out.push_back(contradiction(
            "delivery.timeout.ms", "request.timeout.ms",
            fmt::format("\"delivery.timeout.ms\" ({}) must be at least \"linger.ms\" + "
                        "\"request.timeout.ms\" ({})",
                        delivery, least)));
    }
    check_compression(view, "none", out);
    for (const std::string_view name :
         {"transactional.id", "partitioner.class", "interceptor.classes"}) {
        if (const auto value = view.text(name); value && !value->empty()) {
            out.push_back(not_built(name, *value, {}));
        }
    }
}

// The assignors that Kafka brings along, by the names of their classes.
void check_assignors(const ConfigView& view, Problems& out) {
    constexpr std::string_view kName = "partition.assignment.strategy";
    constexpr std::string_view kKnown[] = {"RangeAssignor", "RoundRobinAssignor", "StickyAssignor",
                                           "CooperativeStickyAssignor"};
    const std::vector<std::string_view> classes = view.list(kName);
    if (classes.empty())
        out.push_back(illegal(kName, fmt::format("\"{}\" must name an assignor", kName), {}));
    std::vector<std::string_view> seen;
    for (const std::string_view name : classes) {
        const std::string_view simple = name.substr(name.find_last_of(". ") + 1);
        if (std::find(std::begin(kKnown), std::end(kKnown), simple) == std::end(kKnown)) {
            std::string expected = fmt::format("one of: {}", fmt::join(kKnown, ", "));
            out.push_back(can_be_class(name, kKnown) ? not_built(kName, name, std::move(expected))
                                                     : no_class(kName, name, std::move(expected)));
        } else if (std::find(seen.begin(), seen.end(), simple) != seen.end()) {
            out.push_back(illegal(kName, fmt::format("\"{}\" names {} twice", kName, simple), {}));
        }
        seen.push_back(simple);
    }
}

void check_consumer(const ConfigView& view, Problems& out) {
    check_assignors(view, out);
    const std::int64_t heartbeat = view.integer("heartbeat.interval.ms");
    const std::int64_t session = view.integer("session.timeout.ms");
    if (heartbeat >= session) {
        const bool blame_heartbeat = view.is_set("heartbeat.interval.ms");
        out.push_back(
            contradiction(blame_heartbeat ? "heartbeat.interval.ms" : "session.timeout.ms",
                          blame_heartbeat ? "session.timeout.ms" : "heartbeat.interval.ms",
                          fmt::format("\"heartbeat.interval.ms\" ({}) must be lower than "
                                      "\"session.timeout.ms\" ({})",
                                      heartbeat, session)));
    }
    const std::string_view protocol = *view.text("group.protocol");
    if (protocol.size() == std::string_view("consumer").size())
        out.push_back(not_built("group.protocol", protocol, "classic"));
}

}  // namespace

std::vector<ConfigProblem> check_config(ConfigKind kind, const ConfigMap& values) {
    Problems problems;
    ConfigMap legal;
    for (const auto& [name, value] : values) {
        const ConfigDef* def = find_config(kind, name);
        if (def == nullptr) {
            problems.push_back({Kind::UnknownName,
                                name,
                                {},
                                fmt::format("Kafka 3.9 has no setting \"{}\" here", name),
                                {}});
        } else if (auto problem = check_config_value(*def, value)) {
            problems.push_back(std::move(*problem));
        } else {
            legal.emplace(name, value);
        }
    }
    // A rule over several settings is judged without the illegal ones, which have their own error.
    const ConfigView view(kind, legal);
    Problems tied;
    if (kind == ConfigKind::Broker) {
        check_broker(view, tied);
    }
    if (kind == ConfigKind::Topic) {
        check_topic(view, tied);
    }
    if (kind == ConfigKind::Producer) {
        check_producer(view, tied);
    }
    if (kind == ConfigKind::Consumer) {
        check_consumer(view, tied);
    }
    for (ConfigProblem& problem : tied) {
        // Against the default of an illegal setting nothing can be said.
        const auto broken = [&](const std::string& name) {
            return values.contains(name) && !legal.contains(name);
        };
        if (!broken(problem.name) && !broken(problem.other_name)) {
            problems.push_back(std::move(problem));
        }
    }
    std::stable_sort(
        problems.begin(), problems.end(),
        [](const ConfigProblem& a, const ConfigProblem& b) { return a.name < b.name; });
    return problems;
}

}  // namespace bsim
