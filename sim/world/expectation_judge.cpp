#include "sim/world/expectation_judge.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

#include "sim/scenario/expect_parts.h"
#include "sim/scenario/expression_compare.h"

namespace bsim {
namespace {

// The last instant that counts; nullopt: the end of the run.
std::optional<SimTime> end_of(const ExpectForm& form, SimTime begun) {
    if (const auto* eventually = std::get_if<EventuallyExpect>(&form))
        return begun + eventually->within;
    if (const auto* always = std::get_if<AlwaysExpect>(&form))
        return always->to;
    return std::get<SequenceExpect>(form).to;
}

std::string text_of(const std::vector<ExpressionValue>& values) {
    std::string out;
    for (const ExpressionValue& value : values)
        out += (out.empty() ? "" : ", ") + to_string(value);
    return out.empty() ? "nothing" : out;
}

std::string seconds_text(SimDuration span) {
    return fmt::format("{}.{:03} s", span.ns() / 1'000'000'000, span.ms() % 1000);
}

// "1.500 s", "183.220 ms".
std::string span_text(SimDuration span) {
    if (span >= seconds(1))
        return seconds_text(span);
    return fmt::format("{}.{:03} ms", span.ms(), span.ns() / 1'000 % 1'000);
}

// What of an `always` or `never` is measured: the number that it compares with a fixed one, at its
// worst.
struct Extreme {
    bool left = true;
    bool greatest = true;
    std::string what;
};

std::optional<Extreme> extreme_of(const ExpectForm& form) {
    const auto* always = std::get_if<AlwaysExpect>(&form);
    const auto* comparison =
        always == nullptr ? nullptr : std::get_if<Comparison>(&always->expression.root.form);
    if (comparison == nullptr || comparison->op == CompareOp::Equal ||
        comparison->op == CompareOp::NotEqual)
        return std::nullopt;
    Extreme out;
    out.left = std::holds_alternative<LiteralValue>(comparison->right->form);
    const ExpressionNode& node = out.left ? *comparison->left : *comparison->right;
    if (!out.left && !std::holds_alternative<LiteralValue>(comparison->left->form))
        return std::nullopt;
    const bool less = comparison->op == CompareOp::Less || comparison->op == CompareOp::LessEqual;
    // What must be less is worst where it is greatest.
    out.greatest = (less == out.left) != always->negated;
    out.what = fmt::format("{} {}", out.greatest ? "greatest" : "least", to_string(node));
    return out;
}

bool is_unknown(const ExpressionValue& value) {
    return std::holds_alternative<UnknownValue>(value);
}

}  // namespace

struct ExpectationJudge::Case {
    explicit Case(const ExpectSpec& of)
        : spec(of),
          expression(*parts_of(of.form).expression),
          begins(*parts_of(of.form).start),
          extreme(extreme_of(of.form)),
          interest(expression),
          watch(expression) {
        result.id = of.id;
        result.because = of.because;
        if (of.outcome == ExpectedOutcome::Violated)
            result.declared = DeclaredOutcome::Violated;
    }

