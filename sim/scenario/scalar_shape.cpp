#include "sim/scenario/scalar_shape.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "sim/scenario/dist_kinds.h"
#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/features.h"
#include "sim/scenario/field_form.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/other_names.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/scalar_slips.h"
#include "sim/scenario/utf8.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

using NodeKind = JsonNode::Kind;

bool is_setting_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
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

Judged judge_size(const Field& field, std::string_view text) {
    const auto size = parse_size(text);
    if (!size) {
        return judged(size.error());
    }
    return *size >= field.min ? Judged{}
                              : Judged{"E0109", fmt::format("{} must not be zero", field.name), {}};
}

// What is wrong with the text of a quantity; an empty code if nothing is.
Judged judge_quantity(const Field& field, std::string_view text) {
    if (field.kind == FieldKind::Size) {
        return judge_size(field, text);
    }
    if (field.kind == FieldKind::Rate) {
        if (text == "max") {
            return {};
        }
        if (is_bit_rate(text)) {
            const auto rate = parse_bit_rate(text);
            return rate ? Judged{} : judged(rate.error());
        }
        const auto rate = parse_record_rate(text);
        Judged problem = rate ? Judged{} : judged(rate.error());
        constexpr std::string_view kMost[] = {"max"};
        if (problem.suggestion.empty() && nearest(text, kMost)) {
            problem.suggestion = kMost[0];
        }
        return problem;
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
        const auto drift = parse_drift(text);
        return drift ? Judged{} : judged(drift.error());
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

std::string element_name(std::string_view list, const JsonNode& node, const JsonNode& element) {
    return fmt::format("{}[{}]", list, &element - node.children.data());
}

void ScalarShape::wrong_type(const JsonNode& node,
                             std::string_view name,
                             std::string_view wanted,
                             std::string suggestion) {
    document_.report({"E0103",
                      at_value(node),
                      fmt::format("{} must be {}, got {}", name, wanted, json_kind_name(node.kind)),
                      {},
                      std::move(suggestion)});
}

std::string ScalarShape::form(const Field& field) const {
    return form_of(field, vocabulary_);
}

void ScalarShape::not_built(const Mark& mark, std::string message, std::string expected) {
    if (!within_unbuilt_) {
        document_.report({"E0900", mark,
                          message + " is part of the scenario format but not built yet",
                          std::move(expected)});
    }
}

void ScalarShape::check(const Field& field, const JsonNode& node) {
    switch (field.kind) {
        case FieldKind::Integers:
        case FieldKind::IntegerOrIntegers:
            return integers(field, node);
        case FieldKind::ReplicaLists:
            return replica_lists(field, node);
        case FieldKind::Config:
        case FieldKind::OtherConfig:
        case FieldKind::Scalars:
        case FieldKind::Switches:
            return config(field, node);
        case FieldKind::Assignment:
            return assignment(field, node);
        case FieldKind::Selectors:
        case FieldKind::Texts:
        case FieldKind::Values:
        case FieldKind::Objects:
            return array_of(field, node);
        default:
            return scalar(field, node);
    }
}

void ScalarShape::scalar(const Field& field, const JsonNode& node) {
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
        case FieldKind::DistName:
            return dist_name(field, node);
        case FieldKind::FaultName:
            return fault_name(field, node);
        default:
            return;
    }
}

// Is it an array with as many elements as may be?
bool ScalarShape::array(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::Array) {
        wrong_type(node, field.name, "an array");
        return false;
    }
    const std::size_t count = node.children.size();
    if (count >= field.items_min && count <= field.items_max) {
        return true;
    }
    const bool exactly = field.items_min == field.items_max;
    document_.report(
        {"E0114", at_value(node),
         fmt::format("{} must have {}{} element{}, got {}", field.name, exactly ? "" : "at least ",
                     field.items_min, field.items_min == 1 ? "" : "s", count),
         form(field)});
    return true;
}

void ScalarShape::array_of(const Field& field, const JsonNode& node) {
    if (!array(field, node)) {
        return;
    }
    for (const JsonNode& child : node.children) {
        const bool holds_more = child.kind == NodeKind::Array || child.kind == NodeKind::Object;
        const std::string name = element_name(field.name, node, child);
        if (field.kind == FieldKind::Values && holds_more) {
            wrong_type(child, name, "a string, a number, true, false or null");
        } else if (field.kind == FieldKind::Objects && child.kind != NodeKind::Object) {
            wrong_type(child, name, "an object");
        } else if (field.kind == FieldKind::Texts && child.kind != NodeKind::String) {
            wrong_type(child, name, "a string");
        } else if (field.kind == FieldKind::Selectors && child.kind != NodeKind::String) {
            wrong_type(child, name, "a string", node_meant(document_, child));
        }
    }
}

