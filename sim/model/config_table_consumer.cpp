// Kafka 3.9.1: the consumer's settings, without security. Ascending by name.

#include "sim/model/config_table.h"

namespace bsim {
namespace {

using namespace config_rows;

// clang-format off
constexpr ConfigDef kRows[] = {
    {"allow.auto.create.topics", T::Boolean, "true", any(), Acts},
    {"auto.commit.interval.ms", T::Int, "5000", range("0", ""), Acts},
    {"auto.include.jmx.reporter", T::Boolean, "true", any(), NoEffect},
    {"auto.offset.reset", T::String, "latest", one_of("latest, earliest, none"), Acts},
    {"bootstrap.servers", T::List, "", any(), Derived},
    {"check.crcs", T::Boolean, "true", any(), Acts},
    {"client.dns.lookup", T::String, "use_all_dns_ips",
     one_of("use_all_dns_ips, resolve_canonical_bootstrap_servers_only"), NoEffect},
    {"client.id", T::String, "", any(), Acts},
    {"client.rack", T::String, "", any(), Acts},
    {"connections.max.idle.ms", T::Long, "540000", any(), Acts},
    {"default.api.timeout.ms", T::Int, "60000", range("0", ""), Acts},
    {"enable.auto.commit", T::Boolean, "true", any(), Acts},
    {"enable.metrics.push", T::Boolean, "true", any(), NoEffect},
    {"exclude.internal.topics", T::Boolean, "true", any(), NoEffect},
    {"fetch.max.bytes", T::Int, "52428800", range("0", ""), Acts},
    {"fetch.max.wait.ms", T::Int, "500", range("0", ""), Acts},
    {"fetch.min.bytes", T::Int, "1", range("0", ""), Acts},
    {"group.id", T::String, kNone, any(), Derived},
    {"group.instance.id", T::String, kNone, non_empty(), Acts},
    {"group.protocol", T::String, "classic", no_case("CONSUMER, CLASSIC"), NoEffect},
    {"group.remote.assignor", T::String, kNone, any(), NoEffect},
    {"heartbeat.interval.ms", T::Int, "3000", any(), Acts},
    {"interceptor.classes", T::List, "", any(), NoEffect},
    {"internal.leave.group.on.close", T::Boolean, "true", any(), NoEffect},
    {"internal.throw.on.fetch.stable.offset.unsupported", T::Boolean, "false", any(), NoEffect},
    {"isolation.level", T::String, "read_uncommitted",
     one_of("read_committed, read_uncommitted"), Acts},
    {"key.deserializer", T::Class, kNone, any(), Derived},
    {"max.partition.fetch.bytes", T::Int, "1048576", range("0", ""), Acts},
    {"max.poll.interval.ms", T::Int, "300000", range("1", ""), Acts},
    {"max.poll.records", T::Int, "500", range("1", ""), Acts},
    {"metadata.max.age.ms", T::Long, "300000", range("0", ""), Acts},
    {"metadata.recovery.strategy", T::String, "none", no_case("REBOOTSTRAP, NONE"), NoEffect},
    {"metric.reporters", T::List, "", any(), NoEffect},
    {"metrics.num.samples", T::Int, "2", range("1", ""), NoEffect},
    {"metrics.recording.level", T::String, "INFO", one_of("INFO, DEBUG, TRACE"), NoEffect},
    {"metrics.sample.window.ms", T::Long, "30000", range("0", ""), NoEffect},
    {"partition.assignment.strategy", T::List,
     "class org.apache.kafka.clients.consumer.RangeAssignor,"
     "class org.apache.kafka.clients.consumer.CooperativeStickyAssignor",
     any(), Acts},
    {"receive.buffer.bytes", T::Int, "65536", range("-1", ""), NoEffect},
    {"reconnect.backoff.max.ms", T::Long, "1000", range("0", ""), Acts},
    {"reconnect.backoff.ms", T::Long, "50", range("0", ""), Acts},
    {"request.timeout.ms", T::Int, "30000", range("0", ""), Acts},
    {"retry.backoff.max.ms", T::Long, "1000", range("0", ""), Acts},
    {"retry.backoff.ms", T::Long, "100", range("0", ""), Acts},
    {"send.buffer.bytes", T::Int, "131072", range("-1", ""), NoEffect},
    {"session.timeout.ms", T::Int, "45000", any(), Acts},
    {"socket.connection.setup.timeout.max.ms", T::Long, "30000", any(), Acts},
    {"socket.connection.setup.timeout.ms", T::Long, "10000", any(), Acts},
    {"value.deserializer", T::Class, kNone, any(), Derived},
};
// clang-format on

}  // namespace

std::span<const ConfigDef> config_rows::consumer_rows() {
    return kRows;
}

}  // namespace bsim
