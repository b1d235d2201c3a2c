#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr BrokerId kDefaultController{100};
constexpr LatencyDist kDefaultStartup = ConstantDist{seconds(1)};
constexpr LatencyDist kDefaultLatency = ConstantDist{microseconds(500)};

// The objects that say something about a node, the most general first.
using Layers = std::array<const JsonNode*, 2>;

const JsonNode* last_member(const Layers& layers, std::string_view name) {
    for (auto at = layers.rbegin(); at != layers.rend(); ++at) {
        if (const JsonNode* found = member(*at, name)) {
            return found;
        }
    }
    return nullptr;
}

// Nodes without settings of their own share the answer for the common ones.
class SettingsOf {
  public:
    struct Entry {
        std::optional<ConfigMap> settings;
        BrokerConfig resolved;
    };

    explicit SettingsOf(Build& build) : build_(build) {}

    const Entry& operator()(const Layers& layers) {
        const Layers configs = {member(layers[0], "config"), member(layers[1], "config")};
        const Places places = {place_of(configs[0]), place_of(configs[1])};
        if (const auto at = known_.find(places); at != known_.end()) {
            return at->second;
        }
        Entry entry;
        entry.settings = build_settings(build_, ConfigKind::Broker, configs);
        if (entry.settings) {
            entry.resolved = resolve_broker_config(*entry.settings);
        }
        return known_.emplace(places, std::move(entry)).first->second;
    }

  private:
    using Place = std::pair<std::int64_t, std::int64_t>;  // source and offset in the document
    using Places = std::array<Place, 2>;

    static Place place_of(const JsonNode* node) {
        return node == nullptr ? Place{-1, -1} : Place{node->source, node->offset};
    }

    Build& build_;
    std::map<Places, Entry> known_;
};

void add_node(SettingsOf& settings_of,
              BrokerId id,
              const Layers& layers,
              std::vector<NodeSpec>& out) {
    NodeSpec node;
    node.id = id;
    if (const auto rack = text_of(last_member(layers, "rack"))) {
        node.rack = std::string(*rack);
    }
    const auto start = duration_of(last_member(layers, "start"));
    node.start = SimTime(start.value_or(SimDuration{}).ns());
    node.startup = dist_of(last_member(layers, "startup")).value_or(kDefaultStartup);
    if (const auto& entry = settings_of(layers); entry.settings) {
        node.settings = *entry.settings;
        node.config = entry.resolved;
    }
    out.push_back(std::move(node));
}

// The controllers that the scenario asks for; the default one if it names none.
std::set<BrokerId> read_controllers(Build& build, const JsonNode* cluster) {
    const JsonNode* list = member(cluster, "controllers");
    std::set<BrokerId> ids;
    if (list == nullptr) {
        return {kDefaultController};
    }
    for (const JsonNode& element : list->children) {
        const auto value = integer_of(&element);
        if (!value || *value < 0 || *value > INT32_MAX) {
            continue;
        }
        const BrokerId id(static_cast<std::int32_t>(*value));
        if (!ids.insert(id).second) {
            build.document.report({"E0206", at_value(element),
                                   fmt::format("controller {} stands twice", id.value())});
        } else if (ids.size() == 2000) {
            build.document.report({"E0900", at_value(element),
                                   "more than one controller is part of the scenario format but "
                                   "not built yet",
                                   "one controller"});
        }
    }
    if (list->kind == JsonNode::Kind::Array && list->children.empty()) {
        build.document.report({"E0102", at_value(*list), "a cluster needs a controller",
                               "an array with one id, or no \"controllers\" at all"});
    }
    return ids;
}

void check_combined(Build& build, const JsonNode& broker, BrokerId id) {
    if (!build.controllers->contains(id)) {
        return;
    }
    const bool implied = member(member(&build.root, "cluster"), "controllers") == nullptr;
    build.document.report(
        {"E0900", at_key(broker),
         implied
             ? fmt::format("broker {} has the id of the controller that a scenario without "
                           "\"controllers\" gets; combined nodes are not built yet",
                           id.value())
             : fmt::format("node {} is both broker and controller; combined nodes are not built "
                           "yet",
                           id.value())});
}

void build_network(Build& build) {
    const JsonNode* link = member(member(&build.root, "network"), "default");
    build.out.network_latency = dist_of(member(link, "latency")).value_or(kDefaultLatency);
}

void sort_by_id(std::vector<NodeSpec>& nodes) {
    std::sort(nodes.begin(), nodes.end(),
              [](const NodeSpec& a, const NodeSpec& b) { return a.id < b.id; });
}

}  // namespace

void build_cluster(Build& build) {
    build_network(build);
    const JsonNode* cluster = member(&build.root, "cluster");
    if (cluster == nullptr || cluster->kind != JsonNode::Kind::Object) {
        return;
    }
    SettingsOf settings_of(build);
    const JsonNode* defaults = member(cluster, "defaults");
    build.controllers = read_controllers(build, cluster);
    for (const BrokerId id : *build.controllers) {
        add_node(settings_of, id, {defaults, member(cluster, "controller_defaults")},
                 build.out.controllers);
    }
    const JsonNode* brokers = member(cluster, "brokers");
    if (brokers == nullptr || brokers->kind != JsonNode::Kind::Object) {
        return;
    }
    build.brokers.emplace();
    for (const JsonNode& broker : brokers->children) {
        const auto id = node_id_of(broker.key);
        if (!id) {
            continue;
        }
        build.brokers->insert(*id);
        check_combined(build, broker, *id);
        add_node(settings_of, *id, {defaults, &broker}, build.out.brokers);
    }
    sort_by_id(build.out.brokers);
}

}  // namespace bsim
