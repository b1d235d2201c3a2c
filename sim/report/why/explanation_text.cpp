#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include <nlohmann/json.hpp>

#include "sim/report/why/explainer.h"
#include "sim/report/why/rules.h"
#include "sim/trace/event_text.h"

namespace bsim {
namespace {

using Json = nlohmann::ordered_json;

void put_step(std::string& text, const WhyStep& step, ExplainLevel level) {
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "  {:>12}  {}", why::time_text(step.event->t), step.what);
    if (level != ExplainLevel::Story)
        fmt::format_to(out, "  [{}]", step.event->i.value());
    text += '\n';
    if (level == ExplainLevel::Protocol) {
        std::string line;
        append_canonical(line, *step.event);
        fmt::format_to(out, "                {{{}}}\n", line);
    }
}

void put_chain(std::string& text, const WhyChain& chain, ExplainLevel level) {
    const auto out = std::back_inserter(text);
    text += '\n';
    if (!chain.title.empty())
        fmt::format_to(out, "{}:\n", chain.title);
    for (std::size_t k = 0; k < chain.steps.size(); ++k) {
        const WhyStep& step = chain.steps[k];
        put_step(text, step, level);
        const bool last = k + 1 == chain.steps.size();
        if (!step.how.empty() && !(last && chain.origin == Origin::Fault))
            fmt::format_to(out, "                because {}\n", step.how);
        if (level != ExplainLevel::Story) {
            for (const NamedSetting& setting : step.settings)
                fmt::format_to(out, "                setting {}\n", setting.text());
        }
        // The cause may be a setting that stands there already.
        const bool told = level != ExplainLevel::Story &&
                          std::any_of(step.settings.begin(), step.settings.end(),
                                      [&](const auto& one) { return one.text() == chain.cause; });
        if (last && !chain.cause.empty() && chain.origin != Origin::Fault && !told)
            fmt::format_to(out, "                because {}\n", chain.cause);
    }
}

Json setting_json(const NamedSetting& setting) {
    return {{"key", setting.key},
            {"value", setting.value},
            {"default", setting.is_default},
            {"whose", setting.whose}};
}

Json step_json(const WhyStep& step) {
    Json settings = Json::array();
    for (const NamedSetting& setting : step.settings)
        settings.push_back(setting_json(setting));
    return {
        {"i", step.event->i.value()},     {"t", step.event->t.ns()}, {"n", step.event->n.text()},
        {"k", kind_of(step.event->body)}, {"what", step.what},       {"because", step.how},
        {"settings", std::move(settings)}};
}

Json chain_json(const WhyChain& chain) {
    Json steps = Json::array();
    for (const WhyStep& step : chain.steps)
        steps.push_back(step_json(step));
    return {{"title", chain.title},
            {"steps", std::move(steps)},
            {"origin", name(chain.origin)},
            {"cause", chain.cause}};
}

}  // namespace

std::string explanation_text(const Explanation& explanation, ExplainLevel level) {
    std::string text = explanation.subject + '\n';
    for (const WhyChain& chain : explanation.chains)
        put_chain(text, chain, level);
    const auto out = std::back_inserter(text);
    if (!explanation.causes.empty())
        text += explanation.causes.size() == 1 ? "\nThe cause:\n" : "\nThe causes:\n";
    for (const TrueCause& cause : explanation.causes) {
        fmt::format_to(out, "  {}: {}", name(cause.origin), cause.text);
        if (cause.i != EventNumber{} && level != ExplainLevel::Story)
            fmt::format_to(out, "  [{}]", cause.i.value());
        text += '\n';
    }
    for (const std::string& note : explanation.notes)
        fmt::format_to(out, "\n{}\n", note);
    return text;
}

std::string explanation_json(const Explanation& explanation) {
    Json json;
    json["brokersim"] = 1;
    json["subject"] = explanation.subject;
    json["chains"] = Json::array();
    for (const WhyChain& chain : explanation.chains)
        json["chains"].push_back(chain_json(chain));
    json["causes"] = Json::array();
    for (const TrueCause& cause : explanation.causes) {
        json["causes"].push_back(
            {{"origin", name(cause.origin)},
             {"text", cause.text},
             {"i", cause.i == EventNumber{} ? Json() : Json(cause.i.value())}});
    }
    json["notes"] = explanation.notes;
    return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

std::string explanation_line(const Explanation& explanation, bool json) {
    const WhyChain& chain = explanation.chains.front();
    const WhyStep& first = chain.steps.front();
    const std::string& end = chain.cause.empty() ? chain.steps.back().what : chain.cause;
    if (json) {
        const Json line = {{"i", first.event->i.value()},     {"t", first.event->t.ns()},
                           {"k", kind_of(first.event->body)}, {"what", first.what},
                           {"origin", name(chain.origin)},    {"cause", end},
                           {"steps", chain.steps.size()}};
        return line.dump(-1, ' ', false, Json::error_handler_t::replace) + '\n';
    }
    return fmt::format("{:>12}  {}  [{}]\n                <- {}: {}\n",
                       why::time_text(first.event->t), first.what, first.event->i.value(),
                       name(chain.origin), end);
}

}  // namespace bsim
