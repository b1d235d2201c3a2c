// When a fault begins, how often, and how it ends.
#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/expression_range.h"
#include "sim/scenario/fault_builder.h"
#include "sim/scenario/fields.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

// The longest that a distribution with bounds can draw; nothing for the others, which no sum of
// times can be checked for.
SimDuration longest(const LatencyDist& dist) {
    if (const auto* constant = std::get_if<ConstantDist>(&dist)) {
        return constant->value;
    }
    const auto* uniform = std::get_if<UniformDist>(&dist);
    return uniform != nullptr ? uniform->max : SimDuration{};
}

}  // namespace

bool FaultBuilder::needs(std::string_view name, std::string_view expected) {
    if (find(name) != nullptr) {
        return true;
    }
    build_.document.report({"E0102", at_value(node_),
                            fmt::format("fault \"{}\" needs \"{}\"", kind_.name, name),
                            std::string(expected)});
    return false;
}

bool FaultBuilder::fits(const JsonNode& value, SimDuration span) {
    const auto start = duration_of(find("at"));
    if (!start || start->ns() < kDurationEndNs - span.ns()) {
        return true;
    }
    build_.document.report({"E0109", at_value(value), "the fault's end is beyond 292 years"});
    return false;
}

std::optional<AtTrigger> FaultBuilder::at(const JsonNode& node) {
    const auto time = duration_of(&node);
    if (!time) {
        return std::nullopt;
    }
    if (build_.out.duration.ns() > 0 && *time >= build_.out.duration) {
        const auto id = text_of(find("id"));
        build_.document.report(
            {"W0002", at_value(node),
             fmt::format("fault \"{}\" begins after the end of the run", id.value_or(kind_.name))});
    }
    return AtTrigger{SimTime(time->ns())};
}

std::optional<FaultTrigger> FaultBuilder::after(const JsonNode& node) {
    auto moment = build_fault_moment(build_, &node);
    if (!moment) {
        return std::nullopt;
    }
    const auto delay = duration_of(find("delay"));
    return AfterTrigger{std::move(moment->fault), moment->end, delay.value_or(SimDuration{})};
}

std::optional<FaultTrigger> FaultBuilder::when(const JsonNode& node) {
    auto expression = build_expression(build_, &node, ExpressionWanted::Condition);
    if (!expression || !check_possible(build_, node, *expression, "the trigger")) {
        return std::nullopt;
    }
    const auto hold = duration_of(find("hold"));
    if (hold && !can_last(expression->root)) {
        build_.document.report({"E0221", at_value(*find("hold")),
                                "an event is over at once: what it makes true cannot hold",
                                "no \"hold\", or a condition that lasts"});
        return std::nullopt;
    }
    return WhenTrigger{std::move(*expression), hold.value_or(SimDuration{})};
}

std::optional<FaultTrigger> FaultBuilder::trigger() {
    const JsonNode* ways[] = {find("at"), find("after"), find("when")};
    const auto given = std::count_if(std::begin(ways), std::end(ways),
                                     [](const JsonNode* way) { return way != nullptr; });
    if (given == 0) {
        needs("at", fmt::format("{}; or \"after\" or \"when\"", kDurationForm));
        return std::nullopt;
    }
    if (given > 1) {
        const auto* const first =
            std::find_if(std::begin(ways), std::end(ways), [](const JsonNode* way) { return way; });
        build_.document.report(
            {"E0112", at_key(**first), "a fault takes one of \"at\", \"after\" and \"when\""});
    }
    std::optional<FaultTrigger> out;
    if (ways[2] != nullptr) {
        out = when(*ways[2]);
    }
    if (ways[1] != nullptr) {
        out = after(*ways[1]);
    }
    if (ways[0] != nullptr) {
        out = at(*ways[0]);
    }
    return given == 1 ? std::move(out) : std::nullopt;
}

// Parameters that mean nothing without another one.
bool FaultBuilder::check_companions() {
    struct Pair {
        std::string_view name;
        std::string_view companion;
    };
    constexpr Pair kPairs[] = {{"delay", "after"}, {"hold", "when"}, {"jitter", "every"}};
    bool ok = true;
    for (const Pair& pair : kPairs) {
        if (find(pair.name) != nullptr && find(pair.companion) == nullptr) {
            ok = false;
            build_.document.report(
                {"E0112", at_key(*find(pair.name)),
                 fmt::format("\"{}\" goes with \"{}\"", pair.name, pair.companion)});
        }
    }
    if (find("times") != nullptr && find("every") == nullptr && find("when") == nullptr) {
        ok = false;
        build_.document.report(
            {"E0112", at_key(*find("times")), "\"times\" goes with \"every\" or \"when\""});
    }
    return ok;
}

bool FaultBuilder::repeat(FaultSpec& spec) {
    spec.repeat.every = duration_of(find("every"));
    spec.repeat.jitter = duration_of(find("jitter")).value_or(SimDuration{});
    spec.repeat.times = integer_of(find("times"));
    if (!draws_each_message()) {
        spec.probability = probability_of(find("probability")).value_or(Ratio{1, 1});
    }
    return !kind_.needs_every || needs("every", kDurationForm);
}

bool FaultBuilder::end(FaultSpec& spec) {
    bool ok = true;
    if (has_word(kind_.parameters, "for")) {
        spec.duration = dist_of(find("for"));
        ok = find("for") == nullptr ||
             (spec.duration && fits(*find("for"), longest(*spec.duration)));
    }
    if (const JsonNode* until = find("until"); until && has_word(kind_.parameters, "until")) {
        spec.until = build_expression(build_, until, ExpressionWanted::Condition);
        ok = spec.until && check_possible(build_, *until, *spec.until, "the end") && ok;
    }
    if (kind_.needs_end && find("until") == nullptr) {
        ok = needs("for", fmt::format("{}; or \"until\"", kDurationForm)) && ok;
    }
    return ok;
}

bool FaultBuilder::timing(FaultSpec& spec) {
    auto trigger = this->trigger();
    const bool pairs = check_companions();
    const bool repeats = repeat(spec);
    const bool ends = end(spec);
    if (!trigger || !pairs || !repeats || !ends) {
        return false;
    }
    spec.trigger = std::move(*trigger);
    return true;
}

}  // namespace bsim
