#include "sim/app/where_check.h"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <vector>

#include "sim/scenario/nearest.h"
#include "sim/scenario/quantity.h"
#include "sim/world/judged_run.h"

namespace bsim {
namespace {

using Op = TraceCondition::Op;

bool is_time(const std::string& name) {
    return name == "t" || name.ends_with("_ns");
}

std::string unknown(std::string_view what,
                    const std::string& word,
                    const std::vector<std::string_view>& known) {
    const auto near = nearest(word, known);
    return fmt::format("{} \"{}\"; {}", what, word,
                       near ? fmt::format("did you mean \"{}\"?", *near)
                            : fmt::format("there are: {}", listed(known)));
}

// The attributes of the kinds that the group asks for, or of all.
std::set<std::string_view> attributes_of(const std::vector<TraceCondition>& group,
                                         const Vocabulary& words) {
    const auto kind = std::find_if(group.begin(), group.end(), [](const TraceCondition& c) {
        return c.name == "k" && c.op == Op::Eq;
    });
    std::set<std::string_view> out = {"i", "t", "n", "k"};
    for (const EventWords& event : words.events) {
        if (kind == group.end() || kind->value == event.kind)
            out.insert(event.attributes.begin(), event.attributes.end());
    }
    return out;
}

std::string complaint(const TraceCondition& condition,
                      const std::set<std::string_view>& attributes,
                      const Vocabulary& words) {
    if (!attributes.contains(condition.name)) {
        return unknown("no such event has an attribute", condition.name,
                       {attributes.begin(), attributes.end()});
    }
    if (condition.name == "k") {
        std::vector<std::string_view> kinds;
        for (const EventWords& event : words.events)
            kinds.push_back(event.kind);
        if (std::find(kinds.begin(), kinds.end(), condition.value) == kinds.end())
            return unknown("there is no kind of events", condition.value, kinds);
    }
    const bool ordered = condition.op != Op::Eq && condition.op != Op::Ne;
    const bool number = ordered || condition.name == "i" || is_time(condition.name);
    if (!number || as_integer(condition.value) ||
        (is_time(condition.name) && parse_duration(condition.value).ok())) {
        return "";
    }
    return fmt::format("\"{}\" is no whole number{}", condition.value,
                       is_time(condition.name) ? " of nanoseconds and no duration such as 5s" : "");
}

}  // namespace

std::string where_complaint(const TraceWhere& where) {
    const Vocabulary words = vocabulary();
    for (const auto& group : where) {
        const auto attributes = attributes_of(group, words);
        // First the kind, which says what attributes there are.
        for (const bool kinds : {true, false}) {
            for (const TraceCondition& condition : group) {
                if ((condition.name == "k") != kinds)
                    continue;
                const std::string wrong = complaint(condition, attributes, words);
                if (!wrong.empty())
                    return wrong;
            }
        }
    }
    return "";
}

void take_units(TraceWhere& where) {
    for (auto& group : where) {
        for (TraceCondition& condition : group) {
            if (!is_time(condition.name) || as_integer(condition.value))
                continue;
            if (const auto time = parse_duration(condition.value); time.ok())
                condition.value = std::to_string(time->ns());
        }
    }
}

}  // namespace bsim
