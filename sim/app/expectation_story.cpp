#include "sim/app/expectation_story.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>

#include "sim/app/expression_concerns.h"
#include "sim/app/expression_history.h"
#include "sim/report/why/rules.h"
#include "sim/scenario/expect_parts.h"

namespace bsim {
namespace {

std::string text_of(SimTime t) {
    return why::time_text(t);
}

std::string text_of(SimDuration span) {
    return text_of(SimTime() + span);
}

// When the expectation began to count: at the first FaultStarted, or the last FaultEnded.
Result<SimTime, TraceError> begun(std::istream& trace, const ExpectStart& start) {
    SimTime at = start.from;
    if (!start.fault)
        return at;
    TraceReader reader(trace, Attributes::Required);
    BSIM_TRY_VOID(reader.header());
    bool found = false;
    for (;;) {
        BSIM_TRY(const auto event, reader.next());
        if (!event)
            return at;
        const auto* began = as<FaultStarted>(*event);
        const auto* ended = as<FaultEnded>(*event);
        if (began != nullptr && began->f == *start.fault && !start.end && !found)
            at = event->t;
        if (ended != nullptr && ended->f == *start.fault && start.end)
            at = event->t;
        found = found || (began != nullptr && began->f == *start.fault);
    }
}

void rewind(std::istream& in) {
    in.clear();
    in.seekg(0);
}

// Why the expression had this value at the time.
void point_at(ExpressionStory& story, const ExpressionHistory& history, SimTime t) {
    story.t = t;
    if (const ExpressionMoment* const moment = history.at(t))
        story.i = moment->i;
    story.others.assign(history.newest.rbegin(), history.newest.rend());
}

ExpressionStory of_eventually(const ExpressionHistory& history,
                              const EventuallyExpect& expect,
                              SimTime start,
                              const StoredExpectation& judged) {
    ExpressionStory story;
    story.within = expect.within;
    const std::string wish = fmt::format(
        "expectation {} {}: {} was to become true within {} from "
        "{} on",
        judged.id, judged.outcome, expect.expression.text, text_of(expect.within), text_of(start));
    const ExpressionMoment* const moment = history.first(true, start);
    if (moment == nullptr) {
        story.subject = wish + ", and did not up to the end of the run";
        point_at(story, history, judged.at);
        return story;
    }
    const SimTime came = std::max(start, moment->t);
    story.t = came;
    story.i = moment->i;
    story.took = came - start;
    story.subject =
        fmt::format("{}, and did at {}, {} later", wish, text_of(came), text_of(came - start));
    return story;
}

ExpressionStory of_always(const ExpressionHistory& history,
                          const AlwaysExpect& expect,
                          SimTime start,
                          const StoredExpectation& judged) {
    ExpressionStory story;
    const bool bad = expect.negated;
    const ExpressionMoment* const moment = history.first(bad, start);
    const std::string wish =
        fmt::format("expectation {} {}: {} was to be {} true from {} on", judged.id, judged.outcome,
                    expect.expression.text, expect.negated ? "never" : "always", text_of(start));
    if (moment == nullptr || (expect.to && moment->t > *expect.to)) {
        story.subject = judged.outcome == "failed"
                            ? fmt::format("{}: {}, at {}", wish, judged.detail, text_of(judged.at))
                            : wish + ", and was";
        point_at(story, history, judged.at);
        return story;
    }
    story.t = std::max(start, moment->t);
    story.i = moment->i;
    const std::string since =
        moment->t < start ? fmt::format(", since {}", text_of(moment->t)) : std::string();
    story.subject = fmt::format("{}, and was {} at {}{}", wish, bad ? "true" : "false",
                                text_of(story.t), since);
    return story;
}

}  // namespace

Result<ExpressionStory, TraceError> story_of(std::istream& trace,
                                             const Scenario& scenario,
                                             const ExpectSpec& spec,
                                             const StoredExpectation& judged) {
    const ExpectParts parts = parts_of(spec.form);
    rewind(trace);
    BSIM_TRY(const ExpressionHistory history,
             expression_history(trace, scenario, *parts.expression, std::nullopt));
    rewind(trace);
    BSIM_TRY(const SimTime start, begun(trace, *parts.start));
    ExpressionStory story;
    AskedSpan span{start, judged.at};
    if (const auto* eventually = std::get_if<EventuallyExpect>(&spec.form)) {
        story = of_eventually(history, *eventually, start, judged);
        // What came in time is explained by the event that brought it.
        const bool late = !story.took || *story.took > eventually->within;
        span = {start, std::max(start, std::min(story.t, start + eventually->within)), true};
        if (!late)
            return story;
    } else if (const auto* always = std::get_if<AlwaysExpect>(&spec.form)) {
        story = of_always(history, *always, start, judged);
        span = {start, story.t};
    } else {
        story.subject =
            fmt::format("expectation {} {}: {}", judged.id, judged.outcome, judged.detail);
        point_at(story, history, judged.at);
    }
    if (judged.outcome != "met")
        story.concerns = concerns_of(scenario, *parts.expression, span);
    return story;
}

Result<ExpressionStory, TraceError> story_of(std::istream& trace,
                                             const Scenario& scenario,
                                             const Expression& condition,
                                             std::optional<SimTime> at) {
    rewind(trace);
    BSIM_TRY(const ExpressionHistory history, expression_history(trace, scenario, condition, at));
    const SimTime end = at.value_or(SimTime(std::numeric_limits<std::int64_t>::max()));
    const ExpressionMoment* const now = history.at(end);
    const ExpressionMoment* const moment = history.last(true, end);
    ExpressionStory story;
    if (moment == nullptr) {
        const bool known = now != nullptr && !std::holds_alternative<UnknownValue>(now->value);
        story.subject = fmt::format(
            "{} was not true up to {}: {}", condition.text,
            at ? text_of(*at) : "the end of the run",
            known ? "it was " + to_string(now->value) : std::string("its value is unknown"));
        point_at(story, history, end);
        story.t = std::min(end, history.end);
        story.concerns = concerns_of(scenario, condition, {SimTime(), story.t, false});
        return story;
    }
    story.t = moment->t;
    story.i = moment->i;
    story.concerns = concerns_of(scenario, condition, {SimTime(), story.t, false});
    const bool still = now == moment;
    story.subject = still ? fmt::format("{} is true since {}", condition.text, text_of(moment->t))
                          : fmt::format("{} became true last at {} (until {})", condition.text,
                                        text_of(moment->t), text_of((moment + 1)->t));
    return story;
}

}  // namespace bsim
