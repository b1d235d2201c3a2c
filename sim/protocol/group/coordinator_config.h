#pragma once
// What a group coordinator is configured with, in Kafka's units, and the switches that take a
// safeguard away. A default-made struct is Kafka 3.9 as it comes.
// Source: GroupConfig, OffsetConfig.

#include <cstdint>

namespace bsim::group {

struct CoordinatorConfig {
    std::int32_t min_session_timeout_ms = 6'000;      // group.min.session.timeout.ms
    std::int32_t max_session_timeout_ms = 1'800'000;  // group.max.session.timeout.ms
    std::int32_t initial_rebalance_delay_ms = 3'000;  // group.initial.rebalance.delay.ms
    std::int32_t max_size = INT32_MAX;                // group.max.size
    std::int64_t retention_ms = 604'800'000;          // offsets.retention.minutes
    std::int64_t retention_check_interval_ms = 600'000;
    std::int32_t metadata_max_bytes = 4'096;  // offset.metadata.max.bytes, counted in UTF-16 units
    std::int32_t commit_timeout_ms = 5'000;   // offsets.commit.timeout.ms, for every append
    std::int16_t commit_required_acks = -1;   // offsets.commit.required.acks, for every append

    bool require_member_id = true;     // KIP-394
    bool fence_commits = true;         // by member id, instance id and generation
    bool commits_wait_for_isr = true;  // else the local append makes a commit valid
    bool load_whole_partition = true;  // else only what the last read buffer held (KAFKA-5600)

    bool operator==(const CoordinatorConfig&) const = default;
};

}  // namespace bsim::group
