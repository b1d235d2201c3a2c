#include "sim/scenario/fault_kinds.h"

#include <algorithm>

#include "sim/scenario/fields.h"

namespace bsim {
namespace {

using End = FaultKind::End;

constexpr FaultKind kind(std::string_view name,
                         std::string_view needed,
                         std::string_view optional) {
    FaultKind out;
    out.name = name;
    out.needed = needed;
    out.optional = optional;
    return out;
}
constexpr FaultKind any_of(std::string_view some, FaultKind kind) {
    kind.any_of = some;
    return kind;
}
// One that must be told when to end.
constexpr FaultKind lasting(FaultKind kind) {
    return any_of("for until", kind);
}
constexpr FaultKind passing(FaultKind kind) {
    kind.end = End::Always;
    return kind;
}
constexpr FaultKind repeated(FaultKind kind) {
    kind.repeats = true;
    return kind;
}
constexpr FaultKind choice(std::string_view groups, FaultKind kind) {
    kind.choice = groups;
    return kind;
}
// Strikes links, or all links of a node.
constexpr FaultKind between(FaultKind kind) {
    return choice("target | between | from to", kind);
}
constexpr FaultKind later(FaultKind kind) {
    kind.described = false;
    return kind;
}

// clang-format off
constexpr FaultKind kKinds[] = {
    kind("crash", "target", "mode restart_after until"),
    lasting(kind("pause", "target", "")),
    repeated(lasting(kind("gc-pause", "target", ""))),
    lasting(kind("cpu-slow", "target factor", "")),
    lasting(kind("zombie", "target", "")),
    passing(kind("rolling-restart", "target", "order mode restart_after gate")),
    passing(kind("broker-add", "target", "config")),
    later(passing(kind("broker-remove", "target", ""))),
    passing(kind("wipe", "target", "mode restart_after")),
    lasting(kind("disk-slow", "target latency", "op dir")),
    lasting(kind("disk-stall", "target", "op dir")),
    later(kind("disk-full", "target", "dir for until")),
    later(kind("io-error", "target", "op files for until")),
    later(kind("torn-write", "target", "for until")),
    later(kind("lost-fsync", "target", "for until")),
    later(kind("write-reorder", "target", "for until")),
    later(passing(kind("bit-rot", "target", "files times"))),
    later(passing(kind("misdirected-write", "target", "files times"))),
    later(kind("log-dir-offline", "target", "dir for until")),
    later(passing(kind("stale-disk", "target", "files times"))),
    between(kind("partition", "", "how for until")),
    between(kind("net-slow", "latency", "for until")),
    between(kind("net-loss", "rate", "for until")),
    between(kind("net-duplicate", "rate", "for until")),
    between(kind("net-reorder", "rate", "for until")),
    between(kind("net-corrupt", "rate", "for until")),
    between(kind("net-bandwidth", "rate", "for until")),
    repeated(between(kind("net-flap", "", "for until"))),
    passing(between(kind("net-reset", "", ""))),
    kind("clock-skew", "target by", "for until"),
    kind("clock-drift", "target by", "for until"),
    kind("clock-jump", "target by", "for until"),
    kind("clock-freeze", "target", "for until"),
    passing(choice("target | topic", kind("config-change", "config", ""))),
    passing(kind("topic-create", "topic partitions", "replication config")),
    passing(kind("topic-delete", "topic", "")),
    passing(kind("partitions-add", "topic partitions", "")),
    later(passing(kind("reassign", "topic", "partitions replicas"))),
    passing(kind("elect-preferred", "topic", "partitions")),
    passing(kind("elect-unclean", "topic", "partitions")),
    later(passing(kind("voter-add", "target", ""))),
    later(passing(kind("voter-remove", "target", ""))),
    later(passing(kind("zk-expire", "target", ""))),
    later(passing(kind("zk-migrate", "", "target"))),
    passing(kind("member-churn", "target", "mode restart_after")),
    any_of("factor latency", kind("consumer-slow", "target", "for until")),
    later(kind("producer-zombie", "target", "for until")),
    kind("traffic-burst", "target factor", "for until"),
    kind("hot-key", "target", "factor for until"),
    kind("api-error", "api", "error from to nth count match for until"),
    kind("response-drop", "api", "from to nth count match for until"),
    kind("message-hold", "api", "of from to nth count match for until"),
    kind("message-drop", "api", "of from to nth count match for until"),
    kind("message-delay", "api latency", "of from to nth count match for until"),
};
// clang-format on

}  // namespace

std::span<const FaultKind> all_fault_kinds() {
    return kKinds;
}

const FaultKind* find_fault_kind(std::string_view name) {
    const auto* const at = std::find_if(std::begin(kKinds), std::end(kKinds),
                                        [&](const FaultKind& kind) { return kind.name == name; });
    return at == std::end(kKinds) ? nullptr : at;
}

bool takes(const FaultKind& kind, std::string_view parameter) {
    const std::string_view lists[] = {kind.needed, kind.optional, kind.choice, kind.any_of};
    return parameter != "|" &&
           std::any_of(std::begin(lists), std::end(lists),
                       [&](std::string_view list) { return has_word(list, parameter); });
}

std::vector<std::string_view> choices_of(const FaultKind& kind) {
    constexpr std::string_view kBetween = " | ";
    std::vector<std::string_view> out;
    std::string_view rest = kind.choice;
    while (!rest.empty()) {
        const std::size_t end = std::min(rest.find(kBetween), rest.size());
        out.push_back(rest.substr(0, end));
        rest.remove_prefix(std::min(end + kBetween.size(), rest.size()));
    }
    return out;
}

}  // namespace bsim
