#include "sim/scenario/shape.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <vector>

#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/features.h"
#include "sim/scenario/field_form.h"
#include "sim/scenario/fields.h"
#include "sim/scenario/key_rules.h"
#include "sim/scenario/other_names.h"
#include "sim/scenario/scalar_shape.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

using NodeKind = JsonNode::Kind;

// Those that every fault takes and those of its kind; all that any kind takes if it is unknown.
std::vector<const Field*> fields_of_fault(const FaultKind* kind) {
    std::vector<const Field*> out = fields_of(Shape::Fault);
    std::erase_if(out, [&](const Field* field) {
        return kind != nullptr && field->faults != "*" && !takes(*kind, field->name);
    });
    return out;
}

class Walker {
  public:
    Walker(Document& document, const Vocabulary& vocabulary)
        : document_(document), vocabulary_(vocabulary), scalars_(document, vocabulary) {}

    void object(Shape shape, const JsonNode& node, std::string_view name);

  private:
    const std::vector<const Field*>& keys_of(Shape shape);
    void field(const Field& field, const JsonNode& node);
    void value(const Field& field, const JsonNode& node);
    void map(const Field& field, const JsonNode& node);
    void list(const Field& field, const JsonNode& node);
    // `keys`: those that may stand there, built or not.
    void unknown_key(const JsonNode& node, const std::vector<const Field*>& keys);
    void missing_keys(const std::vector<const Field*>& fields, const JsonNode& node);
    void rules(Shape shape, const JsonNode& node);
    void one_of(const KeyRule& rule, const JsonNode& node);
    void companions(const KeyRule& rule, const JsonNode& node);
    void fault(const JsonNode& node);
    void fault_parameters(const FaultKind& kind, const JsonNode& node);
    void choice(const FaultKind& kind, const JsonNode& node);
    bool is_built(const Field& field) const;
    std::string built_of(const std::vector<const Field*>& keys) const;

    Document& document_;
    const Vocabulary& vocabulary_;
    ScalarShape scalars_;
    std::map<Shape, std::vector<const Field*>> keys_;  // fields_of() each, as far as asked for
};

bool is_free_key(Shape shape, std::string_view key) {
    return shape == Shape::Scenario && (key.starts_with("x-") || key.starts_with("//"));
}

// What is not built may stand there as long as it asks for nothing: empty, off, or a link without
// loss.
bool asks_for_nothing(const Field& field, const JsonNode& node) {
    switch (field.kind) {
        case FieldKind::Texts:
        case FieldKind::Integers:
        case FieldKind::List:
            return node.kind == NodeKind::Array && node.children.empty();
        case FieldKind::Object:
        case FieldKind::NameMap:
        case FieldKind::Scalars:
            return node.kind == NodeKind::Object && node.children.empty();
        case FieldKind::Boolean:
            return node.kind == NodeKind::Boolean && node.text == "false";
        default:
            return field.shape == Shape::Link && integer_of(&node) == 0;
    }
}

// "\"from\" with \"to\""
std::string with_each_other(std::string_view group) {
    std::string out;
    for (const std::string_view name : split_words(group)) {
        out += fmt::format("{}\"{}\"", out.empty() ? "" : " with ", name);
    }
    return out;
}

// The first of the names that is a key of the object; nullptr if none is.
const JsonNode* first_of(const JsonNode& node, std::string_view names) {
    for (const std::string_view name : split_words(names)) {
        if (const JsonNode* found = node.find(name)) {
            return found;
        }
    }
    return nullptr;
}

// Where a key belongs that stands one level too high; empty if it does not.
std::string home_of(std::string_view key, const std::vector<const Field*>& keys) {
    for (const Field* field : keys) {
        if (field->kind == FieldKind::Config && find_config(field->config, key) != nullptr) {
            return fmt::format("\"{}\" is a setting and stands under \"{}\"", key, field->name);
        }
        if (field->kind == FieldKind::Object && find_field(field->sub, key) != nullptr) {
            return fmt::format("\"{}\" stands under \"{}\"", key, field->name);
        }
    }
    return {};
}

const std::vector<const Field*>& Walker::keys_of(Shape shape) {
    const auto [at, is_new] = keys_.try_emplace(shape);
    if (is_new) {
        at->second = fields_of(shape);
    }
    return at->second;
}

bool Walker::is_built(const Field& field) const {
    return field.built == Built::Yes ||
           (field.built == Built::IfFeature && has_feature(vocabulary_, feature_name(field)));
}

std::string Walker::built_of(const std::vector<const Field*>& keys) const {
    std::string out;
    for (const Field* field : keys) {
        if (is_built(*field) || scalars_.within_unbuilt()) {
            out += (out.empty() ? "" : ", ") + std::string(field->name);
        }
    }
    return out;
}

