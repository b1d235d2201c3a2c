#include <fmt/format.h>
#include <vector>

#include "sim/scenario/build.h"
#include "sim/scenario/nearest.h"

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

std::string nearest_setting(ConfigKind kind, std::string_view name) {
    std::vector<std::string_view> names;
    for (const ConfigDef& def : config_table(kind)) {
        names.push_back(def.name);
    }
    return std::string(nearest(name, names).value_or(""));
}

void report(Build& build, ConfigKind kind, const Nodes& nodes, const ConfigProblem& problem) {
    auto at = nodes.find(problem.name);
    if (at == nodes.end()) {
        at = nodes.find(problem.other_name);
    }
    if (at == nodes.end()) {
        return;  // not the user's doing
    }
    const bool unknown = problem.kind == Kind::UnknownName;
    build.document.report({code_of(problem.kind),
                           unknown ? at_key(*at->second) : at_value(*at->second), problem.message,
                           problem.expected,
                           unknown ? nearest_setting(kind, problem.name) : std::string()});
}

void report_effects(Build& build, ConfigKind kind, const Nodes& nodes) {
    for (const auto& [name, node] : nodes) {
        const ConfigDef* def = find_config(kind, name);
        if (def == nullptr || def->effect == ConfigEffect::Acts) {
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
