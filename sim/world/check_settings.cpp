#include "sim/world/check_settings.h"

#include <algorithm>
#include <string>
#include <variant>

#include "sim/model/config.h"
#include "sim/model/internal_topics.h"
#include "sim/scenario/broker_sessions.h"
#include "sim/world/availability_bounds.h"

namespace bsim {
namespace {

TopicConfig controller_defaults(const Scenario& scenario) {
    return scenario.controllers.empty() ? TopicConfig() : scenario.controllers.front().config.log;
}

// Of a topic with such settings of its own, or of one without any.
std::int32_t lowest_min_isr(const Scenario& scenario, const ConfigMap& topic) {
    std::int32_t lowest =
        resolve_topic_config(controller_defaults(scenario), topic).min_insync_replicas;
    for (const NodeSpec& broker : scenario.brokers) {
        lowest =
            std::min(lowest, resolve_topic_config(broker.config.log, topic).min_insync_replicas);
    }
    return lowest;
}

bool ever_unclean(const Scenario& scenario, const ConfigMap& topic) {
    return std::any_of(scenario.controllers.begin(), scenario.controllers.end(),
                       [&](const NodeSpec& controller) {
                           return resolve_topic_config(controller.config.log, topic)
                               .unclean_leader_election_enable;
                       });
}

CheckSettings::Retention retention(const TopicConfig& config) {
    return {config.cleanup_delete, config.retention_bytes, config.retention_ms};
}

bool keeps_time(const NodeSpec& node) {
    const ClockSpec& clock = node.hardware.clock;
    const Ratio drift = clock.drift_ppm;
    return clock.skew <= seconds(1) && clock.skew >= seconds(-1) &&
           std::abs(drift.numerator) <= 1000 * drift.denominator;
}

void add_producers(const Scenario& scenario, CheckSettings& settings) {
    for (const ProducerSpec& producer : scenario.producers) {
        settings.delivery_timeout =
            std::max(settings.delivery_timeout, producer.config.delivery_timeout);
        if (producer.config.max_in_flight_requests_per_connection > 1)
            continue;
        for (std::int32_t i = 0; i < producer.count; ++i) {
            settings.one_in_flight.insert(NodeName::client("producer", producer.name, i).text());
        }
    }
}

void add_quorum(const Scenario& scenario, CheckSettings& settings) {
    for (const NodeSpec& voter : scenario.controllers) {
        settings.voters.push_back(voter.id);
        settings.quorum_fetch_timeout =
            std::max(settings.quorum_fetch_timeout, voter.config.controller_quorum_fetch_timeout);
    }
    settings.persist_vote = scenario.switches.persist_vote;
    settings.commit_own_epoch_only = scenario.switches.commit_own_epoch_only;
    settings.leader_resign_on_no_fetch = scenario.switches.leader_resign_on_no_fetch;
}

void add_topic(const Scenario& scenario, const TopicSpec& topic, CheckSettings& settings) {
    const TopicConfig config = resolve_topic_config(controller_defaults(scenario), topic.settings);
    settings.retention[topic.name] = retention(config);
    if (config.message_timestamp_type == MessageTimestampType::LogAppendTime)
        settings.rewritten.insert(topic.name);
    if (config.cleanup_compact)
        settings.compacted.insert(topic.name);
    settings.min_isr[topic.name] = lowest_min_isr(scenario, topic.settings);
    settings.unclean_elections[topic.name] = ever_unclean(scenario, topic.settings);
    if (topic.assignment)
        settings.placed_by_hand.insert(topic.name);
}

void declare(const Scenario& scenario, CheckSettings& settings) {
    for (const ExpectSpec& expect : scenario.expect) {
        const auto* check = std::get_if<CheckExpect>(&expect.form);
        if (check == nullptr)
            continue;
        settings.expected_checks.insert(check->check);
        if (expect.outcome == ExpectedOutcome::Violated)
            settings.declared_violated.insert(check->check);
    }
}

void take_change(const ConfigChangeFault& change, CheckSettings& settings) {
    const auto min_isr = change.settings.find("min.insync.replicas");
    if (min_isr != change.settings.end()) {
        const auto lowest = static_cast<std::int32_t>(std::stol(min_isr->second));
        // A broker's setting acts on every topic that has none of its own.
        if (change.topic.empty())
            settings.default_min_isr = std::min(settings.default_min_isr, lowest);
        for (auto& [topic, value] : settings.min_isr) {
            if (change.topic.empty() || change.topic == topic)
                value = std::min(value, lowest);
        }
    }
    if (!change.settings.contains("unclean.leader.election.enable"))
        return;
    if (change.topic.empty())
        settings.default_unclean_elections = true;
    for (auto& [topic, allowed] : settings.unclean_elections)
        allowed = allowed || change.topic.empty() || change.topic == topic;
}

// A broker that died leads until its session is over, and cannot register anew before; so may the
// one that leads after it.
SimDuration without_a_leader(const Scenario& scenario) {
    constexpr SimDuration kElections = seconds(12);
    return longest_broker_session(scenario) * 2 + kElections;
}

}  // namespace

CheckSettings declared_settings(const Scenario& scenario) {
    CheckSettings settings;
    const TopicConfig defaults = controller_defaults(scenario);
    settings.default_min_isr = defaults.min_insync_replicas;
    for (const TopicSpec& topic : scenario.topics) {
        settings.min_isr[topic.name] =
            resolve_topic_config(defaults, topic.settings).min_insync_replicas;
    }
    return settings;
}

CheckSettings check_settings(const Scenario& scenario) {
    CheckSettings settings;
    settings.default_min_isr = lowest_min_isr(scenario, {});
    settings.default_unclean_elections = ever_unclean(scenario, {});
    settings.default_retention = retention(controller_defaults(scenario));
    settings.retention[std::string(kOffsetsTopic)].deletes = false;
    settings.clocks_true =
        std::all_of(scenario.brokers.begin(), scenario.brokers.end(), keeps_time);
    add_quorum(scenario, settings);
    add_producers(scenario, settings);
    settings.replica_lag = {};
    settings.commits_wait_for_isr = scenario.switches.commit_ack != Switches::CommitAck::Leader;
    for (const NodeSpec& broker : scenario.brokers) {
        settings.replica_lag = std::max(settings.replica_lag, broker.config.replica_lag_time_max);
        if (broker.config.offsets_commit_required_acks != -1)
            settings.commits_wait_for_isr = false;
        if (broker.rack)
            settings.racks[broker.id] = *broker.rack;
    }
    settings.liveness_bound = std::max(settings.liveness_bound, without_a_leader(scenario));
    settings.availability = availability_bounds(scenario);
    declare(scenario, settings);
    for (const TopicSpec& topic : scenario.topics)
        add_topic(scenario, topic, settings);
    for (const FaultSpec& fault : scenario.faults) {
        if (const auto* create = std::get_if<TopicCreateFault>(&fault.action))
            add_topic(scenario, create->topic, settings);
    }
    for (const FaultSpec& fault : scenario.faults) {
        if (const auto* change = std::get_if<ConfigChangeFault>(&fault.action))
            take_change(*change, settings);
        const auto* elect = std::get_if<ElectFault>(&fault.action);
        if (elect != nullptr && elect->type == ElectFault::Type::Unclean)
            settings.unclean_elections[elect->topic] = true;
    }
    return settings;
}

}  // namespace bsim
