#include "sim/scenario/schema_values.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/scenario/dist_kinds.h"
#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/switch_table.h"

namespace bsim {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNumber = R"([0-9]+(\.[0-9]+)?)";
constexpr std::string_view kNodeId = "^(0|[1-9][0-9]{0,9})$";
constexpr std::string_view kSettingName = "^[A-Za-z0-9._-]+$";

Json ref(std::string_view definition) {
    return {{"$ref", fmt::format("#/definitions/{}", definition)}};
}

Json pattern(std::string text) {
    return {{"type", "string"}, {"pattern", std::move(text)}};
}

// A number and one of the units, more than zero unless `zero`.
std::string measured(QuantityKind kind, bool zero) {
    const auto units = units_of(kind);
    return fmt::format("{}{}({})", zero ? "" : R"((?!0+(\.0+)?[^0-9.]))", kNumber,
                       fmt::join(units, "|"));
}

Json object_of(Json value) {
    return {{"type", "object"}, {"additionalProperties", std::move(value)}};
}

Json scalar() {
    return {{"type", {"string", "number", "boolean"}}};
}

Json config(ConfigKind kind) {
    Json names = Json::object();
    for (const ConfigDef& def : config_table(kind)) {
        Json value = ref("scalar");
        if (def.default_value) {
            value = {{"allOf", Json::array({ref("scalar")})}, {"default", *def.default_value}};
        }
        names[std::string(def.name)] = std::move(value);
    }
    return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(names)}};
}

Json switches() {
    Json names = Json::object();
    for (const SwitchRow& row : all_switches()) {
        if (is_number(row)) {
            names[std::string(row.name)] = {{"type", "integer"}, {"minimum", 0}};
            continue;
        }
        Json values = schema_words(words_of(row));
        if (row.words.empty()) {
            values.insert(values.end(), {"true", "false", true, false});
        }
        for (const std::string_view word : words_of(row)) {
            if (word.find_first_not_of("0123456789") == std::string_view::npos) {
                values.push_back(std::stoi(std::string(word)));
            }
        }
        names[std::string(row.name)] = {{"enum", std::move(values)}};
    }
    return {{"type", "object"}, {"additionalProperties", false}, {"properties", std::move(names)}};
}

Json integer(const Field& field) {
    Json out = {{"type", "integer"}, {"minimum", field.min}};
    if (field.max != std::numeric_limits<std::int64_t>::max()) {
        out["maximum"] = field.max;
    }
    return out;
}

Json array_of(const Field& field, Json items) {
    Json out = {{"type", "array"}, {"items", std::move(items)}};
    if (field.items_min > 0) {
        out["minItems"] = field.items_min;
    }
    if (field.items_max != std::numeric_limits<std::size_t>::max()) {
        out["maxItems"] = field.items_max;
    }
    return out;
}

Json any_of(Json a, Json b) {
    return {{"anyOf", Json::array({std::move(a), std::move(b)})}};
}

Json array_value(const Field& field) {
    switch (field.kind) {
        case FieldKind::Texts:
            return array_of(field, {{"type", "string"}});
        case FieldKind::Selectors:
            return array_of(field, ref("selector"));
        case FieldKind::Values:
            return array_of(field, {{"type", {"string", "number", "boolean", "null"}}});
        case FieldKind::Objects:
            return array_of(field, {{"type", "object"}});
        case FieldKind::Integers:
            return array_of(field, integer(field));
        case FieldKind::IntegerOrIntegers:
            return any_of(integer(field), array_of(field, integer(field)));
        case FieldKind::ReplicaLists:
            return array_of(field, any_of(integer(field), array_of(field, integer(field))));
        default:
            return array_of(field, ref(name_of(field.sub)));
    }
}

Json object_value(const Field& field) {
    switch (field.kind) {
        case FieldKind::Config:
            return ref(config_name(field.config));
        case FieldKind::OtherConfig:
            return ref("other_config");
        case FieldKind::Scalars:
            return object_of(ref("scalar"));
        case FieldKind::Switches:
            return ref("switches");
        case FieldKind::Assignment:
            return object_of({{"type", "array"}, {"items", {{"type", "integer"}, {"minimum", 0}}}});
        case FieldKind::NodeMap:
            return {{"type", "object"},
                    {"minProperties", 1},
                    {"additionalProperties", false},
                    {"patternProperties", {{kNodeId, ref(name_of(field.sub))}}}};
        case FieldKind::NameMap:
            return object_of(ref(name_of(field.sub)));
        default:
            return ref(name_of(field.sub));
    }
}

