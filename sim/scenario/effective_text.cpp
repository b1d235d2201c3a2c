#include "sim/scenario/effective_text.h"

#include <nlohmann/json.hpp>

#include "sim/base/check.h"
#include "sim/scenario/document.h"

namespace bsim {
namespace {

std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void write(const JsonNode& node, std::size_t depth, std::string& out) {
    using Kind = JsonNode::Kind;
    if (node.kind == Kind::String) {
        out += quoted(node.text);
        return;
    }
    if (node.kind != Kind::Array && node.kind != Kind::Object) {
        out += node.text;
        return;
    }
    const bool object = node.kind == Kind::Object;
    out += object ? '{' : '[';
    bool first = true;
    for (const JsonNode& child : node.children) {
        out += first ? "\n" : ",\n";
        first = false;
        out.append(depth + 1, ' ');
        if (object)
            out += quoted(child.key) + ": ";
        write(child, depth + 1, out);
    }
    if (!first) {
        out += '\n';
        out.append(depth, ' ');
    }
    out += object ? '}' : ']';
}

}  // namespace

std::string effective_text(const ScenarioText& input) {
    const Document document(input);
    BSIM_CHECK(document.root() != nullptr && !document.has_errors());
    std::string out;
    write(*document.root(), 0, out);
    return out + '\n';
}

}  // namespace bsim