void Walker::unknown_key(const JsonNode& node, const std::vector<const Field*>& keys) {
    std::vector<std::string_view> names;
    for (const Field* field : keys) {
        names.push_back(field->name);
    }
    std::string better = meant(node.key, names, other_keys());
    const std::string home = better.empty() ? home_of(node.key, keys) : std::string();
    document_.report({"E0101", at_key(node), fmt::format("unknown key \"{}\"", node.key),
                      built_of(keys) + (home.empty() ? "" : "; " + home), std::move(better)});
}

void Walker::missing_keys(const std::vector<const Field*>& fields, const JsonNode& node) {
    for (const Field* field : fields) {
        if (field->required && node.find(field->name) == nullptr) {
            document_.report({"E0102", at_value(node),
                              fmt::format("\"{}\" is missing", field->name),
                              scalars_.form(*field)});
        }
    }
}

void Walker::one_of(const KeyRule& rule, const JsonNode& node) {
    const auto keys = split_words(rule.keys);
    const JsonNode* found = nullptr;
    for (const std::string_view key : keys) {
        const JsonNode* here = node.find(key);
        if (here != nullptr && found != nullptr) {
            document_.report(
                {"E0112", at_key(*here),
                 fmt::format("\"{}\" and \"{}\" exclude each other", found->key, key)});
        }
        found = found == nullptr ? here : found;
    }
    if (found == nullptr) {
        document_.report(
            {"E0102", at_value(node), fmt::format("{} is missing", quoted_choice(keys))});
    }
}

void Walker::companions(const KeyRule& rule, const JsonNode& node) {
    const auto others = split_words(rule.others);
    for (const std::string_view key : split_words(rule.keys)) {
        const JsonNode* here = node.find(key);
        if (here == nullptr) {
            continue;
        }
        const JsonNode* other = first_of(node, rule.others);
        if (rule.kind == KeyRule::Kind::Apart && other != nullptr) {
            document_.report(
                {"E0112", at_key(*here),
                 fmt::format("\"{}\" and \"{}\" exclude each other", other->key, key)});
        } else if (rule.kind == KeyRule::Kind::Beside && other == nullptr) {
            document_.report({"E0112", at_key(*here),
                              fmt::format("\"{}\" goes with {}", key, quoted_choice(others))});
        } else if (rule.kind == KeyRule::Kind::Needs && other == nullptr) {
            document_.report({"E0102", at_value(node),
                              fmt::format("\"{}\" needs {}", key, quoted_choice(others))});
        }
    }
}

void Walker::rules(Shape shape, const JsonNode& node) {
    const auto name = text_of(node.find("fault"));
    const FaultKind* kind = shape == Shape::Fault && name ? find_fault_kind(*name) : nullptr;
    for (const KeyRule& rule : all_key_rules()) {
        if (rule.shape != shape || (kind != nullptr && takes(*kind, rule.keys))) {
            continue;
        }
        if (rule.kind == KeyRule::Kind::OneOf) {
            one_of(rule, node);
        } else {
            companions(rule, node);
        }
    }
}

void Walker::object(Shape shape, const JsonNode& node, std::string_view name) {
    if (node.kind != NodeKind::Object) {
        scalars_.wrong_type(node, name, "an object");
        return;
    }
    const auto& fields = keys_of(shape);
    missing_keys(fields, node);
    rules(shape, node);
    if (shape == Shape::Fault) {
        fault(node);
        return;
    }
    for (const JsonNode& child : node.children) {
        if (is_free_key(shape, child.key)) {
            continue;
        }
        const auto known = std::find_if(fields.begin(), fields.end(), [&](const Field* field) {
            return field->name == child.key;
        });
        if (known != fields.end()) {
            field(**known, child);
        } else {
            unknown_key(child, fields);
        }
    }
}

void Walker::fault(const JsonNode& node) {
    const auto name = text_of(node.find("fault"));
    const FaultKind* kind = name ? find_fault_kind(*name) : nullptr;
    const bool unbuilt =
        kind != nullptr && !(kind->described && has_feature(vocabulary_, fault_feature(*name)));
    for (const JsonNode& child : node.children) {
        if (find_field(Shape::Fault, child.key) == nullptr) {
            unknown_key(child, fields_of_fault(kind));
            continue;
        }
        const Field* field = find_fault_field(child.key, name.value_or(""));
        if (field->name == "fault") {
            this->field(*field, child);
            continue;
        }
        const bool within = scalars_.within_unbuilt();
        scalars_.set_within_unbuilt(within || unbuilt);
        if (field->faults == "*" || (kind != nullptr && takes(*kind, child.key))) {
            this->field(*field, child);
        } else if (kind != nullptr) {
            document_.report({"E0113", at_key(child),
                              fmt::format("fault \"{}\" takes no \"{}\"", *name, child.key),
                              built_of(fields_of_fault(kind))});
        }
        scalars_.set_within_unbuilt(within);
    }
    if (kind != nullptr) {
        fault_parameters(*kind, node);
    }
}

