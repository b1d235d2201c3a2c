// Kafka 3.9.1: the settings of a topic. Ascending by name.

#include "sim/model/config_table.h"

namespace bsim {
namespace {

using namespace config_rows;

// clang-format off
constexpr ConfigDef kRows[] = {
    {"cleanup.policy", T::List, "delete", list_of("compact, delete"), NoEffect},
    {"compression.gzip.level", T::Int, "-1", range_or_minus_one("1", "9"), NoEffect},
    {"compression.lz4.level", T::Int, "9", range("1", "17"), NoEffect},
    {"compression.type", T::String, "producer",
     one_of("uncompressed, zstd, lz4, snappy, gzip, producer"), NoEffect},
    {"compression.zstd.level", T::Int, "3", range("-131072", "22"), NoEffect},
    {"delete.retention.ms", T::Long, "86400000", range("0", ""), NoEffect},
    {"file.delete.delay.ms", T::Long, "60000", range("0", ""), Acts},
    {"flush.messages", T::Long, "9223372036854775807", range("1", ""), NoEffect},
    {"flush.ms", T::Long, "9223372036854775807", range("0", ""), NoEffect},
    {"follower.replication.throttled.replicas", T::List, "", throttled_replicas(), NoEffect},
    {"index.interval.bytes", T::Int, "4096", range("0", ""), Acts},
    {"leader.replication.throttled.replicas", T::List, "", throttled_replicas(), NoEffect},
    {"local.retention.bytes", T::Long, "-2", range("-2", ""), NoEffect},
    {"local.retention.ms", T::Long, "-2", range("-2", ""), NoEffect},
    {"max.compaction.lag.ms", T::Long, "9223372036854775807", range("1", ""), NoEffect},
    {"max.message.bytes", T::Int, "1048588", range("0", ""), Acts},
    {"message.downconversion.enable", T::Boolean, "true", any(), NoEffect},
    {"message.format.version", T::String, "3.0-IV1", metadata_version(), NoEffect},
    {"message.timestamp.after.max.ms", T::Long, "9223372036854775807", range("0", ""), Acts},
    {"message.timestamp.before.max.ms", T::Long, "9223372036854775807", range("0", ""), Acts},
    {"message.timestamp.difference.max.ms", T::Long, "9223372036854775807", range("0", ""), Acts},
    {"message.timestamp.type", T::String, "CreateTime", one_of("CreateTime, LogAppendTime"), Acts},
    {"min.cleanable.dirty.ratio", T::Double, "0.5", range("0", "1"), NoEffect},
    {"min.compaction.lag.ms", T::Long, "0", range("0", ""), NoEffect},
    {"min.insync.replicas", T::Int, "1", range("1", ""), Acts},
    {"preallocate", T::Boolean, "false", any(), NoEffect},
    {"remote.log.copy.disable", T::Boolean, "false", any(), NoEffect},
    {"remote.log.delete.on.disable", T::Boolean, "false", any(), NoEffect},
    {"remote.storage.enable", T::Boolean, "false", any(), NoEffect},
    {"retention.bytes", T::Long, "-1", any(), Acts},
    {"retention.ms", T::Long, "604800000", range("-1", ""), Acts},
    {"segment.bytes", T::Int, "1073741824", range("14", ""), Acts},
    {"segment.index.bytes", T::Int, "10485760", range("4", ""), Acts},
    {"segment.jitter.ms", T::Long, "0", range("0", ""), NoEffect},
    {"segment.ms", T::Long, "604800000", range("1", ""), Acts},
    {"unclean.leader.election.enable", T::Boolean, "false", any(), Acts},
};
// clang-format on

}  // namespace

std::span<const ConfigDef> config_rows::topic_rows() {
    return kRows;
}

}  // namespace bsim
