#include <algorithm>
#include <utility>

#include "sim/scenario/json.h"

namespace bsim {

const JsonNode* JsonNode::find(std::string_view name) const {
    if (kind != Kind::Object) {
        return nullptr;
    }
    const auto at = std::find_if(children.begin(), children.end(),
                                 [&](const JsonNode& child) { return child.key == name; });
    return at == children.end() ? nullptr : &*at;
}

JsonNode* JsonNode::find(std::string_view name) {
    return const_cast<JsonNode*>(std::as_const(*this).find(name));
}

std::string JsonNode::pointer() const {
    if (parent == nullptr) {
        return {};
    }
    if (parent->kind == Kind::Object) {
        return parent->pointer() + "/" + json_pointer_token(key);
    }
    return parent->pointer() + "/" + std::to_string(this - parent->children.data());
}

void json_link(JsonNode& root) {
    for (JsonNode& child : root.children) {
        child.parent = &root;
        json_link(child);
    }
}

std::string_view json_kind_name(JsonNode::Kind kind) {
    switch (kind) {
        case JsonNode::Kind::Null:
            return "null";
        case JsonNode::Kind::Boolean:
            return "true or false";
        case JsonNode::Kind::Number:
            return "a number";
        case JsonNode::Kind::String:
            return "a string";
        case JsonNode::Kind::Array:
            return "an array";
        case JsonNode::Kind::Object:
            return "an object";
    }
    return {};
}

std::string json_pointer_token(std::string_view key) {
    std::string out;
    for (const char c : key) {
        if (c == '~') {
            out += "~0";
        } else if (c == '/') {
            out += "~1";
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace bsim
