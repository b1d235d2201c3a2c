#include "sim/world/judged_run.h"

#include <algorithm>
#include <utility>

#include "sim/check/segments_readable.h"
#include "sim/model/config.h"
#include "sim/node/must.h"
#include "sim/node/wall_clock.h"
#include "sim/storage/posix_disk.h"
#include "sim/world/disk_metrics.h"
#include "sim/world/link_metrics.h"

namespace bsim {
namespace {

// Checks of liveness, which say nothing of records.
bool is_of_liveness(const std::string& check) {
    return check == "availability" || check == "churn-budget" || check == "liveness" ||
           check == "unseen";
}

void declare(const Scenario& scenario, CheckSettings& settings) {
    for (const ExpectSpec& expect : scenario.expect) {
        const auto* check = std::get_if<CheckExpect>(&expect.form);
        if (check == nullptr)
            continue;
        settings.expected_checks.insert(check->check);
        if (expect.outcome == ExpectedOutcome::Violated && !is_of_liveness(check->check))
            settings.declared_violated.insert(check->check);
    }
}

// The longest that Kafka's own timeouts make each step take, one after the other.
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

CheckSettings check_settings(const Scenario& scenario) {
    CheckSettings settings;
    TopicConfig defaults;
    if (!scenario.controllers.empty())
        defaults = scenario.controllers.front().config.log;
    settings.default_min_isr = defaults.min_insync_replicas;
    for (const TopicSpec& topic : scenario.topics) {
        const TopicConfig config = resolve_topic_config(defaults, topic.settings);
        settings.min_isr[topic.name] = config.min_insync_replicas;
        if (config.cleanup_compact)
            settings.compacted.insert(topic.name);
    }
    declare(scenario, settings);
    settings.availability = availability_bounds(scenario);
    return settings;
}

metrics::Settings metrics_settings(const Scenario& scenario) {
    const CheckSettings check = check_settings(scenario);
    metrics::Settings settings;
    settings.min_isr = check.min_isr;
    settings.default_min_isr = check.default_min_isr;
    settings.wall_start = wall_clock(SimTime());
    return settings;
}

RecordMessages recording(const Scenario& scenario) {
    return scenario.record_messages == MessageRecording::None ? RecordMessages::No
                                                              : RecordMessages::Yes;
}

}  // namespace

JudgedRun::JudgedRun(const Scenario& scenario, const Setup& setup)
    : data_directory_(setup.data_directory),
      end_(setup.end),
      tracer_(recording(scenario)),
      checkers_(check_settings(scenario)),
      histories_(checkers_, setup.history) {
    tracer_.subscribe(checkers_);
    if (scenario.asks_metrics) {
        asked_.emplace(metrics_settings(scenario));
        tracer_.subscribe(*asked_);
    }
    if (setup.metrics_csv != nullptr) {
        metrics_.emplace(metrics_settings(scenario), *setup.metrics_csv);
        tracer_.subscribe(*metrics_);
    }
    for (EventSink* sink : setup.sinks)
        tracer_.subscribe(*sink);
    simulation_ = std::make_unique<Simulation>(
        Simulation::Parts{scenario, setup.seed, setup.data_directory, tracer_, histories_,
                          TraceState::Seen{checkers_.view(), asked_ ? &*asked_ : nullptr}});
    if (metrics_) {
        metrics_->add(std::make_unique<LinkMetrics>(simulation_->cluster()));
        metrics_->add(std::make_unique<DiskMetrics>(simulation_->cluster(),
                                                    [this] { return simulation_->now(); }));
        simulation_->every(metrics::Settings{}.interval,
                           [this](SimTime now) { metrics_->advance(now); });
    }
}

JudgedRun::~JudgedRun() = default;

void JudgedRun::Histories::send(const ClientOp& op) {
    judge_.send(op);
    keeper_.send(op);
}

void JudgedRun::Histories::poll(const ClientOp& op) {
    judge_.poll(op);
    keeper_.poll(op);
}

void JudgedRun::Histories::commit(const CommitOp& op) {
    judge_.commit(op);
    keeper_.commit(op);
}

bool JudgedRun::execute(const Simulation::Progress& progress) {
    const bool completed = simulation_->run(end_, progress);
    simulation_->finish();
    if (metrics_)
        metrics_->finish(now());
    judge();
    return completed;
}

std::string JudgedRun::open_metrics() const {
    return metrics_ ? metrics_->open_metrics(now()) : std::string();
}

void JudgedRun::judge() {
    const EndOfRun end{simulation_->now(), tracer_.last_number()};
    checkers_.finish(end);
    checks_ = checkers_.results();
    const auto disk = must(PosixDisk::open_root(data_directory_, kDefaultMaxOpenDescriptors));
    SegmentsReport segments = read_segments(*disk, simulation_->log_dirs(), end, checkers_.view());
    records_duplicated_ = segments.records_duplicated;
    checks_.push_back(std::move(segments.check));
    std::sort(checks_.begin(), checks_.end(),
              [](const CheckResult& a, const CheckResult& b) { return a.name < b.name; });
}

}  // namespace bsim
