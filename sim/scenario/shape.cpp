#include "sim/scenario/shape.h"

#include <algorithm>
#include <fmt/format.h>
#include <vector>

#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/features.h"
#include "sim/scenario/fields.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/scalar_shape.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

using NodeKind = JsonNode::Kind;

std::vector<const Field*> fields_of(Shape shape) {
    std::vector<const Field*> out;
    for (const Field& field : all_fields()) {
        if (field.shape == shape) {
            out.push_back(&field);
        }
    }
    return out;
}

// Those that every fault takes and those of its kind; all that any kind takes if it is unknown.
std::vector<const Field*> fields_of_fault(const FaultKind* kind) {
    std::vector<const Field*> out;
    for (const Field* field : fields_of(Shape::Fault)) {
        const bool again = std::any_of(
            out.begin(), out.end(), [&](const Field* other) { return other->name == field->name; });
        const bool taken =
            kind == nullptr || field->faults == "*" || has_word(kind->parameters, field->name);
        if (taken && !again) {
            out.push_back(field);
        }
    }
    return out;
}

class Walker {
  public:
    Walker(Document& document, const Vocabulary& vocabulary)
        : document_(document), vocabulary_(vocabulary), scalars_(document, vocabulary) {}

    void object(Shape shape, const JsonNode& node, std::string_view name);

  private:
    void field(const Field& field, const JsonNode& node);
    void map(const Field& field, const JsonNode& node);
    void list(const Field& field, const JsonNode& node);
    // `keys`: those that may stand there, built or not.
    void unknown_key(const JsonNode& node, const std::vector<const Field*>& keys);
    void missing_keys(Shape shape, const JsonNode& node);
    void fault(const JsonNode& node);
    bool is_built(const Field& field) const;
    std::string built_of(const std::vector<const Field*>& keys) const;

    Document& document_;
    const Vocabulary& vocabulary_;
    ScalarShape scalars_;
};

bool is_free_key(Shape shape, std::string_view key) {
    return shape == Shape::Scenario && (key.starts_with("x-") || key.starts_with("//"));
}

// What is not built may stand there as long as it asks for nothing: empty, off, or a link without
// loss.
bool asks_for_nothing(const Field& field, const JsonNode& node) {
    if (node.kind == NodeKind::Array || node.kind == NodeKind::Object) {
        return node.children.empty();
    }
    if (node.kind == NodeKind::Boolean) {
        return node.text == "false";
    }
    return field.shape == Shape::Link && integer_of(&node) == 0;
}

bool Walker::is_built(const Field& field) const {
    return field.built == Built::Yes ||
           (field.built == Built::IfFeature && has_feature(vocabulary_, feature_name(field)));
}

std::string Walker::built_of(const std::vector<const Field*>& keys) const {
    std::string out;
    for (const Field* field : keys) {
        if (is_built(*field)) {
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
    document_.report({"E0101", at_key(node), fmt::format("unknown key \"{}\"", node.key),
                      built_of(keys), std::string(nearest(node.key, names).value_or(""))});
}

void Walker::missing_keys(Shape shape, const JsonNode& node) {
    for (const Field& field : all_fields()) {
        if (field.shape == shape && field.required && node.find(field.name) == nullptr) {
            document_.report({"E0102", at_value(node), fmt::format("\"{}\" is missing", field.name),
                              scalars_.form(field)});
        }
    }
}

void Walker::object(Shape shape, const JsonNode& node, std::string_view name) {
    if (node.kind != NodeKind::Object) {
        scalars_.wrong_type(node, name, "an object");
        return;
    }
    missing_keys(shape, node);
    if (shape == Shape::Fault) {
        fault(node);
        return;
    }
    for (const JsonNode& child : node.children) {
        if (is_free_key(shape, child.key)) {
            continue;
        }
        if (const Field* known = find_field(shape, child.key)) {
            field(*known, child);
        } else {
            unknown_key(child, fields_of(shape));
        }
    }
}

void Walker::fault(const JsonNode& node) {
    const auto name = text_of(node.find("fault"));
    const FaultKind* kind = name ? find_fault_kind(*name) : nullptr;
    for (const JsonNode& child : node.children) {
        if (find_field(Shape::Fault, child.key) == nullptr) {
            unknown_key(child, fields_of_fault(kind));
            continue;
        }
        const Field* field = find_fault_field(child.key, name.value_or(""));
        if (field != nullptr && field->faults == "*") {
            this->field(*field, child);
        } else if (kind == nullptr || !kind->described) {
            continue;
        } else if (field != nullptr && has_word(kind->parameters, child.key)) {
            this->field(*field, child);
        } else {
            document_.report({"E0113", at_key(child),
                              fmt::format("fault \"{}\" takes no \"{}\"", *name, child.key),
                              built_of(fields_of_fault(kind))});
        }
    }
}

void Walker::field(const Field& field, const JsonNode& node) {
    if (!is_built(field)) {
        if (asks_for_nothing(field, node)) {
            return;
        }
        document_.report(
            {"E0900", at_key(node),
             fmt::format("\"{}\" is part of the scenario format but not built yet", field.name)});
        return;
    }
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
    if (node.kind != NodeKind::Object) {
        scalars_.wrong_type(node, field.name, "an object");
        return;
    }
    if (field.kind == FieldKind::NodeMap && node.children.empty()) {
        document_.report({"E0102", at_value(node), "a cluster needs at least one broker",
                          "an object such as {\"1\": {}, \"2\": {}, \"3\": {}}"});
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
        object(field.sub, child, field.name);
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
