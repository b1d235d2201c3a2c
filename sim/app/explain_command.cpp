#include "sim/app/explain_command.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/app/expectation_story.h"
#include "sim/app/stored_run.h"
#include "sim/app/stored_scenario.h"
#include "sim/app/stored_verdicts.h"
#include "sim/app/usage.h"
#include "sim/report/verdict.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/quantity.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

constexpr int kUsage = static_cast<int>(ExitCode::Usage);
constexpr int kIoError = static_cast<int>(ExitCode::IoError);

struct ExplainOptions {
    std::string run;
    std::string why;
    std::string violation;
    std::string event;
    std::vector<std::string> every;  // kinds of events
    std::string at;
    std::string level = "operator";

    std::optional<SimTime> moment() const {
        return at.empty() ? std::nullopt : std::optional(SimTime() + *parse_duration(at));
    }
};

int refuse(int code, const std::string& why) {
    say("brokersim: " + why);
    return code;
}

ExplainLevel level_of(const std::string& name) {
    return name == "story"      ? ExplainLevel::Story
           : name == "protocol" ? ExplainLevel::Protocol
                                : ExplainLevel::Operator;
}

// One call of the command on a run that could be opened.
class Session {
  public:
    Session(const ExplainOptions& options, const GlobalOptions& global)
        : options_(options), global_(global) {}

    int run() {
        const StoredRunOptions stored_run{options_.run, {}, {}};
        path_ = stored_run.trace_path();
        directory_ = fs::path(path_).parent_path().string();
        auto opened = open_whole_trace(stored_run);
        if (!opened)
            return kIoError;
        trace_ = std::move(*opened);
        auto stored = read_stored_scenario(directory_.empty() ? "." : directory_);
        if (stored.ok())
            stored_ = std::move(*stored);
        else
            no_scenario_ = stored.error();
        if (!options_.why.empty())
            return why();
        if (!options_.event.empty())
            return event();
        if (!options_.every.empty())
            return every();
        if (!options_.violation.empty())
            return violation(options_.violation);
        return options_.at.empty() ? first_complaint() : newest();
    }

  private:
    int why() {
        if (!stored_)
            return refuse(kIoError, "--why needs the scenario: " + no_scenario_);
        const auto condition = parse_condition(*stored_, options_.why);
        if (!condition.ok())
            return refuse(kUsage, "--why: " + condition.error());
        return tell(story_of(trace_, stored_->scenario, *condition, options_.moment()));
    }

    int event() {
        std::uint64_t number = 0;
        const char* const end = options_.event.data() + options_.event.size();
        const auto [stop, error] = std::from_chars(options_.event.data(), end, number);
        if (error != std::errc{} || stop != end || number == 0)
            return refuse(kUsage, fmt::format("--event wants the number of an event, got \"{}\"",
                                              options_.event));
        if (const int code = load(EventNumber(number)); code != 0)
            return code;
        const Event* const found = trace_events_->find(EventNumber(number));
        if (found != nullptr)
            return explain(*found);
        if (number > trace_events_->last_number().value())
            return refuse(kUsage, fmt::format("there is no event {}; the trace ends with event {}",
                                              number, trace_events_->last_number().value()));
        const Event* const near = trace_events_->last_kept(EventNumber(number));
        return refuse(
            kUsage,
            fmt::format("event {} is not in the trace: it told of a message, and those "
                        "were not recorded{}",
                        number,
                        near == nullptr ? "" : fmt::format("; did you mean {}?", near->i.value())));
    }

    int violation(const std::string& id) {
        const auto verdicts = read_verdicts(directory_);
        if (!verdicts.ok())
            return refuse(kIoError, verdicts.error());
        if (const StoredExpectation* const found = verdicts->expectation(id))
            return expectation(*verdicts, *found);
        if (const StoredCheck* const found = verdicts->check(id))
            return check(*found);
        std::vector<std::string_view> known;
        for (const StoredExpectation& one : verdicts->expectations)
            known.push_back(one.id);
        for (const StoredCheck& one : verdicts->checks)
            known.push_back(one.name);
        const auto near = nearest(id, known);
        return refuse(kUsage,
                      fmt::format("there is no expectation and no check \"{}\"{}", id,
                                  near ? fmt::format("; did you mean \"{}\"?", *near)
                                       : fmt::format("; there are: {}", fmt::join(known, ", "))));
    }

