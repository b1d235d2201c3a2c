#pragma once
// Kafka's settings as the simulator reads them. A field is named like Kafka's setting with `_` for
// `.`; a setting that spans simulated time is a SimDuration and drops its unit from the name, one
// that is compared with record timestamps keeps Kafka's milliseconds and its `_ms`. A default-made
// struct holds Kafka 3.9's defaults.
//
// The resolve functions require values that check_config() accepts (checked: a wrong one is our
// bug). A span beyond kLongestSpan is kept as kLongestSpan, so that adding it to a time of the run
// cannot overflow.
//
// Source: KafkaConfig, LogConfig, ProducerConfig, ConsumerConfig, ServerTopicConfigSynonyms;
// facts/defaults.md.

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/config_def.h"

namespace bsim {

inline constexpr SimDuration kLongestSpan = seconds(std::int64_t{100} * 365 * 24 * 3600);

enum class MessageTimestampType : std::uint8_t { CreateTime, LogAppendTime };

// The settings of one topic, resolved over the defaults of the node that asks.
struct TopicConfig {
    std::int32_t segment_bytes = 1'073'741'824;
    std::int64_t segment_ms = 604'800'000;
    std::int64_t segment_jitter_ms = 0;
    std::int32_t segment_index_bytes = 10'485'760;
    std::int32_t index_interval_bytes = 4096;
    std::int32_t max_message_bytes = 1'048'588;
    std::int32_t min_insync_replicas = 1;
    bool unclean_leader_election_enable = false;
    bool preallocate = false;
    MessageTimestampType message_timestamp_type = MessageTimestampType::CreateTime;
    std::int64_t message_timestamp_before_max_ms = std::numeric_limits<std::int64_t>::max();
    std::int64_t message_timestamp_after_max_ms = std::numeric_limits<std::int64_t>::max();
    std::int64_t flush_messages = std::numeric_limits<std::int64_t>::max();
    std::int64_t flush_ms = std::numeric_limits<std::int64_t>::max();
    std::optional<std::int64_t> retention_bytes;             // none: no limit
    std::optional<std::int64_t> retention_ms = 604'800'000;  // none: no limit
    std::int64_t file_delete_delay_ms = 60'000;
    bool cleanup_delete = true;
    bool cleanup_compact = false;

