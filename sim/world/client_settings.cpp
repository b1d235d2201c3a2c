#include "sim/world/client_settings.h"

#include "sim/base/check.h"

namespace bsim {
namespace {

// What both kinds of clients have.
template <class Config>
void fill_common(const Config& config, client::ClientSettings& out) {
    out.request_timeout_ms = config.request_timeout;
    out.retry_backoff_ms = config.retry_backoff;
    out.retry_backoff_max_ms = config.retry_backoff_max;
    out.reconnect_backoff_ms = config.reconnect_backoff;
    out.reconnect_backoff_max_ms = config.reconnect_backoff_max;
    out.socket_connection_setup_timeout_ms = config.socket_connection_setup_timeout;
    out.socket_connection_setup_timeout_max_ms = config.socket_connection_setup_timeout_max;
    out.connections_max_idle_ms = config.connections_max_idle;
    out.metadata_max_age_ms = config.metadata_max_age;
}

client::OffsetReset offset_reset(AutoOffsetReset reset) {
    switch (reset) {
        case AutoOffsetReset::Latest:
            return client::OffsetReset::Latest;
        case AutoOffsetReset::Earliest:
            return client::OffsetReset::Earliest;
        case AutoOffsetReset::None:
            return client::OffsetReset::None;
    }
    return client::OffsetReset::None;
}

group::AssignorKind assignor_named(const std::string& simple_name) {
    if (simple_name == "RangeAssignor")
        return group::AssignorKind::Range;
    if (simple_name == "RoundRobinAssignor")
        return group::AssignorKind::RoundRobin;
    if (simple_name == "StickyAssignor")
        return group::AssignorKind::Sticky;
    BSIM_CHECK(simple_name == "CooperativeStickyAssignor");
    return group::AssignorKind::CooperativeSticky;
}

}  // namespace

client::ProducerSettings producer_settings(const ProducerConfig& config,
                                           const std::string& name,
                                           const std::vector<client::Endpoint>& bootstrap) {
    client::ProducerSettings out;
    out.client_id = config.client_id.value_or(name);
    out.bootstrap_servers = bootstrap;
    fill_common(config, out);
    out.metadata_max_idle_ms = config.metadata_max_idle;
    out.max_in_flight_requests_per_connection = config.max_in_flight_requests_per_connection;
    out.acks = static_cast<client::Acks>(config.acks);
    out.enable_idempotence = config.enable_idempotence;
    out.retries = config.retries;
    out.batch_size = config.batch_size;
    out.linger_ms = config.linger;
    out.buffer_memory = config.buffer_memory;
    out.max_block_ms = config.max_block;
    out.max_request_size = config.max_request_size;
    out.delivery_timeout_ms = config.delivery_timeout;
    out.partitioner_adaptive_partitioning_enable = config.partitioner_adaptive_partitioning_enable;
    out.partitioner_availability_timeout_ms = config.partitioner_availability_timeout;
    out.partitioner_ignore_keys = config.partitioner_ignore_keys;
    return out;
}

RecordForm record_form(const ProducerConfig& config,
                       std::int32_t value_bytes,
                       std::int32_t producer) {
    return {config.key_serializer, config.value_serializer, value_bytes, producer};
}

client::ConsumerSettings consumer_settings(const ConsumerConfig& config,
                                           const std::string& name,
                                           const std::vector<client::Endpoint>& bootstrap,
                                           bool truncation_check) {
    client::ConsumerSettings out;
    out.client_id = config.client_id.value_or(name);
    out.bootstrap_servers = bootstrap;
    fill_common(config, out);
    out.auto_offset_reset = offset_reset(config.auto_offset_reset);
    out.isolation_level = config.read_committed ? client::IsolationLevel::ReadCommitted
                                                : client::IsolationLevel::ReadUncommitted;
    out.fetch_min_bytes = config.fetch_min_bytes;
    out.fetch_max_wait_ms = config.fetch_max_wait;
    out.fetch_max_bytes = config.fetch_max_bytes;
    out.max_partition_fetch_bytes = config.max_partition_fetch_bytes;
    out.max_poll_records = config.max_poll_records;
    out.check_crcs = config.check_crcs;
    out.truncation_check = truncation_check;
    out.allow_auto_create_topics = config.allow_auto_create_topics;
    return out;
}

client::GroupSettings group_settings(const ConsumerConfig& config, const std::string& group_id) {
    client::GroupSettings out;
    out.group_id = group_id;
    out.group_instance_id = config.group_instance_id;
    out.partition_assignment_strategy.clear();
    for (const std::string& name : config.partition_assignment_strategy)
        out.partition_assignment_strategy.push_back(assignor_named(name));
    out.session_timeout_ms = config.session_timeout;
    out.heartbeat_interval_ms = config.heartbeat_interval;
    out.max_poll_interval_ms = config.max_poll_interval;
    out.default_api_timeout_ms = config.default_api_timeout;
    out.enable_auto_commit = config.enable_auto_commit;
    out.auto_commit_interval_ms = config.auto_commit_interval;
    out.client_rack = config.client_rack;
    return out;
}

}  // namespace bsim