    int expectation(const StoredVerdicts& verdicts, const StoredExpectation& judged) {
        const ExpectSpec* spec = nullptr;
        if (stored_) {
            for (const ExpectSpec& one : stored_->scenario.expect) {
                if (one.id == judged.id)
                    spec = &one;
            }
        }
        if (spec == nullptr)
            return refuse(kIoError, fmt::format("expectation \"{}\" is not in the scenario: {}",
                                                judged.id, no_scenario_));
        const auto* of_check = std::get_if<CheckExpect>(&spec->form);
        if (of_check == nullptr)
            return tell(story_of(trace_, stored_->scenario, *spec, judged));
        const StoredCheck* const found = verdicts.check(of_check->check);
        if (found == nullptr)
            return refuse(kIoError, "results.json has no check " + of_check->check);
        if (!found->first && judged.outcome == "failed") {
            print(
                found->evaluations == 0
                    ? fmt::format("expectation {} failed: {} was declared to be violated, and was "
                                  "never put to the test\n",
                                  judged.id, found->name)
                    : fmt::format("expectation {} failed: {} was declared to be violated, and held "
                                  "in all {} evaluations\n",
                                  judged.id, found->name, found->evaluations));
            return 0;
        }
        return check(*found);
    }

    int check(const StoredCheck& judged) {
        if (!judged.first && judged.evaluations == 0) {
            print(
                fmt::format("{} was never put to the test in this run: there is nothing to "
                            "explain\n",
                            judged.name));
            return 0;
        }
        if (!judged.first) {
            print(fmt::format("{} held in all {} evaluations: there is nothing to explain\n",
                              judged.name, judged.evaluations));
            return 0;
        }
        if (const int code = load(judged.first->i); code != 0)
            return code;
        return show(explainer().explain(*judged.first));
    }

    // A line for each event of these kinds: where its chain ends.
    int every() {
        for (const std::string& kind : options_.every) {
            if (is_event_kind(kind))
                continue;
            const auto near = nearest(kind, event_kinds());
            return refuse(kUsage,
                          fmt::format("there is no kind of events \"{}\"{}", kind,
                                      near ? fmt::format("; did you mean \"{}\"?", *near) : ""));
        }
        if (const int code = load(EventNumber{}); code != 0)
            return code;
        const Explainer& ready = explainer();
        for (const Event& event : trace_events_->events()) {
            const bool wanted = std::find(options_.every.begin(), options_.every.end(),
                                          kind_of(event.body)) != options_.every.end();
            if (wanted && (options_.at.empty() || event.t <= *options_.moment()))
                print(explanation_line(ready.explain(event), global_.json));
        }
        return 0;
    }

    // What fails the run, or else what was found at all.
    int first_complaint() {
        const auto verdicts = read_verdicts(directory_);
        if (!verdicts.ok())
            return refuse(kIoError, verdicts.error());
        for (const StoredExpectation& one : verdicts->expectations) {
            if (one.outcome == "failed")
                return expectation(*verdicts, one);
        }
        for (const bool permitted : {false, true}) {
            for (const StoredCheck& one : verdicts->checks) {
                if (one.first && one.first->permitted == permitted)
                    return check(one);
            }
        }
        return refuse(kUsage,
                      "everything was as declared in this run; say --why EXPR, --event NUMBER or "
                      "--violation ID for what you want to know");
    }

    // The newest thing worth telling at that moment.
    int newest() {
        if (const int code = load(EventNumber{}); code != 0)
            return code;
        const Event* found = nullptr;
        for (const Event& event : trace_events_->events()) {
            const bool tells =
                as<PartitionChanged>(event) != nullptr || as<NodeStopped>(event) != nullptr ||
                as<ControllerElected>(event) != nullptr || as<BrokerFenced>(event) != nullptr ||
                as<MemberLeft>(event) != nullptr || as<RebalanceStarted>(event) != nullptr ||
                as<FaultStarted>(event) != nullptr;
            if (event.t <= *options_.moment() && tells)
                found = &event;
        }
        return found == nullptr ? refuse(kUsage, "nothing had happened by then") : explain(*found);
    }

