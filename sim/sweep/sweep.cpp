#include "sim/sweep/sweep.h"

#include <algorithm>
#include <deque>
#include <fmt/format.h>
#include <utility>

#include "sim/report/run_directory.h"
#include "sim/scenario/effective_text.h"
#include "sim/sweep/swarm.h"
#include "sim/sweep/worker_pool.h"
#include "sim/world/judged_run.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

// How far beyond the first run that has not ended others may be begun, for each worker.
constexpr std::uint64_t kAhead = 16;
// An interrupt that comes between two looks at it waits so long at most.
constexpr auto kLook = std::chrono::milliseconds(200);

class Sweep {
  public:
    Sweep(const SweepOrder& order, const SweepHost& host);
    SweepOutcome run();

  private:
    // A run that has been begun and is not reported yet.
    struct Open {
        RunRecord record;
        ScenarioSource source;
        bool judged = false;  // the record has its report
        bool done = false;    // and its directory, if it needs one
    };

    std::uint64_t total() const { return order_.seeds.size() * order_.cells.size(); }
    bool all_reported() const { return open_.empty() && next_ == total(); }

    void look_around(std::optional<SweepClock::time_point> budget);
    void fill();
    Open prepare(std::uint64_t number) const;
    bool start(std::uint64_t number);
    RunReport run_here(std::uint64_t number, const Open& open) const;
    void take_end(const JobEnd& end);
    void judge(Open& open, const JobEnd& end, std::uint64_t number);
    void compare_with_first(Open& open, const JobEnd& end) const;
    void fail(std::string host_trouble);
    void report_in_order();
    void report(Open& open);
    void wind_up();

    const SweepOrder& order_;
    const SweepHost& host_;
    WorkerPool pool_;
    std::vector<Swarm> swarms_;            // of each cell
    std::map<std::uint64_t, Open> open_;   // by number
    std::deque<std::uint64_t> to_record_;  // judged; to be run again with a directory
    std::uint64_t next_ = 0;               // to be begun
    std::uint64_t kept_ = 0;
    SweepOutcome outcome_;
};

Sweep::Sweep(const SweepOrder& order, const SweepHost& host)
    : order_(order), host_(host), pool_(order.workers, order.cpu_limit_s) {
    if (order.swarm) {
        for (const SweepCell& cell : order.cells)
            swarms_.emplace_back(cell.scenario, cell.text);
    }
}

SweepOutcome Sweep::run() {
    std::optional<SweepClock::time_point> budget;
    if (order_.budget_ms)
        budget = SweepClock::now() + std::chrono::milliseconds(*order_.budget_ms);
    while (true) {
        look_around(budget);
        if (outcome_.end != SweepEnd::Completed || all_reported())
            break;
        fill();
        const auto look = SweepClock::now() + kLook;
        const auto end = pool_.wait(budget ? std::min(look, *budget) : look);
        if (end)
            take_end(*end);
        report_in_order();
        host_.progress(outcome_.records.size(), outcome_.failed(), total());
    }
    wind_up();
    return std::move(outcome_);
}

void Sweep::look_around(std::optional<SweepClock::time_point> budget) {
    if (outcome_.end != SweepEnd::Completed || all_reported())
        return;
    if (host_.interrupted()) {
        outcome_.end = SweepEnd::Interrupted;
    } else if (budget && SweepClock::now() >= *budget) {
        outcome_.end = SweepEnd::Budget;
    }
}

void Sweep::fail(std::string host_trouble) {
    outcome_.end = SweepEnd::HostTrouble;
    outcome_.host_trouble = std::move(host_trouble);
}

void Sweep::fill() {
    while (pool_.has_room()) {
        std::uint64_t number = 0;
        if (!to_record_.empty()) {
            number = to_record_.front();
        } else {
            const std::uint64_t first = open_.empty() ? next_ : open_.begin()->first;
            if (next_ == total() || next_ >= first + kAhead * order_.workers)
                return;
            number = next_;
            open_.emplace(number, prepare(number));
        }
        if (!start(number)) {
            if (!open_.at(number).judged)
                open_.erase(number);
            if (pool_.idle())
                fail("no process can be started");
            return;
        }
        if (number == next_) {
            ++next_;
        } else {
            to_record_.pop_front();
        }
    }
}

Sweep::Open Sweep::prepare(std::uint64_t number) const {
    Open open;
    open.record.seed = order_.seeds[number / order_.cells.size()];
    open.record.cell = number % order_.cells.size();
    if (!order_.swarm)
        return open;
    SwarmDraw draw = swarms_[open.record.cell].draw(open.record.seed);
    open.source.text = std::move(draw.text);
    open.record.knobs = std::move(draw.knobs);
    open.record.faults = std::move(draw.faults);
    open.record.kinds = std::move(draw.kinds);
    return open;
}

