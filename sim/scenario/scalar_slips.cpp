#include "sim/scenario/scalar_slips.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/values.h"

namespace bsim {
namespace {

using NodeKind = JsonNode::Kind;

constexpr std::int64_t kDefaultController = 100;  // of a cluster that names none

}  // namespace

std::string id_meant(std::string_view text) {
    std::string out;
    if (text.size() > kNameMax) {
        return out;
    }
    for (const char c : text) {
        const bool upper = c >= 'A' && c <= 'Z';
        const bool legal = upper || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (legal) {
            out += upper ? static_cast<char>(c - 'A' + 'a') : c;
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
    }
    while (out.ends_with('-')) {
        out.pop_back();
    }
    return is_id(out) ? out : std::string();
}

std::string share_meant(const JsonNode& node) {
    constexpr std::int64_t kWhole = 100;
    const bool percent = node.kind == NodeKind::String && node.text.ends_with('%');
    const auto number =
        percent ? Ratio::parse(node.text.substr(0, node.text.size() - 1)) : std::nullopt;
    if (!number || number->denominator != 1 || number->numerator > kWhole) {
        return {};
    }
    std::string out = number->numerator == kWhole ? "1" : fmt::format("0.{:02}", number->numerator);
    if (out.size() > 1 && out.ends_with('0')) {
        out.pop_back();
    }
    return out == "0.0" ? "0" : out;
}

std::string node_meant(const Document& document, const JsonNode& node) {
    const auto id = node.kind == NodeKind::Number ? integer_of(&node) : std::nullopt;
    const JsonNode* cluster = member(document.root(), "cluster");
    if (!id || member(member(cluster, "brokers"), node.text) != nullptr) {
        return id ? fmt::format("broker:{}", *id) : std::string();
    }
    const JsonNode* controllers = member(cluster, "controllers");
    const bool there =
        controllers == nullptr
            ? *id == kDefaultController
            : std::any_of(controllers->children.begin(), controllers->children.end(),
                          [&](const JsonNode& element) { return integer_of(&element) == *id; });
    return there ? fmt::format("controller:{}", *id) : std::string();
}

}  // namespace bsim
