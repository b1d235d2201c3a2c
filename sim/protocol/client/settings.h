#pragma once
// What a client is configured with. Fields bear the names of Kafka's keys; times are durations
// whatever the key's unit. The values given here are Kafka 3.9's defaults. Whoever fills them in
// has validated them (ranges, delivery.timeout.ms >= linger.ms + request.timeout.ms, idempotence
// only with acks=all, retries > 0 and at most five requests in flight).
// Source: CommonClientConfigs, ProducerConfig, ConsumerConfig.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/protocol/client/client_ids.h"
#include "sim/protocol/rules/assignors/assignor.h"

namespace bsim::client {

struct ClientSettings {
    std::string client_id;
    std::vector<Endpoint> bootstrap_servers;  // at least one

    SimDuration request_timeout_ms = seconds(30);
    SimDuration retry_backoff_ms = milliseconds(100);
    SimDuration retry_backoff_max_ms = seconds(1);
    SimDuration reconnect_backoff_ms = milliseconds(50);
    SimDuration reconnect_backoff_max_ms = seconds(1);
    SimDuration socket_connection_setup_timeout_ms = seconds(10);
    SimDuration socket_connection_setup_timeout_max_ms = seconds(30);
    SimDuration connections_max_idle_ms = seconds(540);
    SimDuration metadata_max_age_ms = seconds(300);
    SimDuration metadata_max_idle_ms = seconds(300);
    int max_in_flight_requests_per_connection = 5;
    bool allow_auto_create_topics = true;  // a producer always asks for it
};

enum class Acks : std::int16_t { All = -1, None = 0, Leader = 1 };

struct ProducerSettings : ClientSettings {
    Acks acks = Acks::All;
    bool enable_idempotence = true;
    std::int32_t retries = std::numeric_limits<std::int32_t>::max();
    std::int32_t batch_size = 16384;  // bytes; 0 means a batch for each record
    SimDuration linger_ms{};
    std::int64_t buffer_memory = 33554432;  // bytes
    SimDuration max_block_ms = seconds(60);
    std::int32_t max_request_size = 1048576;  // bytes
    SimDuration delivery_timeout_ms = seconds(120);
    bool partitioner_adaptive_partitioning_enable = true;
    SimDuration partitioner_availability_timeout_ms{};  // zero: never leave a partition out
    bool partitioner_ignore_keys = false;
};

// What a consumer is configured with as a member of a group (group.protocol=classic).
// Requires heartbeat_interval_ms < session_timeout_ms, at least one assignor, and that all
// assignors have a rebalance protocol in common. Source: GroupRebalanceConfig, ConsumerConfig.
struct GroupSettings {
    std::string group_id;
    std::optional<std::string> group_instance_id;  // a static member's (KIP-345)
    std::vector<group::AssignorKind> partition_assignment_strategy = {
        group::AssignorKind::Range, group::AssignorKind::CooperativeSticky};
    SimDuration session_timeout_ms = seconds(45);
    SimDuration heartbeat_interval_ms = seconds(3);
    SimDuration max_poll_interval_ms = seconds(300);  // the rebalance timeout, too
    bool enable_auto_commit = true;
    SimDuration auto_commit_interval_ms = seconds(5);
    SimDuration default_api_timeout_ms = seconds(60);  // of commitSync()
    std::optional<std::string> client_rack;            // not empty
};

enum class OffsetReset { Latest, Earliest, None };
enum class IsolationLevel : std::int8_t { ReadUncommitted = 0, ReadCommitted = 1 };

struct ConsumerSettings : ClientSettings {
    // What KafkaConsumer fixes: as good as no limit of requests in flight, and topics that are
    // assigned are never forgotten.
    ConsumerSettings() {
        max_in_flight_requests_per_connection = 100;
        metadata_max_idle_ms = seconds(std::int64_t{100} * 365 * 24 * 3600);
    }

    OffsetReset auto_offset_reset = OffsetReset::Latest;
    IsolationLevel isolation_level = IsolationLevel::ReadUncommitted;
    std::int32_t fetch_min_bytes = 1;
    SimDuration fetch_max_wait_ms = milliseconds(500);
    std::int32_t fetch_max_bytes = 52428800;
    std::int32_t max_partition_fetch_bytes = 1048576;
    std::int32_t max_poll_records = 500;
    bool check_crcs = true;
    // KIP-320: tells brokers the leader epoch that it believes in, and has a position validated
    // when that changes. Off as in clients before 2.1.
    bool truncation_check = true;
    std::optional<GroupSettings> group;  // none: partitions are assigned by the application
};

}  // namespace bsim::client
