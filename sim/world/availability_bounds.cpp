#include "sim/world/availability_bounds.h"

#include <algorithm>

#include "sim/model/config.h"

namespace bsim {

AvailabilityBounds availability_bounds(const Scenario& scenario) {
    constexpr SimDuration kNews = seconds(1);  // metadata on its way to brokers
    SimDuration noticed;                       // that a broker is gone
    SimDuration rejoin;                        // a follower whose leader's answer never came
    for (const NodeSpec& broker : scenario.brokers) {
        noticed = std::max(noticed, broker.config.broker_session_timeout);
        rejoin = std::max(rejoin, std::min(broker.config.replica_lag_time_max,
                                           broker.config.replica_socket_timeout));
    }
    SimDuration election;  // of a controller that can act
    for (const NodeSpec& controller : scenario.controllers) {
        const BrokerConfig& config = controller.config;
        election = std::max(election, config.controller_quorum_fetch_timeout +
                                          config.controller_quorum_election_timeout * 2 +
                                          config.controller_quorum_election_backoff_max * 2 +
                                          config.controller_quorum_request_timeout);
    }
    SimDuration producer;  // a request that is never answered, metadata, and the next try
    for (const ProducerSpec& spec : scenario.producers) {
        producer =
            std::max(producer, spec.config.request_timeout + spec.config.retry_backoff_max * 2);
    }
    SimDuration consumer;
    for (const ConsumerSpec& spec : scenario.consumers) {
        for (const MemberSpec& member : spec.members) {
            const ConsumerConfig config = resolve_consumer_config(member.settings);
            consumer = std::max(consumer, config.request_timeout + config.retry_backoff_max * 2);
        }
    }
    AvailabilityBounds bounds;
    bounds.cluster = noticed + election + rejoin + kNews;
    bounds.produce = bounds.cluster + producer;
    bounds.consume = bounds.cluster + consumer;
    return bounds;
}

}  // namespace bsim