// Values for which a definition of the same name is made.
std::string_view definition_of(FieldKind kind) {
    switch (kind) {
        case FieldKind::Id:
            return "id";
        case FieldKind::Duration:
            return "duration";
        case FieldKind::DurationOrZero:
            return "duration_or_zero";
        case FieldKind::SignedDuration:
            return "signed_duration";
        case FieldKind::Drift:
            return "drift";
        case FieldKind::Dist:
            return "duration_or_dist";
        case FieldKind::Size:
            return "size";
        case FieldKind::Rate:
            return "record_rate";
        case FieldKind::BitRate:
            return "bit_rate";
        case FieldKind::Probability:
            return "probability";
        case FieldKind::Expression:
            return "expression";
        case FieldKind::OneSelector:
            return "selector";
        default:
            return {};
    }
}

}  // namespace

Json schema_of(const Field& field) {
    if (const auto name = definition_of(field.kind); !name.empty()) {
        return ref(name);
    }
    switch (field.kind) {
        case FieldKind::Text:
            return {{"type", "string"}};
        case FieldKind::Boolean:
            return {{"type", "boolean"}};
        case FieldKind::Integer:
            return field.min == field.max ? Json{{"const", field.min}} : integer(field);
        case FieldKind::Factor:
            return {{"type", "number"}, {"exclusiveMinimum", 0}};
        case FieldKind::Loss:
            return any_of(ref("probability"), ref(name_of(field.sub)));
        case FieldKind::Word:
            return {{"enum", schema_words(all_words(field))}};
        case FieldKind::DistName:
            return {{"enum", schema_words(names_of_dists())}};
        case FieldKind::FaultName:
            return {{"enum", schema_words(names_of_faults())}};
        case FieldKind::Texts:
        case FieldKind::Selectors:
        case FieldKind::Values:
        case FieldKind::Objects:
        case FieldKind::Integers:
        case FieldKind::IntegerOrIntegers:
        case FieldKind::ReplicaLists:
        case FieldKind::List:
            return array_value(field);
        default:
            return object_value(field);
    }
}

Json schema_words(const std::vector<std::string_view>& words) {
    Json out = Json::array();
    for (const std::string_view word : words) {
        out.push_back(word);
    }
    return out;
}

std::string_view config_name(ConfigKind kind) {
    switch (kind) {
        case ConfigKind::Broker:
            return "broker_config";
        case ConfigKind::Topic:
            return "topic_config";
        case ConfigKind::Producer:
            return "producer_config";
        case ConfigKind::Consumer:
            return "consumer_config";
    }
    return {};
}

std::vector<std::string_view> names_of_dists() {
    std::vector<std::string_view> out;
    for (const DistKind& kind : all_dist_kinds()) {
        out.push_back(kind.name);
    }
    return out;
}

std::vector<std::string_view> names_of_faults() {
    std::vector<std::string_view> out;
    for (const FaultKind& kind : all_fault_kinds()) {
        out.push_back(kind.name);
    }
    return out;
}

Json shared_definitions() {
    const std::string duration = measured(QuantityKind::Duration, true);
    Json out = {
        {"id", {{"type", "string"}, {"pattern", "^[a-z0-9][a-z0-9-]*$"}, {"maxLength", 100}}},
        {"duration", pattern("^" + measured(QuantityKind::Duration, false) + "$")},
        {"duration_or_zero", pattern("^" + duration + "$")},
        {"signed_duration", pattern("^-?" + duration + "$")},
        {"drift", pattern(fmt::format("^-?{}ppm$", kNumber))},
        {"duration_or_dist", any_of(ref("duration"), ref(name_of(Shape::Dist)))},
        {"size", pattern("^" + measured(QuantityKind::Size, true) + "$")},
        {"bit_rate", pattern("^" + measured(QuantityKind::BitRate, false) + "$")},
        {"record_rate",
         pattern(fmt::format("^(max|{}|{})$", measured(QuantityKind::RecordRate, false),
                             measured(QuantityKind::BitRate, true)))},
        {"probability", {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}},
        {"scalar", scalar()},
        {"selector", {{"type", "string"}, {"minLength", 1}}},
        {"expression", {{"type", "string"}, {"minLength", 1}}},
        {"other_config",
         {{"type", "object"},
          {"additionalProperties", false},
          {"patternProperties", {{kSettingName, ref("scalar")}}}}},
        {"switches", switches()},
    };
    for (const ConfigKind kind : kConfigKinds) {
        out[std::string(config_name(kind))] = config(kind);
    }
    return out;
}

}  // namespace bsim
