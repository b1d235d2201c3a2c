// Kafka 3.9.1: the producer's settings, without security. Ascending by name.

#include "sim/model/config_table.h"

namespace bsim {
namespace {

using namespace config_rows;

// clang-format off
constexpr ConfigDef kRows[] = {
    {"acks", T::String, "all", one_of("all, -1, 0, 1"), Acts},
    {"auto.include.jmx.reporter", T::Boolean, "true", any(), NoEffect},
    {"batch.size", T::Int, "16384", range("0", ""), Acts},
    {"bootstrap.servers", T::List, "", any(), Derived},
    {"buffer.memory", T::Long, "33554432", range("0", ""), Acts},
    {"client.dns.lookup", T::String, "use_all_dns_ips",
     one_of("use_all_dns_ips, resolve_canonical_bootstrap_servers_only"), NoEffect},
    {"client.id", T::String, "", any(), Acts},
    {"compression.gzip.level", T::Int, "-1", range_or_minus_one("1", "9"), NoEffect},
    {"compression.lz4.level", T::Int, "9", range("1", "17"), NoEffect},
    {"compression.type", T::String, "none", one_of("none, gzip, snappy, lz4, zstd"), Acts},
    {"compression.zstd.level", T::Int, "3", range("-131072", "22"), NoEffect},
    {"connections.max.idle.ms", T::Long, "540000", any(), Acts},
    {"delivery.timeout.ms", T::Int, "120000", range("0", ""), Acts},
    {"enable.idempotence", T::Boolean, "true", any(), Acts},
    {"enable.metrics.push", T::Boolean, "true", any(), NoEffect},
    {"interceptor.classes", T::List, "", any(), NoEffect},
    {"key.serializer", T::Class, kNone, any(), Acts},
    {"linger.ms", T::Long, "0", range("0", ""), Acts},
    {"max.block.ms", T::Long, "60000", range("0", ""), Acts},
    {"max.in.flight.requests.per.connection", T::Int, "5", range("1", ""), Acts},
    {"max.request.size", T::Int, "1048576", range("0", ""), Acts},
    {"metadata.max.age.ms", T::Long, "300000", range("0", ""), Acts},
    {"metadata.max.idle.ms", T::Long, "300000", range("5000", ""), Acts},
    {"metadata.recovery.strategy", T::String, "none", no_case("REBOOTSTRAP, NONE"), NoEffect},
    {"metric.reporters", T::List, "", any(), NoEffect},
    {"metrics.num.samples", T::Int, "2", range("1", ""), NoEffect},
    {"metrics.recording.level", T::String, "INFO", one_of("INFO, DEBUG, TRACE"), NoEffect},
    {"metrics.sample.window.ms", T::Long, "30000", range("0", ""), NoEffect},
    {"partitioner.adaptive.partitioning.enable", T::Boolean, "true", any(), Acts},
    {"partitioner.availability.timeout.ms", T::Long, "0", range("0", ""), Acts},
    {"partitioner.class", T::Class, kNone, any(), NoEffect},
    {"partitioner.ignore.keys", T::Boolean, "false", any(), Acts},
    {"receive.buffer.bytes", T::Int, "32768", range("-1", ""), NoEffect},
    {"reconnect.backoff.max.ms", T::Long, "1000", range("0", ""), Acts},
    {"reconnect.backoff.ms", T::Long, "50", range("0", ""), Acts},
    {"request.timeout.ms", T::Int, "30000", range("0", ""), Acts},
    {"retries", T::Int, "2147483647", range("0", "2147483647"), Acts},
    {"retry.backoff.max.ms", T::Long, "1000", range("0", ""), Acts},
    {"retry.backoff.ms", T::Long, "100", range("0", ""), Acts},
    {"send.buffer.bytes", T::Int, "131072", range("-1", ""), NoEffect},
    {"socket.connection.setup.timeout.max.ms", T::Long, "30000", any(), Acts},
    {"socket.connection.setup.timeout.ms", T::Long, "10000", any(), Acts},
    {"transaction.timeout.ms", T::Int, "60000", any(), NoEffect},
    {"transactional.id", T::String, kNone, non_empty(), NoEffect},
    {"value.serializer", T::Class, kNone, any(), Acts},
};
// clang-format on

}  // namespace

std::span<const ConfigDef> config_rows::producer_rows() {
    return kRows;
}

}  // namespace bsim
