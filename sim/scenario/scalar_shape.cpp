#include "sim/scenario/scalar_shape.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/features.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/selector_text.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

using NodeKind = JsonNode::Kind;

std::string with_commas(std::string_view words) {
    std::string out;
    for (const std::string_view word : split_words(words)) {
        out += (out.empty() ? "" : ", ") + std::string(word);
    }
    return out;
}

// The parameters that each distribution takes.
std::string_view dist_parameters(std::string_view kind) {
    if (kind == "uniform") {
        return "min max";
    }
    if (kind == "lognormal") {
        return "median p99";
    }
    return "mean";  // constant, exponential
}

std::string range_text(const Field& field) {
    if (field.min == field.max) {
        return fmt::format("{}", field.min);
    }
    if (field.max == std::numeric_limits<std::int64_t>::max()) {
        return fmt::format("a whole number, at least {}", field.min);
    }
    return fmt::format("a whole number from {} to {}", field.min, field.max);
}

struct Judged {
    std::string_view code;
    std::string message;
    std::string suggestion;
};

Judged judged(const QuantityError& error) {
    const bool malformed = error.kind == QuantityError::Kind::Malformed;
    return {malformed ? "E0108" : "E0109", error.message, error.suggestion};
}

// What is wrong with the text of a quantity; an empty code if nothing is.
Judged judge_quantity(const Field& field, std::string_view text) {
    if (field.kind == FieldKind::Size) {
        const auto size = parse_size(text);
        return size ? Judged{} : judged(size.error());
    }
    if (field.kind == FieldKind::Rate) {
        if (text == "max") {
            return {};
        }
        if (is_byte_rate(text)) {
            return {"E0900", "a rate in bits or bytes is not built yet for producers", {}};
        }
        const auto rate = parse_record_rate(text);
        return rate ? Judged{} : judged(rate.error());
    }
    if (field.kind == FieldKind::BitRate) {
        const auto rate = parse_bit_rate(text);
        return rate ? Judged{} : judged(rate.error());
    }
    if (field.kind == FieldKind::SignedDuration) {
        const auto span = parse_signed_duration(text);
        return span ? Judged{} : judged(span.error());
    }
    if (field.kind == FieldKind::Drift) {
        const bool legal = parse_drift(text).has_value();
        return legal ? Judged{} : Judged{"E0108", fmt::format("\"{}\" is no drift", text), {}};
    }
    const auto duration = parse_duration(text);
    if (!duration) {
        return judged(duration.error());
    }
    if (duration->ns() == 0 && field.kind != FieldKind::DurationOrZero) {
        return {"E0109", fmt::format("{} must be longer than zero", field.name), {}};
    }
    return {};
}

}  // namespace

void ScalarShape::wrong_type(const JsonNode& node, std::string_view name, std::string_view wanted) {
    document_.report(
        {"E0103", at_value(node),
         fmt::format("{} must be {}, got {}", name, wanted, json_kind_name(node.kind))});
}

std::string ScalarShape::words_of(const Field& field) const {
    std::string words(field.words);
    bool others = !field.unbuilt_words.empty();
    for (const std::string_view word : split_words(field.feature_words)) {
        if (has_feature(vocabulary_, feature_name(field, word))) {
            words += fmt::format(" {}", word);
        } else {
            others = true;
        }
    }
    return with_commas(words) + (others ? " (others are not built yet)" : "");
}

std::string ScalarShape::fault_names() const {
    std::string out;
    for (const FaultKind& kind : all_fault_kinds()) {
        if (kind.described && has_feature(vocabulary_, fault_feature(kind.name))) {
            out += (out.empty() ? "" : ", ") + std::string(kind.name);
        }
    }
    return out + " (others are not built yet)";
}

std::string ScalarShape::form(const Field& field) const {
    switch (field.kind) {
        case FieldKind::Id:
            return "lower-case letters, digits and dashes, beginning with a letter or digit";
        case FieldKind::Boolean:
            return "true or false";
        case FieldKind::Integer:
            return range_text(field);
        case FieldKind::Integers:
            return fmt::format("an array, each element {}", range_text(field));
        case FieldKind::IntegerOrIntegers:
            return fmt::format("{}, or an array of them", range_text(field));
        case FieldKind::Duration:
        case FieldKind::DurationOrZero:
            return std::string(kDurationForm);
        case FieldKind::SignedDuration:
            return fmt::format("{}, with or without a minus", kDurationForm);
        case FieldKind::Drift:
            return "parts per million, such as \"20ppm\" or \"-3.5ppm\"";
        case FieldKind::Dist:
            return fmt::format("{}; or {{\"dist\": ...}}", kDurationForm);
        case FieldKind::Size:
            return std::string(kSizeForm);
        case FieldKind::Rate:
            return std::string(kRateForm);
        case FieldKind::BitRate:
            return std::string(kBitRateForm);
        case FieldKind::Probability:
            return "a number from 0 to 1";
        case FieldKind::Loss:
            return "a number from 0 to 1; or {\"good_to_bad\": ..., \"bad_to_good\": ...}";
        case FieldKind::Factor:
            return "a number more than 0";
        case FieldKind::Word:
            return words_of(field);
        case FieldKind::FaultName:
            return fault_names();
        case FieldKind::OneSelector:
        case FieldKind::Selectors:
            return std::string(kSelectorForm);
        case FieldKind::Assignment:
            return "an object such as {\"0\": [1, 2, 3]}";
        case FieldKind::Expression:
            return "an expression, such as \"isr(orders-0) < 3\"";
        case FieldKind::Object:
        case FieldKind::NodeMap:
        case FieldKind::NameMap:
        case FieldKind::Config:
        case FieldKind::Switches:
            return "an object";
        case FieldKind::List:
        case FieldKind::Texts:
        case FieldKind::Values:
            return "an array";
        case FieldKind::Any:
        case FieldKind::Text:
            return "a string";
    }
    return {};
}

