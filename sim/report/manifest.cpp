#include "sim/report/manifest.h"

#include <nlohmann/json.hpp>

#include "sim/trace/run_hash.h"

namespace bsim {
namespace {

constexpr std::string_view kPlain = "scenario.json";
constexpr std::string_view kCommented = "scenario.jsonc";

// By pointer; the last word on each.
std::map<std::string, std::string> by_pointer(const std::vector<std::string>& overrides) {
    std::map<std::string, std::string> map;
    for (const std::string& text : overrides) {
        const std::size_t equals = text.find('=');
        map[text.substr(0, equals)] = equals == std::string::npos ? "" : text.substr(equals + 1);
    }
    return map;
}

template <class T>
bool read(const nlohmann::json& object, const char* key, T& out) {
    const auto at = object.find(key);
    if (at == object.end())
        return false;
    if constexpr (std::is_same_v<T, std::string>) {
        if (!at->is_string())
            return false;
    } else if constexpr (std::is_same_v<T, bool>) {
        if (!at->is_boolean())
            return false;
    } else if (!at->is_number_integer()) {
        return false;
    }
    out = at->get<T>();
    return true;
}

}  // namespace

std::string_view ScenarioSource::stored_name() const {
    return comments ? kCommented : kPlain;
}

std::string ScenarioSource::hash() const {
    return xxh3_128_hex(text);
}

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
    json["scenario_hash"] = manifest.source.hash();
    json["seed"] = manifest.seed;
    json["overrides"] = nlohmann::ordered_json(by_pointer(manifest.source.overrides));
    json["replay"] = {{"scenario_file", manifest.source.stored_name()},
                      {"set", manifest.source.overrides},
                      {"end_ns", manifest.end.ns()},
                      {"strict", manifest.strict}};
    json["formats"] = {{"trace", 1}, {"results", 1}, {"history", 1}, {"scenario", 1}};
    json["libraries"] = nlohmann::ordered_json(manifest.libraries);
    json["nodes"] = nlohmann::ordered_json::object();
    for (const auto& [name, node] : manifest.nodes)
        json["nodes"][name] = node_json(node);
    return json.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

Result<ReplayOrder, std::string> read_manifest(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("brokersim"))
        return Err{std::string("is no manifest of a run")};
    const auto replay = json.find("replay");
    if (replay == json.end() || !replay->is_object())
        return Err{std::string("was written by a brokersim that could not replay yet")};
    ReplayOrder order;
    std::int64_t end_ns = 0;
    const bool whole = read(json, "version", order.program_version) &&
                       read(json, "scenario_hash", order.scenario_hash) &&
                       read(json, "seed", order.seed) &&
                       read(*replay, "scenario_file", order.scenario_file) &&
                       read(*replay, "end_ns", end_ns) && read(*replay, "strict", order.strict);
    if (!whole || (order.scenario_file != kPlain && order.scenario_file != kCommented))
        return Err{std::string("lacks what a replay needs")};
    for (const auto& set : replay->value("set", nlohmann::json::array())) {
        if (!set.is_string())
            return Err{std::string("has overrides that are no text")};
        order.overrides.push_back(set.get<std::string>());
    }
    order.end = SimTime(end_ns);
    return order;
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