    bool operator==(const TopicConfig&) const = default;
};

// The settings of one node, broker or controller (Kafka has one class for both).
struct BrokerConfig {
    // Membership.
    SimDuration broker_heartbeat_interval = milliseconds(2000);
    SimDuration broker_session_timeout = milliseconds(9000);
    SimDuration initial_broker_registration_timeout = milliseconds(60'000);

    // Replication.
    std::int32_t num_replica_fetchers = 1;
    SimDuration replica_lag_time_max = milliseconds(30'000);
    SimDuration replica_fetch_wait_max = milliseconds(500);
    std::int32_t replica_fetch_min_bytes = 1;
    std::int32_t replica_fetch_max_bytes = 1'048'576;
    std::int32_t replica_fetch_response_max_bytes = 10'485'760;
    SimDuration replica_fetch_backoff = milliseconds(1000);
    SimDuration replica_socket_timeout = milliseconds(30'000);
    SimDuration replica_high_watermark_checkpoint_interval = milliseconds(5000);

    // Leadership and topics (read by the controller).
    bool auto_leader_rebalance_enable = true;
    SimDuration leader_imbalance_check_interval = seconds(300);
    std::int32_t leader_imbalance_per_broker_percentage = 10;
    SimDuration unclean_leader_election_interval = milliseconds(300'000);
    std::int32_t default_replication_factor = 1;
    std::int32_t num_partitions = 1;
    bool auto_create_topics_enable = true;
    bool delete_topic_enable = true;

    // The metadata quorum.
    SimDuration controller_quorum_election_timeout = milliseconds(1000);
    SimDuration controller_quorum_fetch_timeout = milliseconds(2000);
    SimDuration controller_quorum_election_backoff_max = milliseconds(1000);
    SimDuration controller_quorum_append_linger = milliseconds(25);
    SimDuration controller_quorum_request_timeout = milliseconds(2000);
    SimDuration controller_quorum_retry_backoff = milliseconds(20);
    SimDuration metadata_max_idle_interval = milliseconds(500);  // zero: no NoOp records
    std::int32_t metadata_log_segment_bytes = 1'073'741'824;
    std::int64_t metadata_log_segment_ms = 604'800'000;
    std::int64_t metadata_log_max_record_bytes_between_snapshots = 20'971'520;
    SimDuration metadata_log_max_snapshot_interval = milliseconds(3'600'000);  // zero: none by time
    // Absent: no limit (a negative value; Kafka's documentation says -1).
    std::optional<std::int64_t> metadata_max_retention_bytes = 104'857'600;
    std::optional<SimDuration> metadata_max_retention = milliseconds(604'800'000);

    // Controlled shutdown.
    bool controlled_shutdown_enable = true;
    std::int32_t controlled_shutdown_max_retries = 3;
    SimDuration controlled_shutdown_retry_backoff = milliseconds(5000);

    // Requests and connections.
    std::int32_t num_network_threads = 3;
    std::int32_t num_io_threads = 8;
    std::int32_t queued_max_requests = 500;
    std::optional<std::int64_t> queued_max_request_bytes;  // none: no limit
    std::int32_t socket_request_max_bytes = 104'857'600;
    std::int32_t fetch_max_bytes = 57'671'680;
    SimDuration request_timeout = milliseconds(30'000);
    SimDuration controller_socket_timeout = milliseconds(30'000);
    SimDuration connections_max_idle = milliseconds(600'000);
    SimDuration socket_connection_setup_timeout = milliseconds(10'000);
    SimDuration socket_connection_setup_timeout_max = milliseconds(30'000);

    // Groups and their offsets; the topic's settings hold when a broker makes it.
    std::int32_t group_min_session_timeout_ms = 6'000;
    std::int32_t group_max_session_timeout_ms = 1'800'000;
    std::int32_t group_initial_rebalance_delay_ms = 3'000;
    std::int32_t group_max_size = std::numeric_limits<std::int32_t>::max();
    std::int32_t offset_metadata_max_bytes = 4'096;
    std::int16_t offsets_commit_required_acks = -1;
    std::int32_t offsets_commit_timeout_ms = 5'000;
    std::int32_t offsets_load_buffer_size = 5'242'880;
    std::int64_t offsets_retention_check_interval_ms = 600'000;
    std::int32_t offsets_retention_minutes = 10'080;
    std::int32_t offsets_topic_num_partitions = 50;
    std::int16_t offsets_topic_replication_factor = 3;
    std::int32_t offsets_topic_segment_bytes = 104'857'600;

    // Logs. `log` holds what a topic without settings of its own gets on this node.
    TopicConfig log;
    SimDuration log_flush_scheduler_interval = kLongestSpan;
    SimDuration log_flush_offset_checkpoint_interval = milliseconds(60'000);
    SimDuration log_flush_start_offset_checkpoint_interval = milliseconds(60'000);
    SimDuration log_retention_check_interval = milliseconds(300'000);
    SimDuration log_initial_task_delay = milliseconds(30'000);
    std::int32_t log_dirs = 0;  // how many log.dirs names; 0: it is not set
    SimDuration log_dir_failure_timeout = milliseconds(30'000);
    std::int32_t num_recovery_threads_per_data_dir = 1;

    bool operator==(const BrokerConfig&) const = default;
};

enum class Acks : std::int16_t { None = 0, Leader = 1, All = -1 };  // the number on the wire

// StringSerializer and LongSerializer of org.apache.kafka.common.serialization, JsonSerializer of
// org.apache.kafka.connect.json.
enum class Serializer : std::uint8_t { String, Long, Json };
// By the name of its class, with or without the package; nullopt if it is none of these.
std::optional<Serializer> serializer_named(std::string_view class_name);

struct ProducerConfig {
    Serializer key_serializer = Serializer::String;
    Serializer value_serializer = Serializer::String;
    Acks acks = Acks::All;
    bool enable_idempotence = true;
    std::int32_t retries = std::numeric_limits<std::int32_t>::max();
    std::int32_t max_in_flight_requests_per_connection = 5;
    std::int32_t batch_size = 16'384;
    SimDuration linger;
    std::int64_t buffer_memory = 33'554'432;
    SimDuration max_block = milliseconds(60'000);
    std::int32_t max_request_size = 1'048'576;
    SimDuration delivery_timeout = milliseconds(120'000);
    SimDuration request_timeout = milliseconds(30'000);
    SimDuration retry_backoff = milliseconds(100);
    SimDuration retry_backoff_max = milliseconds(1000);
    SimDuration reconnect_backoff = milliseconds(50);
    SimDuration reconnect_backoff_max = milliseconds(1000);
    SimDuration metadata_max_age = milliseconds(300'000);
    SimDuration metadata_max_idle = milliseconds(300'000);
    bool partitioner_adaptive_partitioning_enable = true;
    SimDuration partitioner_availability_timeout;  // zero: off
    bool partitioner_ignore_keys = false;
    SimDuration connections_max_idle = milliseconds(540'000);
    SimDuration socket_connection_setup_timeout = milliseconds(10'000);
    SimDuration socket_connection_setup_timeout_max = milliseconds(30'000);
    std::optional<std::string> client_id;  // none: the client library makes one up

    bool operator==(const ProducerConfig&) const = default;
};

enum class AutoOffsetReset : std::uint8_t { Latest, Earliest, None };

struct ConsumerConfig {
    AutoOffsetReset auto_offset_reset = AutoOffsetReset::Latest;
    bool read_committed = false;  // isolation.level
    std::int32_t fetch_min_bytes = 1;
    SimDuration fetch_max_wait = milliseconds(500);
    std::int32_t fetch_max_bytes = 52'428'800;
    std::int32_t max_partition_fetch_bytes = 1'048'576;
    std::int32_t max_poll_records = 500;
    bool check_crcs = true;
    SimDuration request_timeout = milliseconds(30'000);
    SimDuration retry_backoff = milliseconds(100);
    SimDuration retry_backoff_max = milliseconds(1000);
    SimDuration reconnect_backoff = milliseconds(50);
    SimDuration reconnect_backoff_max = milliseconds(1000);
    SimDuration metadata_max_age = milliseconds(300'000);
    SimDuration connections_max_idle = milliseconds(540'000);
    SimDuration socket_connection_setup_timeout = milliseconds(10'000);
    SimDuration socket_connection_setup_timeout_max = milliseconds(30'000);
    std::optional<std::string> client_id;  // none: the client library makes one up
    bool allow_auto_create_topics = true;
    // As a member of a group.
    SimDuration session_timeout = milliseconds(45'000);
    SimDuration heartbeat_interval = milliseconds(3'000);
    SimDuration max_poll_interval = milliseconds(300'000);
    SimDuration default_api_timeout = milliseconds(60'000);
    bool enable_auto_commit = true;
    SimDuration auto_commit_interval = milliseconds(5'000);
    // Simple names of Kafka's classes, as RangeAssignor.
    std::vector<std::string> partition_assignment_strategy = {"RangeAssignor",
                                                              "CooperativeStickyAssignor"};
    std::optional<std::string> group_instance_id;
    std::optional<std::string> client_rack;  // not empty

    bool operator==(const ConsumerConfig&) const = default;
};

BrokerConfig resolve_broker_config(const ConfigMap& values);
// A topic's own values over what a node holds for topics without any.
TopicConfig resolve_topic_config(const TopicConfig& node_defaults, const ConfigMap& values);
// Applies what ProducerConfig and KafkaProducer change at construction: idempotence is dropped when
// other settings rule it out, delivery.timeout.ms is raised to linger.ms + request.timeout.ms, a
// lone reconnect.backoff.ms is its own maximum.
ProducerConfig resolve_producer_config(const ConfigMap& values);
// A lone reconnect.backoff.ms is its own maximum here, too.
ConsumerConfig resolve_consumer_config(const ConfigMap& values);

}  // namespace bsim
