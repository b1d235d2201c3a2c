#pragma once
// The settings of one log, filled from Kafka's topic and broker configs (their names beside the
// fields). Sizes are bytes, spans milliseconds. Defaults are Kafka 3.9's.

#include <cstdint>
#include <limits>
#include <optional>

#include "sim/wire/record_batch.h"

namespace bsim {

struct LogConfig {
    std::int32_t segment_bytes = 1 << 30;                  // segment.bytes
    std::int64_t segment_ms = 604'800'000;                 // segment.ms
    std::int64_t roll_jitter_ms = 0;                       // drawn below segment.jitter.ms
    std::int32_t index_interval_bytes = 4096;              // index.interval.bytes
    std::int32_t index_size_max_bytes = 10 * 1024 * 1024;  // segment.index.bytes
    std::int32_t max_message_bytes = 1'048'588;            // max.message.bytes
    // message.timestamp.type
    wire::TimestampType message_timestamp_type = wire::TimestampType::CreateTime;
    // message.timestamp.before.max.ms, message.timestamp.after.max.ms
    std::int64_t timestamp_before_max_ms = std::numeric_limits<std::int64_t>::max();
    std::int64_t timestamp_after_max_ms = std::numeric_limits<std::int64_t>::max();
    bool compact = false;                                 // "compact" in cleanup.policy
    bool delete_old = true;                               // "delete" in cleanup.policy
    std::optional<std::int64_t> retention_ms;             // retention.ms; none: no limit
    std::optional<std::int64_t> retention_bytes;          // retention.bytes; none: no limit
    std::int64_t producer_id_expiration_ms = 86'400'000;  // producer.id.expiration.ms

    bool operator==(const LogConfig&) const = default;
};

}  // namespace bsim
