#include "sim/world/judged_run.h"

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "sim/check/declared.h"
#include "sim/check/segments_readable.h"
#include "sim/node/must.h"
#include "sim/node/wall_clock.h"
#include "sim/storage/posix_disk.h"
#include "sim/world/check_settings.h"
#include "sim/world/disk_metrics.h"
#include "sim/world/link_metrics.h"
#include "sim/world/metrics_settings.h"

namespace bsim {
namespace {

RecordMessages recording(const Scenario& scenario) {
    return scenario.record_messages == MessageRecording::None ? RecordMessages::No
                                                              : RecordMessages::Yes;
}

}  // namespace

JudgedRun::JudgedRun(const Scenario& scenario, const Setup& setup)
    : data_directory_(setup.data_directory),
      end_(setup.end),
      check_settings_(check_settings(scenario)),
      tracer_(recording(scenario)),
      checkers_(check_settings_),
      histories_(checkers_, setup.history) {
    tracer_.subscribe(checkers_);
    if (scenario.asks_metrics) {
        asked_.emplace(metrics_settings(scenario));
        tracer_.subscribe(*asked_);
    }
    if (scenario.asks_latencies) {
        latencies_.emplace();
        tracer_.subscribe(*latencies_);
    }
    if (setup.metrics_csv != nullptr) {
        metrics_.emplace(metrics_settings(scenario), *setup.metrics_csv);
        tracer_.subscribe(*metrics_);
    }
    for (EventSink* sink : setup.sinks)
        tracer_.subscribe(*sink);
    simulation_ = std::make_unique<Simulation>(
        Simulation::Parts{scenario, setup.seed, setup.data_directory, tracer_, histories_,
                          TraceState::Seen{checkers_.view(), asked_ ? &*asked_ : nullptr,
                                           latencies_ ? &*latencies_ : nullptr}});
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
    permit_what_follows(check_settings_, checks_);
    std::sort(checks_.begin(), checks_.end(),
              [](const CheckResult& a, const CheckResult& b) { return a.name < b.name; });
}

}  // namespace bsim
