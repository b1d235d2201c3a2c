// When a fault begins, how often, and how it ends.
#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/expression_range.h"
#include "sim/scenario/fault_builder.h"
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
    return AtTrigger{SimTime(time->ns())};
}

std::optional<FaultTrigger> FaultBuilder::after(const JsonNode& node) {
    auto moment = build_fault_moment(build_, &node, id_);
    if (!moment) {
        return std::nullopt;
    }
    const auto delay = duration_of(find("delay"));
    return AfterTrigger{std::move(moment->fault), moment->end, delay.value_or(SimDuration{})};
}

std::optional<FaultTrigger> FaultBuilder::when(const JsonNode& node) {
    auto expression = build_expression(build_, &node, ExpressionWanted::Condition);
    if (!expression || !check_possible(build_, node, *expression, "the trigger", id_)) {
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

void FaultBuilder::repeat(FaultSpec& spec) {
    spec.repeat.every = duration_of(find("every"));
    spec.repeat.jitter = duration_of(find("jitter")).value_or(SimDuration{});
    spec.repeat.times = integer_of(find("times"));
    if (!draws_each_message()) {
        spec.probability = probability_of(find("probability")).value_or(Ratio{1, 1});
    }
}

bool FaultBuilder::end(FaultSpec& spec) {
    bool ok = true;
    if (const JsonNode* lasts = find("for"); lasts && takes(kind_, "for")) {
        spec.duration = dist_of(lasts);
        ok = spec.duration && fits(*lasts, longest(*spec.duration));
    }
    if (const JsonNode* until = find("until"); until && takes(kind_, "until")) {
        spec.until = build_expression(build_, until, ExpressionWanted::Condition);
        ok = spec.until && check_possible(build_, *until, *spec.until, "the end", {}) && ok;
    }
    return ok;
}

bool FaultBuilder::timing(FaultSpec& spec) {
    auto trigger = this->trigger();
    repeat(spec);
    const bool ends = end(spec);
    if (!trigger || !ends) {
        return false;
    }
    spec.trigger = std::move(*trigger);
    return true;
}

}  // namespace bsim
