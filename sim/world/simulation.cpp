#include "sim/world/simulation.h"

#include <utility>

#include "sim/base/check.h"
#include "sim/node/must.h"

namespace bsim {
namespace {

// Events between two calls of the progress function.
constexpr std::uint64_t kProgressStride = 4096;

}  // namespace

Simulation::Simulation(const Parts& parts)
    : scenario_(parts.scenario),
      tracer_(parts.tracer),
      rng_(parts.seed, 0),
      cluster_({parts.scenario, scheduler_, rng_, parts.tracer, outages_, parts.history,
                parts.data_directory}),
      topics_(parts.scenario,
              scheduler_,
              cluster_,
              [this](const std::string& topic) { begin_clients(topic); }),
      conditions_(scheduler_, parts.seen),
      faults_({parts.scenario, scheduler_, rng_, parts.tracer, outages_, cluster_, topics_,
               workloads_, conditions_, SelectorResolver(parts.scenario, cluster_)}),
      expectations_(parts.scenario, scheduler_, parts.seen) {
    parts.tracer.subscribe(conditions_);
    parts.tracer.subscribe(expectations_);
    for (const ProducerSpec& spec : scenario_.producers) {
        for (const auto& node : cluster_.producers(spec.name)) {
            workloads_.emplace_back(spec, scheduler_, rng_, *node);
        }
    }
    for (const ConsumerSpec& spec : scenario_.consumers) {
        const auto& nodes = cluster_.consumers(spec.name);
        for (std::size_t i = 0; i < nodes.size(); ++i) {
            consumer_starts_.emplace_back(
                ConsumerStart::Parts{spec, spec.members[i], scheduler_, *nodes[i]});
        }
    }
}

Simulation::~Simulation() = default;

void Simulation::start_nodes() {
    const auto start = [this](Process& node, SimTime at) {
        scheduler_.at(at, [&node] { node.start(EventNumber{}); });
    };
    // A node in both roles starts as its broker says.
    for (const NodeSpec& spec : scenario_.controllers) {
        if (cluster_.broker(spec.id) == nullptr)
            start(*cluster_.controller(spec.id), spec.start);
    }
    for (const NodeSpec& spec : scenario_.brokers) {
        if (!spec.joins_by_fault)
            start(*cluster_.broker(spec.id), spec.start);
    }
    start(cluster_.admin(), SimTime(0));
}

void Simulation::every(SimDuration interval, std::function<void(SimTime now)> what) {
    const SimTime first = SimTime() + nanoseconds(1);
    const SimTime next = scheduler_.now() < first ? first : scheduler_.now() + interval;
    // By pointer: with libc++ a std::function would fill an event alone.
    auto held = std::make_unique<std::function<void(SimTime)>>(std::move(what));
    scheduler_.at(next, [this, interval, told = std::move(held)] {
        (*told)(scheduler_.now());
        every(interval, std::move(*told));
    });
}

void Simulation::begin_clients(const std::string& topic) {
    for (Workload& workload : workloads_) {
        if (workload.topic() == topic)
            workload.begin();
    }
    for (ConsumerStart& consumer : consumer_starts_)
        consumer.topic_visible(topic);
}

bool Simulation::run(SimTime end, const Progress& progress) {
    tracer_.emit(scheduler_.now(), NodeName::sim(), RunStarted{});
    CauseScope scope(tracer_, EventNumber{});
    start_nodes();
    faults_.start();
    topics_.start();
    expectations_.start();
    for (std::uint64_t left = kProgressStride; step(end); --left) {
        if (left > 1)
            continue;
        left = kProgressStride + 1;
        if (!progress(scheduler_.now(), scheduler_.executed()))
            return false;
    }
    scheduler_.run_until(end);
    return true;
}

bool Simulation::step(SimTime end) {
    try {
        return scheduler_.step(end);
    } catch (const DiskFailed& failed) {
        halt_full_node(failed.what());
        return true;
    }
}

// The process of the node that could not write ends where it stood: nothing of it is on the stack
// any more. Source: LogManager.handleLogDirFailure, ReplicaManager.handleLogDirFailure.
void Simulation::halt_full_node(const char* why) {
    for (const auto& node : cluster_.servers()) {
        const LogDirs& dirs = node->log_dirs();
        for (std::size_t dir = 0; dir < dirs.size() && node->alive(); ++dir) {
            if (!dirs[dir].refused() || dirs.failed(dir))
                continue;
            CauseScope scope(tracer_, EventNumber{});
            const EventNumber failed = node->emit(LogDirFailed{dirs.name(dir), why});
            node->kill(failed);
            return;
        }
    }
    BSIM_CHECK(false);
}

void Simulation::finish() {
    faults_.finish();
    expectations_.finish({scheduler_.now(), tracer_.last_number()});
    for (const auto& node : cluster_.servers()) {
        const bool closed = node->close_files();
        LogDirs& dirs = node->log_dirs();
        for (std::size_t dir = 0; dir < dirs.size(); ++dir) {
            must(dirs[dir].flush());
            const std::string& node_dir = node->name().text();
            const bool only = dirs.name(dir).empty();
            log_dirs_.push_back({node->name(), only ? node_dir : node_dir + "/" + dirs.name(dir),
                                 closed && !dirs.failed(dir)});
        }
    }
    cluster_.network().set_tap(nullptr);  // taking the world down is no part of the story
}

}  // namespace bsim
