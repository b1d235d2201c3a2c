#include "sim/world/client_settings.h"

namespace bsim {

client::ProducerSettings producer_settings(const ProducerConfig& config,
                                           const std::string& name,
                                           const std::vector<client::Endpoint>& bootstrap) {
    client::ProducerSettings out;
    out.client_id = config.client_id.value_or(name);
    out.bootstrap_servers = bootstrap;
    out.request_timeout_ms = config.request_timeout;
    out.retry_backoff_ms = config.retry_backoff;
    out.retry_backoff_max_ms = config.retry_backoff_max;
    out.reconnect_backoff_ms = config.reconnect_backoff;
    out.reconnect_backoff_max_ms = config.reconnect_backoff_max;
    out.socket_connection_setup_timeout_ms = config.socket_connection_setup_timeout;
    out.socket_connection_setup_timeout_max_ms = config.socket_connection_setup_timeout_max;
    out.connections_max_idle_ms = config.connections_max_idle;
    out.metadata_max_age_ms = config.metadata_max_age;
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

}  // namespace bsim
