#include "sim/report/manifest.h"

#include <nlohmann/json.hpp>

namespace bsim {

namespace {

nlohmann::ordered_json node_json(const ManifestNode& node) {
    nlohmann::ordered_json json;
    json["broker"] = node.broker;
    json["voter"] = node.voter;
    if (node.rack)
        json["rack"] = *node.rack;
    json["settings"] = nlohmann::ordered_json::object();
    for (const auto& [name, value] : node.settings)
        json["settings"][name] = value;
    return json;
}

bool flag(const nlohmann::json& json, const char* name) {
    return json.contains(name) && json[name] == true;
}

ManifestNode node_of(const nlohmann::json& json) {
    ManifestNode node;
    node.broker = flag(json, "broker");
    node.voter = flag(json, "voter");
    if (json.contains("rack") && json["rack"].is_string())
        node.rack = json["rack"].get<std::string>();
    if (!json.contains("settings"))
        return node;
    for (const auto& [name, value] : json["settings"].items()) {
        if (value.is_string())
            node.settings[name] = value.get<std::string>();
    }
    return node;
}

}  // namespace

std::string manifest_json(const Manifest& manifest) {
    nlohmann::ordered_json json;
    json["brokersim"] = 1;
    json["version"] = manifest.program_version;
    json["kafka"] = manifest.kafka_version;
    json["scenario"] = manifest.scenario;
    json["title"] = manifest.title;
    json["scenario_hash"] = manifest.scenario_hash;
    json["seed"] = manifest.seed;
    json["overrides"] = nlohmann::ordered_json(manifest.overrides);
    json["formats"] = {{"trace", 1}, {"results", 1}, {"history", 1}, {"scenario", 1}};
    json["libraries"] = nlohmann::ordered_json(manifest.libraries);
    json["nodes"] = nlohmann::ordered_json::object();
    for (const auto& [name, node] : manifest.nodes)
        json["nodes"][name] = node_json(node);
    return json.dump(1) + '\n';
}

std::map<std::string, ManifestNode> manifest_nodes(std::string_view text) {
    std::map<std::string, ManifestNode> nodes;
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("nodes") || !json["nodes"].is_object())
        return nodes;
    for (const auto& [name, node] : json["nodes"].items()) {
        if (node.is_object())
            nodes[name] = node_of(node);
    }
    return nodes;
}

}  // namespace bsim
