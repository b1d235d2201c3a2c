#include <fmt/format.h>
#include <vector>

#include "sim/scenario/build.h"
#include "sim/scenario/setting_slips.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

using Nodes = std::map<std::string, const JsonNode*, std::less<>>;
using Kind = ConfigProblem::Kind;

std::string_view code_of(Kind kind) {
    switch (kind) {
        case Kind::UnknownName:
            return "E0301";
        case Kind::IllegalValue:
            return "E0302";
        case Kind::Contradiction:
            return "E0303";
        case Kind::NotBuilt:
            return "E0900";
    }
    return {};
}

void report(Build& build, ConfigKind kind, const Nodes& nodes, const ConfigProblem& problem) {
    auto at = nodes.find(problem.name);
    if (at == nodes.end()) {
        at = nodes.find(problem.other_name);
    }
    if (at == nodes.end()) {
        return;  // not the user's doing
    }
    const JsonNode& node = *at->second;
    if (problem.kind == Kind::UnknownName) {
        build.document.report({code_of(problem.kind), at_key(node), problem.message,
                               setting_home(kind, problem.name),
                               setting_meant(kind, problem.name)});
        return;
    }
    const ConfigDef* def = find_config(kind, problem.name);
    const bool illegal = problem.kind == Kind::IllegalValue && def != nullptr;
    build.document.report({code_of(problem.kind), at_value(node), problem.message, problem.expected,
                           illegal ? value_meant(*def, node.text) : std::string()});
}

// It names the group of a consumer that has topics (build_consumers.cpp).
bool names_group(const JsonNode& setting) {
    return setting.key == "group.id" && setting.parent != nullptr &&
           member(setting.parent->parent, "topics") != nullptr;
}

void report_effects(Build& build, ConfigKind kind, const Nodes& nodes) {
    for (const auto& [name, node] : nodes) {
        const ConfigDef* def = find_config(kind, name);
        if (def == nullptr || def->effect == ConfigEffect::Acts || names_group(*node)) {
            continue;
        }
        const bool derived = def->effect == ConfigEffect::Derived;
        build.document.report(
            {derived ? "W0005" : "W0004", at_key(*node),
             derived ? fmt::format("\"{}\" is derived from the scenario; what stands here changes "
                                   "nothing",
                                   name)
                     : fmt::format("the simulator does not act on \"{}\" yet", name)});
    }
}

}  // namespace

std::optional<ConfigMap> build_settings(Build& build,
                                        ConfigKind kind,
                                        std::span<const JsonNode* const> layers) {
    ConfigMap values;
    Nodes nodes;
    bool readable = true;
    for (const JsonNode* layer : layers) {
        if (layer == nullptr) {
            continue;
        }
        if (layer->kind != JsonNode::Kind::Object) {
            readable = false;
        }
        for (const JsonNode& child : layer->children) {
            if (child.kind == JsonNode::Kind::Null || child.kind == JsonNode::Kind::Array ||
                child.kind == JsonNode::Kind::Object) {
                readable = false;
                continue;
            }
            values[child.key] = child.text;
            nodes[child.key] = &child;
        }
    }
    const auto problems = check_config(kind, values);
    for (const ConfigProblem& problem : problems) {
        report(build, kind, nodes, problem);
    }
    report_effects(build, kind, nodes);
    return problems.empty() && readable ? std::optional(std::move(values)) : std::nullopt;
}

}  // namespace bsim
