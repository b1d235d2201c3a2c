#include "sim/app/sweep_command.h"

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/app/interrupt.h"
#include "sim/app/load_scenario.h"
#include "sim/app/recorded_run.h"
#include "sim/app/usage.h"
#include "sim/report/run_directory.h"
#include "sim/scenario/effective_text.h"
#include "sim/scenario/quantity.h"
#include "sim/sweep/scratch.h"
#include "sim/sweep/seed_list.h"
#include "sim/sweep/sweep.h"
#include "sim/sweep/sweep_text.h"
#include "sim/sweep/vary.h"
#include "sim/sweep/worker_pool.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kRoomPerWorker = 128ULL << 20U;
// A run in which so many events of the kernel take less simulated time than that stands still.
constexpr std::uint64_t kStuckEvents = 20'000'000;
constexpr SimDuration kStuckTime = milliseconds(1);
constexpr int kBrokenPipe = 141;  // as a shell tells it

struct SweepOptions {
    std::string scenario;
    std::vector<std::string> overrides;
    int max_errors = 20;
    std::string seeds = "1..100";
    std::vector<std::string> vary;
    bool swarm = false;
    int workers = 0;  // one for each processor
    int stop_after = 0;
    std::string budget;
    std::string cpu_limit = "10m";
    int keep = 100;
    std::string out;
    std::string junit;
};

template <class T>
T parsed(Result<T, std::string> result) {
    if (!result.ok())
        throw CLI::ValidationError(result.error());
    return std::move(result).value();
}

// Tells a run that gets nowhere from one that is long.
class Standstill {
  public:
    bool moves(const RunProgress& progress) {
        if (progress.now - since_ >= kStuckTime) {
            since_ = progress.now;
            events_ = progress.events;
        }
        stuck_ = progress.events - events_ > kStuckEvents;
        return !stuck_;
    }
    bool stuck() const { return stuck_; }

  private:
    SimTime since_;
    std::uint64_t events_ = 0;
    bool stuck_ = false;
};

// In the run's own process.
RunReport run_and_report(const RunRequest& request) {
    const RunPlan plan{request.scenario,
                       request.source,
                       request.seed,
                       SimTime(0) + request.scenario.duration,
                       false,
                       request.data};
    Standstill standstill;
    const auto watch = [&](const RunProgress& progress) { return standstill.moves(progress); };
    try {
        const SimulatedRun run = request.directory ? record_run(plan, *request.directory, watch)
                                                   : simulate(plan, RunOutputs{}, watch);
        RunReport report = report_of(run.results, run.fired);
        if (standstill.stuck()) {
            report.verdict = RunVerdict::Stuck;
            report.complaints.insert(
                report.complaints.begin(),
                {"simulator", fmt::format("simulated time stands still at {} ns", report.end_ns),
                 0});
        }
        return report;
    } catch (const InternalBug& bug) {
        return crash_report(RunVerdict::Crashed, std::string("internal bug: ") + bug.what());
    } catch (const HostError& error) {
        RunReport report;
        report.host_trouble = error.what();
        return report;
    } catch (const std::exception& error) {
        return crash_report(RunVerdict::Crashed, std::string("internal bug: ") + error.what());
    }
}

// The scenario in all its variants; nothing, and an exit code, if one of them is wrong.
std::optional<std::vector<SweepCell>> load_cells(const SweepOptions& options,
                                                 const GlobalOptions& global,
                                                 int& exit_code) {
    std::vector<VaryAxis> axes;
    for (const std::string& text : options.vary)
        axes.push_back(parsed(parse_vary(text)));
    if (cell_count(axes) > kCellsMax)
        throw CLI::ValidationError(fmt::format("--vary: more than {} combinations", kCellsMax));
    auto loaded =
        load_scenario({options.scenario, options.overrides, options.max_errors}, global, exit_code);
    if (!loaded)
        return std::nullopt;
    std::vector<SweepCell> cells;
    for (std::vector<std::string>& values : cells_of(axes)) {
        std::vector<std::string> overrides = options.overrides;
        overrides.insert(overrides.end(), values.begin(), values.end());
        const ScenarioText text{loaded->text, options.scenario, overrides};
        auto scenario = parse_scenario(text, vocabulary());
        if (!scenario.ok()) {
            exit_code = static_cast<int>(ExitCode::InvalidScenario);
            if (global.json) {
                print_diagnostics_json(scenario.error(), {options.scenario});
                return std::nullopt;
            }
            for (const Diagnostic& diagnostic : scenario.error())
                say(format_diagnostic(diagnostic, global.use_color()));
            return std::nullopt;
        }
        cells.push_back({std::move(values), effective_text(text), std::move(*scenario)});
    }
    return cells;
}

// "sweep 123/1000  2 failed" on stderr, redrawn.
class SweepProgress {
  public:
    explicit SweepProgress(bool shown) : shown_(shown) {}

    void update(std::uint64_t ended, std::uint64_t failed, std::uint64_t total) {
        if (!shown_ || ended == last_)
            return;
        last_ = ended;
        const std::string line =
            fmt::format("\r\x1b[Ksweep {}/{}  {} failed", ended, total, failed);
        std::fwrite(line.data(), 1, line.size(), stderr);
        std::fflush(stderr);
    }
    void clear() {
        if (shown_)
            std::fputs("\r\x1b[K", stderr);
    }

  private:
    bool shown_;
    std::uint64_t last_ = 0;
};