void ScalarShape::decimal(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::Number) {
        return document_.report(
            {"E0103", at_value(node),
             fmt::format("{} must be a number, got {}", field.name, json_kind_name(node.kind)),
             form(field), share_meant(node)});
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
                          form(field), meant(node.text, names, other_faults())});
    } else if (!kind->described || !has_feature(vocabulary_, fault_feature(kind->name))) {
        not_built(at_value(node), fmt::format("fault \"{}\"", node.text), form(field));
    }
}

void ScalarShape::text(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::String) {
        const bool selector = field.kind == FieldKind::OneSelector;
        return wrong_type(node, field.name, "a string",
                          selector ? node_meant(document_, node) : "");
    }
    if (field.kind != FieldKind::Id || is_id(node.text)) {
        return;
    }
    const bool long_one = node.text.size() > kNameMax;
    document_.report(
        {"E0106", at_value(node),
         long_one ? fmt::format("the {} is {} characters long", field.name, utf8_count(node.text))
                  : fmt::format("\"{}\" is no legal {}", node.text, field.name),
         form(field), id_meant(node.text)});
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
    array(field, node);
    Field element = field;
    for (const JsonNode& child : node.children) {
        const std::string name = element_name(field.name, node, child);
        element.name = name;
        integer(element, child);
    }
}

void ScalarShape::replica_lists(const Field& field, const JsonNode& node) {
    if (!array(field, node)) {
        return;
    }
    Field element = field;
    for (const JsonNode& child : node.children) {
        const std::string name = element_name(field.name, node, child);
        element.name = name;
        if (child.kind == NodeKind::Array) {
            integers(element, child);
        } else {
            integer(element, child);
        }
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
        const bool unquoted = node.kind == NodeKind::Number && has_word(field.words, node.text);
        return wrong_type(node, field.name, "a string", unquoted ? node.text : "");
    }
    const bool optional = has_word(field.feature_words, node.text);
    if (has_word(field.words, node.text) ||
        (optional && has_feature(vocabulary_, feature_name(field, node.text)))) {
        return;
    }
    if (optional || has_word(field.unbuilt_words, node.text)) {
        return not_built(at_value(node), fmt::format("{} \"{}\"", field.name, node.text),
                         form(field));
    }
    document_.report({"E0104", at_value(node),
                      fmt::format("unknown {} \"{}\"", field.name, node.text), form(field),
                      meant(node.text, all_words(field), other_words())});
}

void ScalarShape::dist_name(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::String) {
        return wrong_type(node, field.name, "a string");
    }
    const DistKind* kind = find_dist_kind(node.text);
    if (kind != nullptr) {
        return kind->built
                   ? void()
                   : not_built(at_value(node), fmt::format("dist \"{}\"", node.text), form(field));
    }
    std::vector<std::string_view> names;
    for (const DistKind& known : all_dist_kinds()) {
        names.push_back(known.name);
    }
    document_.report({"E0104", at_value(node), fmt::format("unknown dist \"{}\"", node.text),
                      form(field), meant(node.text, names, other_words())});
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
        if (field.kind == FieldKind::OtherConfig && !is_setting_name(child.key)) {
            document_.report({"E0106", at_key(child),
                              fmt::format("\"{}\" is no legal name of a setting", child.key),
                              "letters, digits, dots, dashes and underscores"});
        }
    }
}

void ScalarShape::assignment(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::Object) {
        return wrong_type(node, field.name, "an object");
    }
    Field list = field;
    list.kind = FieldKind::Integers;
    list.max = std::numeric_limits<std::int32_t>::max();
    for (const JsonNode& child : node.children) {
        const std::string name = fmt::format("{}[\"{}\"]", field.name, child.key);
        list.name = name;
        integers(list, child);
    }
}

void ScalarShape::dist(const JsonNode& node) {
    const auto name = text_of(node.find("dist"));
    const DistKind* kind = name ? find_dist_kind(*name) : nullptr;
    if (kind == nullptr) {
        return;
    }
    const std::string parameters =
        with_commas(kind->needed) +
        (kind->optional.empty() ? "" : ", " + with_commas(kind->optional));
    for (const JsonNode& child : node.children) {
        if (child.key == "dist" || find_field(Shape::Dist, child.key) == nullptr ||
            has_word(kind->needed, child.key) || has_word(kind->optional, child.key)) {
            continue;
        }
        document_.report({"E0110", at_key(child),
                          fmt::format("distribution \"{}\" takes no \"{}\"", *name, child.key),
                          parameters});
    }
    for (const std::string_view parameter : split_words(kind->needed)) {
        if (node.find(parameter) == nullptr) {
            document_.report({"E0110", at_value(node),
                              fmt::format("distribution \"{}\" needs \"{}\"", *name, parameter),
                              parameters});
        }
    }
    const auto ordered = split_words(kind->ordered);
    if (ordered.empty()) {
        return;
    }
    const auto low = duration_of(node.find(ordered[0]));
    const auto high = duration_of(node.find(ordered[1]));
    if (low && high && *high < *low) {
        document_.report({"E0110", at_value(*node.find(ordered[1])),
                          fmt::format("{} must not be less than {}", ordered[1], ordered[0])});
    }
}

}  // namespace bsim
