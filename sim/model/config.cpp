#include "sim/model/config.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/model/config_view.h"

namespace bsim {
namespace {

using std::int64_t;

std::optional<int64_t> limit(int64_t value) {
    return value < 0 ? std::nullopt : std::optional(value);
}

MessageTimestampType timestamp_type(std::string_view text) {
    return text == "LogAppendTime" ? MessageTimestampType::LogAppendTime
                                   : MessageTimestampType::CreateTime;
}

// The bounds that replaced message.timestamp.difference.max.ms fall back to it while unset.
int64_t bound_or(int64_t bound, int64_t difference) {
    return bound != std::numeric_limits<int64_t>::max() ? bound : difference;
}

// "class org.apache.kafka.clients.consumer.RangeAssignor" is RangeAssignor.
std::vector<std::string> simple_names(const std::vector<std::string_view>& classes) {
    std::vector<std::string> names;
    for (const std::string_view name : classes)
        names.emplace_back(name.substr(name.find_last_of(". ") + 1));
    return names;
}

bool has_word(const ConfigView& view, std::string_view name, std::string_view word) {
    const auto words = view.list(name);
    return std::find(words.begin(), words.end(), word) != words.end();
}

TopicConfig node_topic_defaults(const ConfigView& view) {
    TopicConfig log;
    log.segment_bytes = view.int32("log.segment.bytes");
    log.segment_ms = roll_ms(view);
    log.segment_jitter_ms = roll_jitter_ms(view);
    log.segment_index_bytes = view.int32("log.index.size.max.bytes");
    log.index_interval_bytes = view.int32("log.index.interval.bytes");
    log.max_message_bytes = view.int32("message.max.bytes");
    log.min_insync_replicas = view.int32("min.insync.replicas");
    log.unclean_leader_election_enable = view.boolean("unclean.leader.election.enable");
    log.preallocate = view.boolean("log.preallocate");
    log.message_timestamp_type = timestamp_type(*view.text("log.message.timestamp.type"));
    const int64_t difference = view.integer("log.message.timestamp.difference.max.ms");
    log.message_timestamp_before_max_ms =
        bound_or(view.integer("log.message.timestamp.before.max.ms"), difference);
    log.message_timestamp_after_max_ms =
        bound_or(view.integer("log.message.timestamp.after.max.ms"), difference);
    log.flush_messages = view.integer("log.flush.interval.messages");
    log.flush_ms = view.maybe_integer("log.flush.interval.ms")
                       .value_or(view.integer("log.flush.scheduler.interval.ms"));
    log.retention_bytes = limit(view.integer("log.retention.bytes"));
    log.retention_ms = limit(retention_ms(view));
    log.file_delete_delay_ms = view.integer("log.segment.delete.delay.ms");
    log.cleanup_delete = has_word(view, "log.cleanup.policy", "delete");
    log.cleanup_compact = has_word(view, "log.cleanup.policy", "compact");
    return log;
}

void resolve_replication(const ConfigView& view, BrokerConfig& out) {
    out.num_replica_fetchers = view.int32("num.replica.fetchers");
    out.replica_lag_time_max = view.span_ms("replica.lag.time.max.ms");
    out.replica_fetch_wait_max = view.span_ms("replica.fetch.wait.max.ms");
    out.replica_fetch_min_bytes = view.int32("replica.fetch.min.bytes");
    out.replica_fetch_max_bytes = view.int32("replica.fetch.max.bytes");
    out.replica_fetch_response_max_bytes = view.int32("replica.fetch.response.max.bytes");
    out.replica_fetch_backoff = view.span_ms("replica.fetch.backoff.ms");
    out.replica_socket_timeout = view.span_ms("replica.socket.timeout.ms");
    out.replica_high_watermark_checkpoint_interval =
        view.span_ms("replica.high.watermark.checkpoint.interval.ms");
}

void resolve_controller(const ConfigView& view, BrokerConfig& out) {
    out.auto_leader_rebalance_enable = view.boolean("auto.leader.rebalance.enable");
    const int64_t interval_s = view.integer("leader.imbalance.check.interval.seconds");
    out.leader_imbalance_check_interval =
        interval_s > kLongestSpan.ms() / 1000 ? kLongestSpan : seconds(interval_s);
    out.leader_imbalance_per_broker_percentage =
        view.int32("leader.imbalance.per.broker.percentage");
    out.unclean_leader_election_interval = view.span_ms("unclean.leader.election.interval.ms");
    out.default_replication_factor = view.int32("default.replication.factor");
    out.num_partitions = view.int32("num.partitions");
    out.auto_create_topics_enable = view.boolean("auto.create.topics.enable");
    out.delete_topic_enable = view.boolean("delete.topic.enable");
}

void resolve_quorum(const ConfigView& view, BrokerConfig& out) {
    out.broker_heartbeat_interval = view.span_ms("broker.heartbeat.interval.ms");
    out.broker_session_timeout = view.span_ms("broker.session.timeout.ms");
    out.initial_broker_registration_timeout =
        view.span_ms("initial.broker.registration.timeout.ms");
    out.controller_quorum_election_timeout = view.span_ms("controller.quorum.election.timeout.ms");
    out.controller_quorum_fetch_timeout = view.span_ms("controller.quorum.fetch.timeout.ms");
    out.controller_quorum_election_backoff_max =
        view.span_ms("controller.quorum.election.backoff.max.ms");
    out.controller_quorum_append_linger = view.span_ms("controller.quorum.append.linger.ms");
    out.controller_quorum_request_timeout = view.span_ms("controller.quorum.request.timeout.ms");
    out.controller_quorum_retry_backoff = view.span_ms("controller.quorum.retry.backoff.ms");
    out.metadata_max_idle_interval = view.span_ms("metadata.max.idle.interval.ms");
    out.metadata_log_segment_bytes = view.int32("metadata.log.segment.bytes");
    out.metadata_log_segment_ms = view.integer("metadata.log.segment.ms");
    out.metadata_log_max_record_bytes_between_snapshots =
        view.integer("metadata.log.max.record.bytes.between.snapshots");
    out.metadata_log_max_snapshot_interval = view.span_ms("metadata.log.max.snapshot.interval.ms");
    out.metadata_max_retention_bytes.reset();
    if (view.integer("metadata.max.retention.bytes") >= 0)
        out.metadata_max_retention_bytes = view.integer("metadata.max.retention.bytes");
    out.metadata_max_retention.reset();
    if (view.integer("metadata.max.retention.ms") >= 0)
        out.metadata_max_retention = view.span_ms("metadata.max.retention.ms");
}

void resolve_requests(const ConfigView& view, BrokerConfig& out) {
    out.controlled_shutdown_enable = view.boolean("controlled.shutdown.enable");
    out.controlled_shutdown_max_retries = view.int32("controlled.shutdown.max.retries");
    out.controlled_shutdown_retry_backoff = view.span_ms("controlled.shutdown.retry.backoff.ms");
    out.num_network_threads = view.int32("num.network.threads");
    out.num_io_threads = view.int32("num.io.threads");
    out.queued_max_requests = view.int32("queued.max.requests");
    const int64_t queued = view.integer("queued.max.request.bytes");
    out.queued_max_request_bytes = queued > 0 ? std::optional(queued) : std::nullopt;
    out.socket_request_max_bytes = view.int32("socket.request.max.bytes");
    out.fetch_max_bytes = view.int32("fetch.max.bytes");
    out.request_timeout = view.span_ms("request.timeout.ms");
    out.controller_socket_timeout = view.span_ms("controller.socket.timeout.ms");
    out.connections_max_idle = view.span_ms("connections.max.idle.ms");
    out.socket_connection_setup_timeout = view.span_ms("socket.connection.setup.timeout.ms");
    out.socket_connection_setup_timeout_max =
        view.span_ms("socket.connection.setup.timeout.max.ms");
}

void resolve_groups(const ConfigView& view, BrokerConfig& out) {
    out.group_min_session_timeout_ms = view.int32("group.min.session.timeout.ms");
    out.group_max_session_timeout_ms = view.int32("group.max.session.timeout.ms");
    out.group_initial_rebalance_delay_ms = view.int32("group.initial.rebalance.delay.ms");
    out.group_max_size = view.int32("group.max.size");
    out.offset_metadata_max_bytes = view.int32("offset.metadata.max.bytes");
    out.offsets_commit_required_acks =
        static_cast<std::int16_t>(view.int32("offsets.commit.required.acks"));
    out.offsets_commit_timeout_ms = view.int32("offsets.commit.timeout.ms");
    out.offsets_load_buffer_size = view.int32("offsets.load.buffer.size");
    out.offsets_retention_check_interval_ms = view.integer("offsets.retention.check.interval.ms");
    out.offsets_retention_minutes = view.int32("offsets.retention.minutes");
    out.offsets_topic_num_partitions = view.int32("offsets.topic.num.partitions");
    out.offsets_topic_replication_factor =
        static_cast<std::int16_t>(view.int32("offsets.topic.replication.factor"));
    out.offsets_topic_segment_bytes = view.int32("offsets.topic.segment.bytes");
}

void resolve_logs(const ConfigView& view, BrokerConfig& out) {
    out.log = node_topic_defaults(view);
    out.log_flush_scheduler_interval = view.span_ms("log.flush.scheduler.interval.ms");
    out.log_flush_offset_checkpoint_interval =
        view.span_ms("log.flush.offset.checkpoint.interval.ms");
    out.log_flush_start_offset_checkpoint_interval =
        view.span_ms("log.flush.start.offset.checkpoint.interval.ms");
    out.log_retention_check_interval = view.span_ms("log.retention.check.interval.ms");
    out.log_initial_task_delay = view.span_ms("log.initial.task.delay.ms");
    out.log_dirs =
        view.is_set("log.dirs") ? static_cast<std::int32_t>(view.list("log.dirs").size()) : 0;
    out.log_dir_failure_timeout = view.span_ms("log.dir.failure.timeout.ms");
    out.num_recovery_threads_per_data_dir = view.int32("num.recovery.threads.per.data.dir");
}

AutoOffsetReset offset_reset_of(std::string_view text) {
    if (text == "earliest") {
        return AutoOffsetReset::Earliest;
    }
    return text == "none" ? AutoOffsetReset::None : AutoOffsetReset::Latest;
}

// CommonClientConfigs.postProcessReconnectBackoffConfigs.
bool lone_reconnect_backoff(const ConfigView& client) {
    return client.is_set("reconnect.backoff.ms") && !client.is_set("reconnect.backoff.max.ms");
}

Acks acks_of(std::string_view text) {
    if (text == "0") {
        return Acks::None;
    }
    if (text == "1") {
        return Acks::Leader;
    }
    return Acks::All;
}

Serializer serializer_of(const ConfigView& view, std::string_view name) {
    const auto value = view.text(name);
    return value ? *serializer_named(*value) : Serializer::String;
}

}  // namespace

std::optional<Serializer> serializer_named(std::string_view class_name) {
    const std::string_view simple = class_name.substr(class_name.find_last_of('.') + 1);
    if (simple == "StringSerializer") {
        return Serializer::String;
    }
    if (simple == "LongSerializer") {
        return Serializer::Long;
    }
    if (simple == "JsonSerializer") {
        return Serializer::Json;
    }
    return std::nullopt;
}

BrokerConfig resolve_broker_config(const ConfigMap& values) {
    const ConfigView view(ConfigKind::Broker, values);
    BrokerConfig out;
    resolve_replication(view, out);
    resolve_controller(view, out);
    resolve_quorum(view, out);
    resolve_requests(view, out);
    resolve_groups(view, out);
    resolve_logs(view, out);
    return out;
}

TopicConfig resolve_topic_config(const TopicConfig& node_defaults, const ConfigMap& values) {
    const ConfigView view(ConfigKind::Topic, values);
    TopicConfig out = node_defaults;
    const auto set_int32 = [&](std::string_view name, std::int32_t& field) {
        if (view.is_set(name)) {
            field = view.int32(name);
        }
    };
    const auto set_int64 = [&](std::string_view name, int64_t& field) {
        if (view.is_set(name)) {
            field = view.integer(name);
        }
    };
    const auto set_limit = [&](std::string_view name, std::optional<int64_t>& field) {
        if (view.is_set(name)) {
            field = limit(view.integer(name));
        }
    };
    const auto set_bool = [&](std::string_view name, bool& field) {
        if (view.is_set(name)) {
            field = view.boolean(name);
        }
    };
    set_int32("segment.bytes", out.segment_bytes);
    set_int64("segment.ms", out.segment_ms);
    set_int64("segment.jitter.ms", out.segment_jitter_ms);
    set_int32("segment.index.bytes", out.segment_index_bytes);
    set_int32("index.interval.bytes", out.index_interval_bytes);
    set_int32("max.message.bytes", out.max_message_bytes);
    set_int32("min.insync.replicas", out.min_insync_replicas);
    set_bool("unclean.leader.election.enable", out.unclean_leader_election_enable);
    set_bool("preallocate", out.preallocate);
    set_int64("flush.messages", out.flush_messages);
    set_int64("flush.ms", out.flush_ms);
    set_limit("retention.bytes", out.retention_bytes);
    set_limit("retention.ms", out.retention_ms);
    set_int64("file.delete.delay.ms", out.file_delete_delay_ms);
    if (view.is_set("message.timestamp.type")) {
        out.message_timestamp_type = timestamp_type(*view.text("message.timestamp.type"));
    }
    if (view.is_set("message.timestamp.difference.max.ms")) {
        const int64_t difference = view.integer("message.timestamp.difference.max.ms");
        out.message_timestamp_before_max_ms =
            bound_or(out.message_timestamp_before_max_ms, difference);
        out.message_timestamp_after_max_ms =
            bound_or(out.message_timestamp_after_max_ms, difference);
    }
    set_int64("message.timestamp.before.max.ms", out.message_timestamp_before_max_ms);
    set_int64("message.timestamp.after.max.ms", out.message_timestamp_after_max_ms);
    if (view.is_set("cleanup.policy")) {
        out.cleanup_delete = has_word(view, "cleanup.policy", "delete");
        out.cleanup_compact = has_word(view, "cleanup.policy", "compact");
    }
    return out;
}

ProducerConfig resolve_producer_config(const ConfigMap& values) {
    const ConfigView view(ConfigKind::Producer, values);
    ProducerConfig out;
    out.key_serializer = serializer_of(view, "key.serializer");
    out.value_serializer = serializer_of(view, "value.serializer");
    out.acks = acks_of(*view.text("acks"));
    out.retries = view.int32("retries");
    out.max_in_flight_requests_per_connection = view.int32("max.in.flight.requests.per.connection");
    out.enable_idempotence = view.boolean("enable.idempotence") && out.retries != 0 &&
                             out.acks == Acks::All &&
                             out.max_in_flight_requests_per_connection <= 5;
    out.batch_size = view.int32("batch.size");
    // KafkaProducer keeps linger.ms in 32 bits.
    out.linger = std::min(view.span_ms("linger.ms"), milliseconds(INT32_MAX));
    out.buffer_memory = view.integer("buffer.memory");
    out.max_block = view.span_ms("max.block.ms");
    out.max_request_size = view.int32("max.request.size");
    out.request_timeout = view.span_ms("request.timeout.ms");
    out.delivery_timeout =
        std::max(view.span_ms("delivery.timeout.ms"),
                 std::min(out.linger + out.request_timeout, milliseconds(INT32_MAX)));
    out.retry_backoff = view.span_ms("retry.backoff.ms");
    out.retry_backoff_max = view.span_ms("retry.backoff.max.ms");
    out.reconnect_backoff = view.span_ms("reconnect.backoff.ms");
    const bool lone = lone_reconnect_backoff(view);
    out.reconnect_backoff_max =
        lone ? out.reconnect_backoff : view.span_ms("reconnect.backoff.max.ms");
    out.metadata_max_age = view.span_ms("metadata.max.age.ms");
    out.metadata_max_idle = view.span_ms("metadata.max.idle.ms");
    out.partitioner_adaptive_partitioning_enable =
        view.boolean("partitioner.adaptive.partitioning.enable");
    out.partitioner_availability_timeout = view.span_ms("partitioner.availability.timeout.ms");
    out.partitioner_ignore_keys = view.boolean("partitioner.ignore.keys");
    out.connections_max_idle = view.span_ms("connections.max.idle.ms");
    out.socket_connection_setup_timeout = view.span_ms("socket.connection.setup.timeout.ms");
    out.socket_connection_setup_timeout_max =
        view.span_ms("socket.connection.setup.timeout.max.ms");
    if (view.is_set("client.id")) {
        out.client_id = std::string(*view.text("client.id"));
    }
    return out;
}

ConsumerConfig resolve_consumer_config(const ConfigMap& values) {
    const ConfigView view(ConfigKind::Consumer, values);
    ConsumerConfig out;
    out.auto_offset_reset = offset_reset_of(*view.text("auto.offset.reset"));
    out.read_committed = *view.text("isolation.level") == "read_committed";
    out.fetch_min_bytes = view.int32("fetch.min.bytes");
    out.fetch_max_wait = view.span_ms("fetch.max.wait.ms");
    out.fetch_max_bytes = view.int32("fetch.max.bytes");
    out.max_partition_fetch_bytes = view.int32("max.partition.fetch.bytes");
    out.max_poll_records = view.int32("max.poll.records");
    out.check_crcs = view.boolean("check.crcs");
    out.request_timeout = view.span_ms("request.timeout.ms");
    out.retry_backoff = view.span_ms("retry.backoff.ms");
    out.retry_backoff_max = view.span_ms("retry.backoff.max.ms");
    out.reconnect_backoff = view.span_ms("reconnect.backoff.ms");
    const bool lone = lone_reconnect_backoff(view);
    out.reconnect_backoff_max =
        lone ? out.reconnect_backoff : view.span_ms("reconnect.backoff.max.ms");
    out.metadata_max_age = view.span_ms("metadata.max.age.ms");
    out.connections_max_idle = view.span_ms("connections.max.idle.ms");
    out.socket_connection_setup_timeout = view.span_ms("socket.connection.setup.timeout.ms");
    out.socket_connection_setup_timeout_max =
        view.span_ms("socket.connection.setup.timeout.max.ms");
    if (view.is_set("client.id")) {
        out.client_id = std::string(*view.text("client.id"));
    }
    out.allow_auto_create_topics = view.boolean("allow.auto.create.topics");
    out.session_timeout = view.span_ms("session.timeout.ms");
    out.heartbeat_interval = view.span_ms("heartbeat.interval.ms");
    out.max_poll_interval = view.span_ms("max.poll.interval.ms");
    out.default_api_timeout = view.span_ms("default.api.timeout.ms");
    out.enable_auto_commit = view.boolean("enable.auto.commit");
    out.auto_commit_interval = view.span_ms("auto.commit.interval.ms");
    out.partition_assignment_strategy = simple_names(view.list("partition.assignment.strategy"));
    if (view.is_set("group.instance.id"))
        out.group_instance_id = std::string(*view.text("group.instance.id"));
    if (view.text("client.rack").value_or("") != "")
        out.client_rack = std::string(*view.text("client.rack"));
    return out;
}

}  // namespace bsim