SweepOrder order_of(const SweepOptions& options, std::vector<SweepCell> cells) {
    SweepOrder order;
    order.seeds = parsed(parse_seed_list(options.seeds));
    order.cells = std::move(cells);
    order.swarm = options.swarm;
    order.workers = options.workers > 0 ? static_cast<std::size_t>(options.workers) : processors();
    order.stop_after = static_cast<std::uint64_t>(options.stop_after);
    if (!options.budget.empty())
        order.budget_ms = parse_duration(options.budget)->ms();
    order.cpu_limit_s =
        static_cast<std::uint64_t>(parse_duration(options.cpu_limit)->ms() / 1000 + 1);
    order.keep = static_cast<std::uint64_t>(options.keep);
    return order;
}

SweepOutcome carry_out(const SweepHead& head,
                       const SweepOrder& order,
                       const GlobalOptions& global) {
    SweepProgress bar(global.show_progress());
    SweepHost host;
    host.run = run_and_report;
    // Nobody reads any more: as good as Ctrl-C, but the scratch files must go first.
    host.interrupted = [] { return interrupted() || std::ferror(stdout) != 0; };
    host.reported = [&](const RunRecord& record) {
        if (global.json || (global.quiet && record.report.verdict == RunVerdict::Pass))
            return;
        bar.clear();
        print(run_lines(head, order, record));
        std::fflush(stdout);
    };
    host.progress = [&](std::uint64_t ended, std::uint64_t failed, std::uint64_t total) {
        bar.update(ended, failed, total);
    };
    const SweepClock::time_point started = SweepClock::now();
    SweepOutcome outcome = run_sweep(order, host);
    bar.clear();
    if (!global.quiet) {
        const auto ms =
            std::chrono::duration_cast<std::chrono::milliseconds>(SweepClock::now() - started)
                .count();
        const auto runs = static_cast<std::int64_t>(outcome.records.size());
        const std::int64_t tenths = runs * 10'000 / std::max<std::int64_t>(1, ms);
        say(fmt::format("brokersim: {} runs in {}.{:03} s, {}.{} a second, {} workers", runs,
                        ms / 1000, ms % 1000, tenths / 10, tenths % 10, order.workers));
    }
    return outcome;
}

ExitCode sweep(const SweepOptions& options, const GlobalOptions& global) {
    int exit_code = 0;
    auto cells = load_cells(options, global, exit_code);
    if (!cells)
        return static_cast<ExitCode>(exit_code);
    SweepOrder order = order_of(options, std::move(*cells));
    const Scenario& first = order.cells.front().scenario;
    const std::string hash = ScenarioSource{order.cells.front().text, false, {}}.hash();
    order.directory =
        options.out.empty()
            ? fs::path("runs") / fmt::format("{}-sweep-{}", first.name, hash.substr(0, 8))
            : fs::path(options.out);
    take(prepare_sweep_directory(order.directory));
    if (!options.junit.empty())  // an hour later would be too late to find out
        take(write_file_atomically(options.junit, ""));
    const auto scratch = take(Scratch::make(kRoomPerWorker * order.workers));
    order.scratch = scratch.path();
    const SweepHead head{first.name, seed_list_text(order.seeds), order.directory.string(),
                         shell_word(global.program)};
    const SweepOutcome outcome = carry_out(head, order, global);
    const std::string json = sweep_json(head, order, outcome);
    take(write_file_atomically(order.directory / "sweep.json", json));
    if (!options.junit.empty())
        take(write_file_atomically(options.junit, sweep_junit(head, order, outcome)));
    print(global.json ? json : sweep_summary(head, order, outcome));
    if (outcome.end == SweepEnd::HostTrouble)
        say("brokersim: " + outcome.host_trouble);
    return outcome.exit_code();
}

std::string seeds_complaint(const std::string& text) {
    const auto seeds = parse_seed_list(text);
    return seeds.ok() ? "" : seeds.error();
}

std::string vary_complaint(const std::string& text) {
    const auto axis = parse_vary(text);
    return axis.ok() ? "" : axis.error();
}

}  // namespace

void add_sweep_command(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    auto options = std::make_shared<SweepOptions>();
    CLI::App* command = root.add_subcommand("sweep", "Run a scenario under many seeds");
    command->add_option("SCENARIO", options->scenario, "Scenario file; - is standard input")
        ->required()
        ->check(path_complaint);
    add_override_option(*command, options->overrides);
    command->add_option("--max-errors", options->max_errors, "Errors to print")
        ->check(count_complaint);
    command->add_option("--seeds", options->seeds, "1..10000, or 1,5,9..12; 1..100 unless given")
        ->check(seeds_complaint);
    command
        ->add_option("--vary", options->vary,
                     "PTR=a,b,c: values of a place of the scenario; several: every combination")
        ->allow_extra_args(false)
        ->check(vary_complaint);
    command->add_flag("--swarm", options->swarm,
                      "Draw faults and settings from each seed, heal, and expect that it recovers");
    command->add_option("-j,--jobs", options->workers, "Runs at a time")->check(count_complaint);
    command->add_option("--stop-after", options->stop_after, "End after so many failures")
        ->check(count_complaint);
    command->add_option("--budget", options->budget, "End after this real time, such as 10m")
        ->check(duration_complaint);
    command
        ->add_option("--cpu-limit", options->cpu_limit,
                     "Processor time of one run, such as 10m; beyond it counts as a crash")
        ->check(duration_complaint);
    command
        ->add_option("--keep", options->keep,
                     "Complete run directories to keep; later ones lose what is large")
        ->check(count_complaint);
    command->add_option("-o,--out", options->out, "Directory of the sweep")->check(path_complaint);
    command->add_option("--junit", options->junit, "Write JUnit's XML to this file")
        ->check(path_complaint);
    command->callback([options, &global, &exit_code] {
        catch_interrupts();
        std::signal(SIGPIPE, SIG_IGN);
        exit_code = static_cast<int>(sweep(*options, global));
        if (std::ferror(stdout) != 0)
            exit_code = kBrokenPipe;
    });
}

}  // namespace bsim