    const ExpectSpec& spec;
    const Expression& expression;
    const ExpectStart& begins;
    const std::optional<Extreme> extreme;
    EventInterest interest;
    ExpressionWatch watch;
    EventId next_look;
    std::optional<SimTime> begun;
    bool decided = false;
    bool over = false;   // nothing more is measured, either
    bool known = false;  // a value was not unknown
    std::optional<NumberValue> worst;
    std::vector<ExpressionValue> values;
    ExpectationResult result;
};

ExpectationJudge::ExpectationJudge(const Scenario& scenario,
                                   Scheduler& scheduler,
                                   const TraceState::Seen& seen)
    : scheduler_(scheduler), state_(seen) {
    for (const FaultSpec& fault : scenario.faults)
        faults_[fault.id] = {fault.repeat.total(), 0, false};
    for (const ExpectSpec& spec : scenario.expect) {
        if (!std::holds_alternative<CheckExpect>(spec.form))
            cases_.push_back(std::make_unique<Case>(spec));
    }
}

ExpectationJudge::~ExpectationJudge() = default;

void ExpectationJudge::start() {
    for (const auto& item : cases_) {
        state_.forget_event(scheduler_.now());
        look(*item);
        if (!item->begins.fault)
            scheduler_.at(item->begins.from, [this, &item = *item] { begin(item); });
    }
}

void ExpectationJudge::begin(Case& item) {
    item.begun = scheduler_.now();
    // One nanosecond later: the instant itself still counts.
    const auto end = end_of(item.spec.form, *item.begun);
    if (end)
        scheduler_.at(std::max(*end, *item.begun) + SimDuration(1), [this, &item] { close(item); });
    state_.forget_event(scheduler_.now());
    look(item);
}

void ExpectationJudge::on(const Event& event, std::string_view) {
    last_ = event.i;
    state_.on(event);
    for (const auto& item : cases_) {
        if (item->interest.in(event))
            look(*item);
    }
    state_.forget_event(event.t);
    note_fault(event);
}

void ExpectationJudge::note_fault(const Event& event) {
    const auto* began = as<FaultStarted>(event);
    const auto* ended = as<FaultEnded>(event);
    const auto* skipped = as<FaultSkipped>(event);
    if (began == nullptr && ended == nullptr && skipped == nullptr)
        return;
    const std::string& id = began != nullptr ? began->f : ended != nullptr ? ended->f : skipped->f;
    const auto found = faults_.find(id);
    if (found == faults_.end())
        return;
    FaultProgress& fault = found->second;
    const bool first = began != nullptr && !std::exchange(fault.began, true);
    fault.over += began == nullptr ? 1 : 0;
    const bool last = began == nullptr && fault.began && fault.over == fault.occurrences;
    for (const auto& item : cases_) {
        const ExpectStart& start = item->begins;
        if (start.fault == id && !item->begun && (start.end ? last : first))
            begin(*item);
    }
}

void ExpectationJudge::look(Case& item) {
    if (item.over || (item.decided && !item.extreme))
        return;
    const ExpressionValue value = item.watch.look(state_);
    scheduler_.cancel(item.next_look);
    if (const auto next = item.watch.next_look()) {
        item.next_look =
            scheduler_.at(std::max(*next, scheduler_.now()), [this, &item] { look_again(item); });
    }
    if (!item.begun || is_unknown(value))
        return;
    measure(item);
    if (!item.decided)
        judge(item, value);
}

// The value that came closest to a failure, or went farthest beyond.
void ExpectationJudge::measure(Case& item) {
    const auto& compared = item.watch.compared();
    if (!item.extreme || !compared)
        return;
    const auto& value =
        std::get<NumberValue>(item.extreme->left ? compared->left : compared->right);
    const int order = item.worst ? compare(value.number, item.worst->number) : 1;
    if (!item.worst || (item.extreme->greatest ? order > 0 : order < 0))
        item.worst = value;
}

void ExpectationJudge::tell_measured(Case& item) {
    item.over = true;
    if (!item.worst)
        return;
    ExpectationResult& result = item.result;
    if (item.worst->unit == NumberUnit::Time) {
        result.measured_ns = SimDuration(item.worst->number.numerator);
    } else {
        result.measured = item.worst->number;
    }
    result.measured_what = item.extreme->what;
    const bool time = item.worst->unit == NumberUnit::Time;
    result.detail += fmt::format("; {}: {}", item.extreme->what,
                                 time ? span_text(*result.measured_ns) : to_string(*item.worst));
}

void ExpectationJudge::look_again(Case& item) {
    state_.forget_event(scheduler_.now());
    look(item);
}

void ExpectationJudge::judge(Case& item, const ExpressionValue& value) {
    item.known = true;
    const SimDuration passed = scheduler_.now() - *item.begun;
    if (const auto* sequence = std::get_if<SequenceExpect>(&item.spec.form))
        return judge_sequence(item, *sequence, value);
    const bool truth = std::get<bool>(value);
    if (const auto* always = std::get_if<AlwaysExpect>(&item.spec.form)) {
        if (truth == always->negated)
            decide(item, false, fmt::format("{} was {}", item.expression.text, truth));
        return;
    }
    if (!truth)
        return;
    item.result.measured_ns = passed;
    item.result.measured_what = "time until it was true";
    decide(item, true, fmt::format("true after {}", seconds_text(passed)));
}

void ExpectationJudge::judge_sequence(Case& item,
                                      const SequenceExpect& expect,
                                      const ExpressionValue& value) {
    auto& values = item.values;
    if (!values.empty() && compare(CompareOp::Equal, values.back(), value) == true)
        return;
    values.push_back(value);
    const std::size_t place = values.size() - 1;
    const bool fits =
        place < expect.is.size() && compare(CompareOp::Equal, value, expect.is[place]) == true;
    if (!fits)
        decide(item, false,
               fmt::format("{} took the values {}", item.expression.text, text_of(values)));
}

// The last instant that counts is over.
void ExpectationJudge::close(Case& item) {
    if (item.over)
        return;
    if (!item.decided)
        conclude(item);
    tell_measured(item);
}

void ExpectationJudge::conclude(Case& item) {
    if (const auto* eventually = std::get_if<EventuallyExpect>(&item.spec.form)) {
        return decide(item, false,
                      fmt::format("not true within {}", seconds_text(eventually->within)));
    }
    if (const auto* sequence = std::get_if<SequenceExpect>(&item.spec.form)) {
        return decide(
            item, item.values.size() == sequence->is.size(),
            fmt::format("{} took the values {}", item.expression.text, text_of(item.values)));
    }
    if (!item.known)
        return give_up(item, "its value was unknown all along");
    const bool negated = std::get<AlwaysExpect>(item.spec.form).negated;
    decide(item, true,
           fmt::format("{} was {} true", item.expression.text, negated ? "never" : "always"));
}

void ExpectationJudge::decide(Case& item, bool holds, std::string detail) {
    const bool wanted = item.spec.outcome == ExpectedOutcome::Holds;
    give_up(item, std::move(detail));
    item.result.outcome = holds == wanted ? ExpectationOutcome::Met : ExpectationOutcome::Failed;
}

void ExpectationJudge::give_up(Case& item, std::string detail) {
    item.decided = true;
    item.result.outcome = ExpectationOutcome::NotReached;
    item.result.at = scheduler_.now();
    item.result.i = last_;
    item.result.detail = std::move(detail);
}

void ExpectationJudge::finish(const EndOfRun& end) {
    last_ = end.i;
    for (const auto& item : cases_) {
        const ExpectStart& start = item->begins;
        if (!item->decided && !item->begun) {
            give_up(*item, start.fault ? fmt::format("fault {} never {}", *start.fault,
                                                     start.end ? "ended" : "began")
                                       : std::string("the run ended before it began"));
        } else if (!item->decided && std::holds_alternative<EventuallyExpect>(item->spec.form)) {
            give_up(*item, "the run ended before its time was up");
        } else {
            close(*item);
        }
        if (!item->over)
            tell_measured(*item);
        results_.push_back(item->result);
    }
}

}  // namespace bsim
