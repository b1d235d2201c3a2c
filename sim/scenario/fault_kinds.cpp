#include "sim/scenario/fault_kinds.h"

#include <algorithm>

namespace bsim {
namespace {

constexpr FaultKind lasting(std::string_view name, std::string_view parameters) {
    return {name, parameters, true, false, true, false};
}
constexpr FaultKind open_ended(std::string_view name, std::string_view parameters) {
    return {name, parameters, false, false, true, false};
}
constexpr FaultKind repeated(std::string_view name, std::string_view parameters) {
    return {name, parameters, true, true, true, false};
}
constexpr FaultKind passing(std::string_view name, std::string_view parameters) {
    return {name, parameters, false, false, true, true};
}
constexpr FaultKind later(std::string_view name) {
    return {name, {}, false, false, false, false};
}

// clang-format off
constexpr FaultKind kKinds[] = {
    open_ended("crash", "target mode restart_after until"),
    lasting("pause", "target for until"),
    repeated("gc-pause", "target for until"),
    lasting("cpu-slow", "target factor for until"),
    passing("rolling-restart", "target order mode restart_after gate"),
    passing("broker-add", "target config"),
    passing("wipe", "target mode restart_after"),
    lasting("disk-slow", "target latency op dir for until"),
    lasting("disk-stall", "target op dir for until"),
    open_ended("partition", "target from to between how for until"),
    open_ended("net-slow", "target from to between latency for until"),
    open_ended("net-loss", "target from to between rate for until"),
    open_ended("net-duplicate", "target from to between rate for until"),
    open_ended("net-reorder", "target from to between rate for until"),
    open_ended("net-corrupt", "target from to between rate for until"),
    open_ended("net-bandwidth", "target from to between rate for until"),
    repeated("net-flap", "target from to between for until"),
    passing("net-reset", "target from to between"),
    lasting("message-hold", "api of from to nth count match for until"),
    open_ended("message-drop", "api of from to nth count match for until"),
    open_ended("message-delay", "api of from to nth count match latency for until"),
    open_ended("api-error", "api error from to nth count match for until"),
    open_ended("response-drop", "api from to nth count match for until"),
    open_ended("clock-skew", "target by for until"),
    open_ended("clock-drift", "target by for until"),
    open_ended("clock-jump", "target by for until"),
    lasting("clock-freeze", "target for until"),
    passing("member-churn", "target mode restart_after"),
    lasting("consumer-slow", "target factor latency for until"),
    lasting("traffic-burst", "target factor for until"),
    lasting("hot-key", "target factor for until"),
    passing("config-change", "target topic config"),
    passing("topic-create", "topic partitions replication config"),
    passing("topic-delete", "topic"),
    passing("partitions-add", "topic partitions"),
    passing("elect-preferred", "topic partitions"),
    passing("elect-unclean", "topic partitions"),

    later("zombie"), later("broker-remove"), later("disk-full"), later("io-error"),
    later("torn-write"), later("lost-fsync"), later("write-reorder"), later("bit-rot"),
    later("misdirected-write"), later("log-dir-offline"), later("stale-disk"), later("reassign"),
    later("voter-add"), later("voter-remove"), later("zk-expire"), later("zk-migrate"),
    later("producer-zombie"),
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

}  // namespace bsim