void Walker::fault_parameters(const FaultKind& kind, const JsonNode& node) {
    for (const std::string_view name : split_words(kind.needed)) {
        if (node.find(name) == nullptr) {
            document_.report({"E0102", at_value(node),
                              fmt::format("fault \"{}\" needs \"{}\"", kind.name, name),
                              scalars_.form(*find_fault_field(name, kind.name))});
        }
    }
    if (!kind.any_of.empty() && first_of(node, kind.any_of) == nullptr) {
        document_.report({"E0102", at_value(node),
                          fmt::format("fault \"{}\" needs {}", kind.name,
                                      quoted_choice(split_words(kind.any_of)))});
    }
    if (!kind.choice.empty()) {
        choice(kind, node);
    }
}

// One of the groups of parameters, the whole of it, and nothing of the others.
void Walker::choice(const FaultKind& kind, const JsonNode& node) {
    const auto groups = choices_of(kind);
    const JsonNode* found = nullptr;
    for (const std::string_view group : groups) {
        const JsonNode* here = first_of(node, group);
        if (here == nullptr) {
            continue;
        }
        if (found != nullptr) {
            document_.report(
                {"E0112", at_key(*here),
                 fmt::format("\"{}\" and \"{}\" exclude each other", found->key, here->key)});
            continue;
        }
        found = here;
        for (const std::string_view name : split_words(group)) {
            if (node.find(name) == nullptr) {
                document_.report({"E0102", at_value(node),
                                  fmt::format("fault \"{}\" needs \"{}\" beside \"{}\"", kind.name,
                                              name, here->key),
                                  scalars_.form(*find_fault_field(name, kind.name))});
            }
        }
    }
    if (found == nullptr) {
        std::string all;
        for (const std::string_view group : groups) {
            all += (all.empty() ? "" : ", or ") + with_each_other(group);
        }
        document_.report(
            {"E0102", at_value(node), fmt::format("fault \"{}\" needs {}", kind.name, all)});
    }
}

void Walker::field(const Field& field, const JsonNode& node) {
    const bool within = scalars_.within_unbuilt();
    if (!is_built(field)) {
        if (asks_for_nothing(field, node)) {
            return;
        }
        scalars_.not_built(at_key(node), fmt::format("\"{}\"", field.name), {});
        scalars_.set_within_unbuilt(true);
    }
    value(field, node);
    scalars_.set_within_unbuilt(within);
}

void Walker::value(const Field& field, const JsonNode& node) {
    switch (field.kind) {
        case FieldKind::Object:
            return object(field.sub, node, field.name);
        case FieldKind::NodeMap:
        case FieldKind::NameMap:
            return map(field, node);
        case FieldKind::List:
            return list(field, node);
        case FieldKind::Loss:
            return node.kind == NodeKind::Object ? object(field.sub, node, field.name)
                                                 : scalars_.check(field, node);
        case FieldKind::Dist:
            if (node.kind == NodeKind::Object) {
                object(Shape::Dist, node, field.name);
                return scalars_.dist(node);
            }
            return scalars_.check(field, node);
        default:
            return scalars_.check(field, node);
    }
}

void Walker::map(const Field& field, const JsonNode& node) {
    constexpr std::string_view kNodes = "an object such as {\"1\": {}, \"2\": {}, \"3\": {}}";
    if (node.kind != NodeKind::Object) {
        const bool nodes = field.kind == FieldKind::NodeMap;
        scalars_.wrong_type(node, field.name, nodes ? kNodes : "an object");
        return;
    }
    if (field.kind == FieldKind::NodeMap && node.children.empty()) {
        document_.report(
            {"E0102", at_value(node), "a cluster needs at least one broker", std::string(kNodes)});
    }
    for (const JsonNode& child : node.children) {
        if (field.kind == FieldKind::NodeMap && !node_id_of(child.key)) {
            document_.report({"E0213", at_key(child),
                              fmt::format("\"{}\" is no node id", child.key),
                              "a whole number from 0 to 2147483647"});
        }
        object(field.sub, child, child.key);
    }
}

void Walker::list(const Field& field, const JsonNode& node) {
    if (node.kind != NodeKind::Array) {
        scalars_.wrong_type(node, field.name, "an array");
        return;
    }
    for (const JsonNode& child : node.children) {
        object(field.sub, child, element_name(field.name, node, child));
    }
}

}  // namespace

void check_shape(Document& document, const Vocabulary& vocabulary) {
    if (document.root() == nullptr) {
        return;
    }
    Walker(document, vocabulary).object(Shape::Scenario, *document.root(), "a scenario");
}

}  // namespace bsim
