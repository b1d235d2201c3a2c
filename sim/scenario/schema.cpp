#include "sim/scenario/schema.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "sim/scenario/dist_kinds.h"
#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/key_rules.h"
#include "sim/scenario/schema_values.h"

namespace bsim {
namespace {

using Json = nlohmann::ordered_json;

Json present(const std::vector<std::string_view>& keys) {
    return {{"required", schema_words(keys)}};
}

// One of the keys is there.
Json any_present(const std::vector<std::string_view>& keys) {
    Json out = Json::array();
    for (const std::string_view key : keys) {
        out.push_back(present({key}));
    }
    return {{"anyOf", std::move(out)}};
}

Json when(Json condition, Json consequence) {
    return {{"if", std::move(condition)}, {"then", std::move(consequence)}};
}

// The condition that the key stands there with one of the words.
Json is_one_of(std::string_view key, const std::vector<std::string_view>& words) {
    return {{"properties", {{key, {{"enum", schema_words(words)}}}}},
            {"required", Json::array({key})}};
}

Json rule(const KeyRule& rule) {
    const auto others = split_words(rule.others);
    if (rule.kind == KeyRule::Kind::OneOf) {
        Json ways = Json::array();
        for (const std::string_view key : split_words(rule.keys)) {
            ways.push_back(present({key}));
        }
        return {{"oneOf", std::move(ways)}};
    }
    Json then = rule.kind == KeyRule::Kind::Apart   ? Json{{"not", any_present(others)}}
                : rule.kind == KeyRule::Kind::Needs ? present(others)
                                                    : any_present(others);
    Json condition = any_present(split_words(rule.keys));
    std::vector<std::string_view> exempt;
    for (const FaultKind& kind : all_fault_kinds()) {
        if (rule.shape == Shape::Fault && takes(kind, rule.keys)) {
            exempt.push_back(kind.name);
        }
    }
    if (!exempt.empty()) {
        condition["not"] = is_one_of("fault", exempt);
    }
    return when(std::move(condition), std::move(then));
}

// What a kind of distribution takes.
Json dist_rule(const DistKind& kind) {
    std::vector<std::string_view> names = split_words(kind.needed);
    Json then = present(names);
    for (const std::string_view name : split_words(kind.optional)) {
        names.push_back(name);
    }
    names.push_back("dist");
    then["propertyNames"] = {{"enum", schema_words(names)}};
    return when(is_one_of("dist", {kind.name}), std::move(then));
}

// One whole group of the choice, and nothing of the others.
Json choice_rule(const FaultKind& kind) {
    Json ways = Json::array();
    for (const std::string_view group : choices_of(kind)) {
        std::vector<std::string_view> others;
        for (const std::string_view other : choices_of(kind)) {
            const auto names = split_words(other);
            if (other != group) {
                others.insert(others.end(), names.begin(), names.end());
            }
        }
        Json way = present(split_words(group));
        way["not"] = any_present(others);
        ways.push_back(std::move(way));
    }
    return {{"anyOf", std::move(ways)}};
}

// Rows of a fault's parameter that stand for some kinds only.
bool has_rows(std::string_view name) {
    return std::count_if(all_fields().begin(), all_fields().end(), [&](const Field& field) {
               return field.shape == Shape::Fault && field.name == name;
           }) > 1;
}

Json fault_rule(const FaultKind& kind) {
    std::vector<std::string_view> names;
    Json own = Json::object();
    for (const Field* field : fields_of(Shape::Fault)) {
        if (field->faults != "*" && !takes(kind, field->name)) {
            continue;
        }
        names.push_back(field->name);
        if (has_rows(field->name)) {
            own[std::string(field->name)] = schema_of(*find_fault_field(field->name, kind.name));
        }
    }
    Json then = present(split_words(kind.needed));
    then["propertyNames"] = {{"enum", schema_words(names)}};
    if (!own.empty()) {
        then["properties"] = std::move(own);
    }
    Json more = Json::array();
    if (!kind.any_of.empty()) {
        more.push_back(any_present(split_words(kind.any_of)));
    }
    if (!kind.choice.empty()) {
        more.push_back(choice_rule(kind));
    }
    if (!more.empty()) {
        then["allOf"] = std::move(more);
    }
    return when(is_one_of("fault", {kind.name}), std::move(then));
}

Json object(Shape shape) {
    Json properties = Json::object();
    std::vector<std::string_view> required;
    for (const Field* field : fields_of(shape)) {
        const bool varies = shape == Shape::Fault && has_rows(field->name);
        properties[std::string(field->name)] = varies ? Json(true) : schema_of(*field);
        if (field->required) {
            required.push_back(field->name);
        }
    }
    Json out = {{"type", "object"}};
    if (!required.empty()) {
        out["required"] = schema_words(required);
    }
    out["additionalProperties"] = false;
    out["properties"] = std::move(properties);
    Json rules = Json::array();
    for (const KeyRule& known : all_key_rules()) {
        if (known.shape == shape) {
            rules.push_back(rule(known));
        }
    }
    if (shape == Shape::Fault) {
        for (const FaultKind& kind : all_fault_kinds()) {
            rules.push_back(fault_rule(kind));
        }
    }
    if (shape == Shape::Dist) {
        for (const DistKind& kind : all_dist_kinds()) {
            rules.push_back(dist_rule(kind));
        }
    }
    if (!rules.empty()) {
        out["allOf"] = std::move(rules);
    }
    return out;
}

}  // namespace

Json scenario_schema(const Vocabulary& vocabulary) {
    Json out = {{"$schema", "http://json-schema.org/draft-07/schema#"},
                {"$id", "https://brokersim.invalid/scenario-1.json"},
                {"title", "brokersim scenario, version 1"}};
    out.update(object(Shape::Scenario));
    out["patternProperties"] = {{"^(x-|//)", Json::object()}};
    Json definitions = shared_definitions();
    for (int i = 1; i <= static_cast<int>(Shape::Record); ++i) {
        const auto shape = static_cast<Shape>(i);
        definitions[std::string(name_of(shape))] = object(shape);
    }
    definitions[std::string(name_of(Shape::Expect))]["properties"]["check"]["examples"] =
        vocabulary.checks;
    out["definitions"] = std::move(definitions);
    return out;
}

}  // namespace bsim
