// The words that are legal at some place of a scenario.
#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/schema.h"
#include "sim/scenario/schema_values.h"
#include "sim/scenario/switch_table.h"

namespace bsim {
namespace {

std::vector<std::string> copies(const std::vector<std::string_view>& words) {
    return {words.begin(), words.end()};
}

std::optional<std::vector<std::string>> values_of_table(std::string_view name) {
    std::vector<std::string> out;
    if (name == "fault") {
        return copies(names_of_faults());
    }
    if (name == "dist") {
        return copies(names_of_dists());
    }
    if (name == "switch") {
        for (const SwitchRow& row : all_switches()) {
            out.emplace_back(row.name);
        }
        return out;
    }
    for (const ConfigKind kind : kConfigKinds) {
        if (name == config_name(kind)) {
            for (const ConfigDef& def : config_table(kind)) {
                out.emplace_back(def.name);
            }
            return out;
        }
    }
    return std::nullopt;
}

}  // namespace

std::optional<std::vector<std::string>> enum_values(std::string_view name,
                                                    const Vocabulary& vocabulary) {
    if (auto table = values_of_table(name)) {
        return table;
    }
    if (name == "check") {
        return vocabulary.checks;
    }
    if (name == "api") {
        return vocabulary.apis;
    }
    if (name == "error") {
        return vocabulary.errors;
    }
    if (name == "metric") {
        return vocabulary.metrics;
    }
    if (name == "event") {
        std::vector<std::string> kinds;
        for (const EventWords& event : vocabulary.events) {
            kinds.push_back(event.kind);
        }
        return kinds;
    }
    for (const Field& field : all_fields()) {
        const bool meant =
            name == field.name || name == fmt::format("{}.{}", name_of(field.shape), field.name);
        if (field.kind == FieldKind::Word && meant) {
            return copies(all_words(field));
        }
    }
    return std::nullopt;
}

std::vector<std::string> enum_names() {
    std::vector<std::string> out = {"fault", "check", "dist",  "switch",
                                    "event", "api",   "error", "metric"};
    for (const ConfigKind kind : kConfigKinds) {
        out.emplace_back(config_name(kind));
    }
    for (const Field& field : all_fields()) {
        if (field.kind == FieldKind::Word) {
            const std::string name(field.name);
            const bool taken = std::find(out.begin(), out.end(), name) != out.end();
            out.push_back(taken ? fmt::format("{}.{}", name_of(field.shape), name) : name);
        }
    }
    return out;
}

}  // namespace bsim