    int tell(const Result<ExpressionStory, TraceError>& story) {
        if (!story.ok())
            return refuse(kIoError, path_ + ": " + story.error().to_string());
        if (const int code = load(story->i); code != 0)
            return code;
        return show(explainer().explain(*story));
    }

    int explain(const Event& event) { return show(explainer().explain(event)); }

    Explainer& explainer() {
        facts_ = stored_ ? facts_of(*stored_) : RunFacts{};
        explainer_.emplace(*trace_events_, facts_);
        return *explainer_;
    }

    int load(EventNumber whole) {
        trace_.clear();
        trace_.seekg(0);
        auto events = read_stored_trace(trace_, whole);
        if (!events.ok())
            return refuse(kIoError, path_ + ": " + events.error().to_string());
        trace_events_.emplace(std::move(*events));
        return 0;
    }

    int show(Explanation explanation) {
        if (!stored_ && !global_.quiet)
            say("brokersim: settings are shown as if they were defaults: " + no_scenario_);
        print(global_.json ? explanation_json(explanation)
                           : explanation_text(explanation, level_of(options_.level)));
        return 0;
    }

    const ExplainOptions& options_;
    const GlobalOptions& global_;
    std::string directory_;
    std::string path_;
    std::ifstream trace_;
    std::optional<StoredScenario> stored_;
    std::string no_scenario_;
    RunFacts facts_;
    std::optional<StoredTrace> trace_events_;
    std::optional<Explainer> explainer_;
};

// Looks like E0107, or e107.
bool looks_like_code(const std::string& text) {
    return text.size() > 2 && text.size() <= 5 &&
           std::string_view("EWew").find(text[0]) != std::string_view::npos &&
           text.find_first_not_of("0123456789", 1) == std::string::npos;
}

// "e107" is E0107.
std::string code_of(const std::string& text) {
    const char letter = text[0] == 'e' ? 'E' : text[0] == 'w' ? 'W' : text[0];
    return letter + std::string(5 - text.size(), '0') + text.substr(1);
}

int explain_diagnostic(const std::string& code, const GlobalOptions& global) {
    const auto text = explain_code(code);
    if (!text)
        return refuse(kUsage, "no diagnostic has the code \"" + code + "\"");
    if (global.json) {
        print_json({{"code", code}, {"text", std::string(*text)}});
    } else {
        print(std::string(*text) + '\n');
    }
    return 0;
}

int explain(const ExplainOptions& options, const GlobalOptions& global) {
    std::error_code error;
    const bool exists = fs::exists(options.run, error);
    if (!exists) {
        if (looks_like_code(options.run))
            return explain_diagnostic(code_of(options.run), global);
        return refuse(kIoError, options.run + ": there is no such run directory");
    }
    return Session(options, global).run();
}

}  // namespace

void add_explain_command(CLI::App& root, const GlobalOptions& global, int& exit_code) {
    auto options = std::make_shared<ExplainOptions>();
    CLI::App* command = root.add_subcommand(
        "explain", "Tell why something happened in a run, or what a diagnostic's code means");
    command->add_option("RUN", options->run, "Run directory or trace file, or a code such as E0107")
        ->required()
        ->check(path_complaint);
    auto* why =
        command->add_option("--why", options->why, "When a condition became true last, and why");
    auto* violation = command->add_option(
        "--violation", options->violation,
        "An expectation's id, or a check's name; the first that failed if nothing is asked");
    auto* event = command->add_option("--event", options->event, "An event's number");
    auto* every = command
                      ->add_option("--every", options->every,
                                   "A line for each event of this kind; may repeat")
                      ->allow_extra_args(false);
    command->add_option("--at", options->at, "Look no further than this simulated time")
        ->check(duration_complaint);
    command->add_option("--level", options->level, "story, operator or protocol")
        ->check(CLI::IsMember({"story", "operator", "protocol"}));
    why->excludes(violation)->excludes(event)->excludes(every);
    violation->excludes(event)->excludes(every);
    event->excludes(every);
    command->callback([options, &global, &exit_code] { exit_code = explain(*options, global); });
}

}  // namespace bsim