void ScalarShape::check(const Field& field, const JsonNode& node) {
    switch (field.kind) {
        case FieldKind::Text:
        case FieldKind::Id:
        case FieldKind::OneSelector:
        case FieldKind::Expression:
            return text(field, node);
        case FieldKind::Boolean:
            if (node.kind != NodeKind::Boolean) {
                wrong_type(node, field.name, "true or false");
            }
            return;
        case FieldKind::Integer:
            return integer(field, node);
        case FieldKind::Integers:
        case FieldKind::IntegerOrIntegers:
            return integers(field, node);
        case FieldKind::Duration:
        case FieldKind::DurationOrZero:
        case FieldKind::SignedDuration:
        case FieldKind::Drift:
        case FieldKind::Dist:
        case FieldKind::Size:
        case FieldKind::Rate:
        case FieldKind::BitRate:
            return quantity(field, node);
        case FieldKind::Probability:
        case FieldKind::Loss:
        case FieldKind::Factor:
            return decimal(field, node);
        case FieldKind::Word:
            return word(field, node);
        case FieldKind::FaultName:
            return fault_name(field, node);
        case FieldKind::Config:
        case FieldKind::Switches:
            return config(field, node);
        case FieldKind::Assignment:
            return assignment(field, node);
        case FieldKind::Selectors:
        case FieldKind::Texts:
        case FieldKind::Values:
            return array_of(field, node);
        default:
            return;
    }
}

void ScalarShape::array_of(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::Array) {
        return wrong_type(node, field.name, "an array");
    }
    const bool values = field.kind == FieldKind::Values;
    for (const JsonNode& child : node.children) {
        const bool scalar = child.kind != NodeKind::Array && child.kind != NodeKind::Object;
        if (values ? !scalar : child.kind != NodeKind::String) {
            wrong_type(child, field.name,
                       values ? "a string, a number, true, false or null" : "a string");
        }
    }
}

void ScalarShape::decimal(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::Number) {
        return wrong_type(node, field.name, "a number");
    }
    const auto ratio = Ratio::parse(node.text);
    const bool factor = field.kind == FieldKind::Factor;
    const bool legal =
        ratio && (factor ? ratio->numerator > 0 : ratio->numerator <= ratio->denominator);
    if (!legal) {
        document_.report({"E0105", at_value(node),
                          fmt::format("{} {} is out of range", field.name, node.text),
                          form(field)});
    }
}

void ScalarShape::fault_name(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::String) {
        return wrong_type(node, field.name, "a string");
    }
    const FaultKind* kind = find_fault_kind(node.text);
    if (kind == nullptr) {
        std::vector<std::string_view> names;
        for (const FaultKind& known : all_fault_kinds()) {
            names.push_back(known.name);
        }
        document_.report({"E0104", at_value(node), fmt::format("unknown fault \"{}\"", node.text),
                          fault_names(), std::string(nearest(node.text, names).value_or(""))});
    } else if (!kind->described || !has_feature(vocabulary_, fault_feature(kind->name))) {
        document_.report({"E0900", at_value(node),
                          fmt::format("fault \"{}\" is part of the scenario format but not built "
                                      "yet",
                                      node.text),
                          fault_names()});
    }
}

void ScalarShape::text(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::String) {
        return wrong_type(node, field.name, "a string");
    }
    if (field.kind != FieldKind::Id || is_id(node.text)) {
        return;
    }
    document_.report({"E0106", at_value(node),
                      fmt::format("\"{}\" is no legal {}", node.text, field.name), form(field)});
}

void ScalarShape::integer(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::Number) {
        return wrong_type(node, field.name, "a whole number");
    }
    const auto value = integer_of(&node);
    if (value && *value >= field.min && *value <= field.max) {
        return;
    }
    if (field.name == "version") {
        document_.report(
            {"E0111", at_value(node),
             fmt::format("scenario version {} is not known to this program", node.text), "1"});
        return;
    }
    const std::string_view why = value || node.text.find_first_of(".eE") == std::string::npos
                                     ? "is out of range"
                                     : "is not a whole number";
    document_.report({"E0105", at_value(node), fmt::format("{} {} {}", field.name, node.text, why),
                      form(field)});
}

