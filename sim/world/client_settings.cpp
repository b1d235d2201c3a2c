#include "sim/world/client_settings.h"

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
    return out;
}

}  // namespace bsim