bool Sweep::start(std::uint64_t number) {
    Open& open = open_.at(number);
    if (open.judged) {
        const SweepCell& cell = order_.cells[open.record.cell];
        if (!order_.swarm) {
            const std::string seed = fmt::format("/seed={}", open.record.seed);
            open.source.text = effective_text(ScenarioText{cell.text, "", {&seed, 1}});
        }
        open.record.directory =
            run_directory_name(cell.scenario.name, open.record.seed, open.source.hash());
    }
    return pool_.start(number, [&] { return to_json_line(run_here(number, open)); });
}

// In the process of the run.
RunReport Sweep::run_here(std::uint64_t number, const Open& open) const {
    RunRequest request{order_.cells[open.record.cell].scenario, open.source, open.record.seed,
                       order_.scratch / std::to_string(number), std::nullopt};
    if (!open.record.directory.empty()) {
        request.directory = order_.directory / open.record.directory;
        request.data = *request.directory / "data";
    }
    if (!order_.swarm)
        return host_.run(request);
    const auto drawn = parse_scenario(open.source.text, "swarm", vocabulary());
    if (!drawn.ok()) {
        return crash_report(RunVerdict::Crashed, "the swarm drew no legal scenario: " +
                                                     format_diagnostic(drawn.error()[0], false));
    }
    return host_.run({*drawn, request.source, request.seed, request.data, request.directory});
}

void Sweep::take_end(const JobEnd& end) {
    const auto at = open_.find(end.ticket);
    if (at == open_.end())
        return;
    Open& open = at->second;
    if (open.judged) {
        compare_with_first(open, end);
        open.done = true;
    } else {
        std::error_code ignored;
        fs::remove_all(order_.scratch / std::to_string(end.ticket), ignored);
        judge(open, end, end.ticket);
    }
}

void Sweep::judge(Open& open, const JobEnd& end, std::uint64_t number) {
    auto& report = open.record.report;
    report = crash_report(RunVerdict::Crashed, "its process ended by " + end.answer);
    if (end.answered) {
        auto read = report_from_json(end.answer);
        if (!read.ok())
            return fail(read.error());
        report = std::move(*read);
    }
    if (!report.host_trouble.empty())
        return fail(report.host_trouble);
    open.judged = true;
    open.done = report.verdict == RunVerdict::Pass;
    if (!open.done)
        to_record_.push_back(number);
}

void Sweep::compare_with_first(Open& open, const JobEnd& end) const {
    RunReport& first = open.record.report;
    const auto again = end.answered ? report_from_json(end.answer)
                                    : Result<RunReport, std::string>(Err{end.answer});
    if (again.ok() && !again->host_trouble.empty()) {
        first.complaints.push_back({"run directory", again->host_trouble, 0});
        return;
    }
    const bool dead = first.verdict == RunVerdict::Crashed || first.verdict == RunVerdict::Stuck;
    const bool dead_again =
        !again.ok() || again->verdict == RunVerdict::Crashed || again->verdict == RunVerdict::Stuck;
    open.record.complete = !dead_again;
    if (dead && dead_again)
        return;
    if (again.ok() && again->hash == first.hash && again->verdict == first.verdict)
        return;
    first.complaints.push_back(
        {"simulator",
         fmt::format("a second run gave {}",
                     !again.ok() ? again.error()
                                 : fmt::format("{} hash {}", name(again->verdict), again->hash)),
         0});
    first.verdict = RunVerdict::NotDeterministic;
}

void Sweep::report_in_order() {
    while (outcome_.end == SweepEnd::Completed && !open_.empty() && open_.begin()->second.done) {
        report(open_.begin()->second);
        open_.erase(open_.begin());
        if (order_.stop_after > 0 && outcome_.failed() == order_.stop_after && !all_reported())
            outcome_.end = SweepEnd::StoppedAfter;
    }
}

void Sweep::report(Open& open) {
    RunRecord& record = open.record;
    if (record.complete && ++kept_ > order_.keep) {
        strip_run_directory(order_.directory / record.directory);
        record.complete = false;
    }
    host_.reported(record);
    outcome_.add(record);
}

// Ends what still runs, and accounts for it.
void Sweep::wind_up() {
    pool_.kill_all();
    const bool forget = outcome_.end == SweepEnd::StoppedAfter;
    std::vector<std::uint64_t> missing;
    for (auto& [number, open] : open_) {
        if (open.judged && !forget) {
            report(open);
            continue;
        }
        missing.push_back(number);
        std::error_code ignored;
        if (!open.record.directory.empty())
            fs::remove_all(order_.directory / open.record.directory, ignored);
    }
    for (std::uint64_t number = next_; number < total(); ++number)
        missing.push_back(number);
    outcome_.runs_missing = missing.size();
    for (const std::uint64_t number : missing) {
        const std::uint64_t seed = order_.seeds[number / order_.cells.size()];
        if (outcome_.not_run.empty() || outcome_.not_run.back() != seed)
            outcome_.not_run.push_back(seed);
    }
}

}  // namespace

SweepOutcome run_sweep(const SweepOrder& order, const SweepHost& host) {
    return Sweep(order, host).run();
}

}  // namespace bsim