void ScalarShape::integers(const Field& field, const JsonNode& node) {
    if (node.kind == NodeKind::Number && field.kind == FieldKind::IntegerOrIntegers) {
        return integer(field, node);
    }
    if (node.kind != NodeKind::Array) {
        return wrong_type(node, field.name, "an array of whole numbers");
    }
    Field element = field;
    element.kind = FieldKind::Integer;
    for (const JsonNode& child : node.children) {
        integer(element, child);
    }
}

void ScalarShape::quantity(const Field& field, const JsonNode& node) {
    if (node.kind == NodeKind::Number) {
        const bool size = field.kind == FieldKind::Size;
        const std::string_view unit = size                               ? "B"
                                      : field.kind == FieldKind::Rate    ? "/s"
                                      : field.kind == FieldKind::BitRate ? "bit/s"
                                      : field.kind == FieldKind::Drift   ? "ppm"
                                                                         : "s";
        const bool plain = node.text.find_first_of("-eE") == std::string::npos;
        document_.report({"E0107", at_value(node),
                          fmt::format("{} needs a unit, got number {}", field.name, node.text),
                          form(field), plain ? fmt::format("{}{}", node.text, unit) : ""});
        return;
    }
    if (node.kind != NodeKind::String) {
        return wrong_type(node, field.name, "a string with a unit");
    }
    Judged problem = judge_quantity(field, node.text);
    if (problem.code.empty()) {
        return;
    }
    document_.report({problem.code, at_value(node), std::move(problem.message),
                      problem.code == "E0900" ? "" : form(field), std::move(problem.suggestion)});
}

void ScalarShape::word(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::String) {
        return wrong_type(node, field.name, "a string");
    }
    const bool optional = has_word(field.feature_words, node.text);
    if (has_word(field.words, node.text) ||
        (optional && has_feature(vocabulary_, feature_name(field, node.text)))) {
        return;
    }
    if (optional || has_word(field.unbuilt_words, node.text)) {
        document_.report({"E0900", at_value(node),
                          fmt::format("{} \"{}\" is part of the scenario format but not built yet",
                                      field.name, node.text),
                          form(field)});
        return;
    }
    std::vector<std::string_view> candidates = split_words(field.words);
    for (const std::string_view words : {field.feature_words, field.unbuilt_words}) {
        const auto more = split_words(words);
        candidates.insert(candidates.end(), more.begin(), more.end());
    }
    document_.report({"E0104", at_value(node),
                      fmt::format("unknown {} \"{}\"", field.name, node.text), form(field),
                      std::string(nearest(node.text, candidates).value_or(""))});
}

void ScalarShape::config(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::Object) {
        return wrong_type(node, field.name, "an object");
    }
    for (const JsonNode& child : node.children) {
        if (child.kind != NodeKind::String && child.kind != NodeKind::Number &&
            child.kind != NodeKind::Boolean) {
            wrong_type(child, child.key, "a string, a number, true or false");
        }
    }
}

void ScalarShape::assignment(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::Object) {
        return wrong_type(node, field.name, "an object");
    }
    Field list = field;
    list.kind = FieldKind::Integers;
    list.name = "broker";
    list.max = std::numeric_limits<std::int32_t>::max();
    for (const JsonNode& child : node.children) {
        integers(list, child);
    }
}

void ScalarShape::dist(const JsonNode& node) {
    const auto kind = text_of(node.find("dist"));
    if (!kind || !has_word(find_field(Shape::Dist, "dist")->words, *kind)) {
        return;
    }
    const std::string_view parameters = dist_parameters(*kind);
    for (const JsonNode& child : node.children) {
        if (child.key == "dist" || find_field(Shape::Dist, child.key) == nullptr ||
            has_word(parameters, child.key)) {
            continue;
        }
        document_.report({"E0110", at_key(child),
                          fmt::format("distribution \"{}\" takes no \"{}\"", *kind, child.key),
                          with_commas(parameters)});
    }
    const auto names = split_words(parameters);
    for (const std::string_view name : names) {
        if (node.find(name) != nullptr) {
            continue;
        }
        document_.report({"E0110", at_value(node),
                          fmt::format("distribution \"{}\" needs \"{}\"", *kind, name),
                          with_commas(parameters)});
    }
    if (names.size() < 2) {
        return;
    }
    const auto low = duration_of(node.find(names[0]));
    const auto high = duration_of(node.find(names[1]));
    if (low && high && *high < *low) {
        document_.report({"E0110", at_value(*node.find(names[1])),
                          fmt::format("{} must not be less than {}", names[1], names[0])});
    }
}

}  // namespace bsim
