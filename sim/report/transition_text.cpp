#include <algorithm>
#include <fmt/format.h>
#include <iterator>

#include <nlohmann/json.hpp>

#include "sim/report/transition_comparison.h"

namespace bsim {
namespace {

using Json = nlohmann::ordered_json;

std::string place_text(const std::optional<RunChange>& at) {
    if (!at)
        return "";
    return fmt::format("{}.{:03} s [{}]", at->t.ns() / 1'000'000'000, at->t.ns() / 1'000'000 % 1000,
                       at->i.value());
}

void put_rows(std::string& text, const StoryComparison& comparison) {
    std::size_t step = 4;
    std::size_t recorded = 8;
    std::size_t run = 3;
    for (const ComparedRow& row : comparison.rows) {
        step = std::max(step, row.step.size());
        recorded = std::max(recorded, row.recorded.size());
        run = std::max(run, row.run.size());
    }
    const auto out = std::back_inserter(text);
    fmt::format_to(out, "  {:<{}}  {:<{}}  {:<{}}  {:<18}\n", "step", step, "recorded", recorded,
                   "run", run, "time [event]");
    for (const ComparedRow& row : comparison.rows) {
        fmt::format_to(out, "  {:<{}}  {:<{}}  {:<{}}  {:<18}  {}\n", row.step, step,
                       row.recorded.empty() ? "-" : row.recorded, recorded,
                       row.run.empty() ? "-" : row.run, run, place_text(row.at),
                       row.difference.empty() ? "same" : "DIFFERENT: " + row.difference);
    }
}

}  // namespace

std::string comparison_text(const std::vector<StoryComparison>& comparisons) {
    std::string text;
    const auto out = std::back_inserter(text);
    for (const StoryComparison& comparison : comparisons) {
        fmt::format_to(out, "{}{}: {}\n", text.empty() ? "" : "\n", comparison.p.to_string(),
                       comparison.story);
        put_rows(text, comparison);
        for (const std::string& note : comparison.notes)
            fmt::format_to(out, "  note: {}\n", note);
        if (const ComparedRow* const first = comparison.first_difference()) {
            fmt::format_to(out, "  first difference: step \"{}\", {}{}\n", first->step,
                           first->difference,
                           first->at ? fmt::format(", at event {}", first->at->i.value()) : "");
        }
    }
    return text;
}

std::string comparison_json(const std::vector<StoryComparison>& comparisons) {
    Json json;
    json["brokersim"] = 1;
    json["same"] = std::all_of(comparisons.begin(), comparisons.end(),
                               [](const StoryComparison& one) { return one.same(); });
    json["stories"] = Json::array();
    for (const StoryComparison& comparison : comparisons) {
        Json rows = Json::array();
        for (const ComparedRow& row : comparison.rows) {
            rows.push_back({{"step", row.step},
                            {"recorded", row.recorded},
                            {"run", row.run},
                            {"i", row.at ? Json(row.at->i.value()) : Json()},
                            {"t", row.at ? Json(row.at->t.ns()) : Json()},
                            {"difference", row.difference}});
        }
        json["stories"].push_back({{"story", comparison.story},
                                   {"p", comparison.p.to_string()},
                                   {"same", comparison.same()},
                                   {"rows", std::move(rows)},
                                   {"notes", comparison.notes}});
    }
    return json.dump(1, ' ', false, Json::error_handler_t::replace) + '\n';
}

}  // namespace bsim
