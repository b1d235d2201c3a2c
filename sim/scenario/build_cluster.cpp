#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/features.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr BrokerId kDefaultController{100};
constexpr LatencyDist kDefaultStartup = ConstantDist{seconds(1)};

// The objects that say something about a node, the most general first; null where there is none.
constexpr std::size_t kLayers = 3;
using Layers = std::array<const JsonNode*, kLayers>;

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
        Layers configs;
        Places places;
        for (std::size_t i = 0; i < kLayers; ++i) {
            configs[i] = member(layers[i], "config");
            places[i] = place_of(configs[i]);
        }
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
    using Places = std::array<Place, kLayers>;

    static Place place_of(const JsonNode* node) {
        return node == nullptr ? Place{-1, -1} : Place{node->source, node->offset};
    }

    Build& build_;
    std::map<Places, Entry> known_;
};

// The number of log directories stands in `disk` or follows from the setting log.dirs.
void join_log_dirs(Build& build, const Layers& layers, NodeSpec& node) {
    const std::int32_t named = node.config.log_dirs;
    if (named == 0) {
        return;
    }
    const JsonNode* given = last_member(layers, "disk", "log_dirs");
    if (given != nullptr && node.hardware.disk.log_dirs != named) {
        build.document.report({"E0217", at_value(*given),
                               fmt::format("\"log.dirs\" of node {} names {}, \"log_dirs\" says {}",
                                           node.id.value(), named, node.hardware.disk.log_dirs),
                               std::to_string(named)});
        return;
    }
    node.hardware.disk.log_dirs = named;
}

NodeSpec node_of(Build& build, SettingsOf& settings_of, BrokerId id, const Layers& layers) {
    NodeSpec node;
    node.id = id;
    if (const auto rack = text_of(last_member(layers, "rack"))) {
        node.rack = std::string(*rack);
        build.racks.insert(*node.rack);
    }
    const auto start = duration_of(last_member(layers, "start"));
    node.start = SimTime(start.value_or(SimDuration{}).ns());
    node.startup = dist_of(last_member(layers, "startup")).value_or(kDefaultStartup);
    node.hardware = build_hardware(layers);
    node.combined = build.brokers && build.brokers->contains(id) && build.controllers->contains(id);
    if (const auto& entry = settings_of(layers); entry.settings) {
        node.settings = *entry.settings;
        node.config = entry.resolved;
        join_log_dirs(build, layers, node);
    }
    return node;
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
        } else if (ids.size() == 2 && !has_feature(build.vocabulary, kQuorumFeature)) {
            build.document.report({"E0900", at_value(element),
                                   "more than one controller is part of the scenario format but "
                                   "not built yet",
                                   "one controller"});
        }
    }
    return ids;
}

void check_combined(Build& build, const JsonNode& broker, BrokerId id) {
    if (!build.controllers->contains(id)) {
        return;
    }
    if (member(member(&build.root, "cluster"), "controllers") == nullptr) {
        build.document.report(
            {"E0206", at_key(broker),
             fmt::format("broker {} has the id of the dedicated controller that a scenario without "
                         "\"controllers\" gets",
                         id.value()),
             fmt::format("another id, or \"controllers\": [{}] for a node in both roles",
                         id.value())});
    } else if (!has_feature(build.vocabulary, kCombinedFeature)) {
        build.document.report({"E0900", at_key(broker),
                               fmt::format("node {} is both broker and controller; combined nodes "
                                           "are not built yet",
                                           id.value())});
    }
}

void sort_by_id(std::vector<NodeSpec>& nodes) {
    std::sort(nodes.begin(), nodes.end(),
              [](const NodeSpec& a, const NodeSpec& b) { return a.id < b.id; });
}

// A broker that a broker-add fault starts: the fault holds its config.
void add_later_broker(Build& build, SettingsOf& settings_of, const JsonNode& fault) {
    const auto text = text_of(member(&fault, "target"));
    if (text_of(member(&fault, "fault")) != "broker-add" || !text) {
        return;
    }
    const auto parsed = parse_selector(*text);
    const auto* broker = parsed ? std::get_if<BrokerSelector>(&parsed->selector) : nullptr;
    if (broker == nullptr || build.controllers->contains(broker->id) ||
        !build.brokers->insert(broker->id).second) {
        return;  // build_faults says so
    }
    const JsonNode* defaults = member(member(&build.root, "cluster"), "defaults");
    NodeSpec node = node_of(build, settings_of, broker->id, {defaults, nullptr, &fault});
    node.joins_by_fault = true;
    build.out.brokers.push_back(std::move(node));
}

void add_brokers(Build& build, SettingsOf& settings_of, const JsonNode& brokers) {
    const JsonNode* cluster = member(&build.root, "cluster");
    const JsonNode* defaults = member(cluster, "defaults");
    for (const JsonNode& broker : brokers.children) {
        const auto id = node_id_of(broker.key);
        if (!id) {
            continue;
        }
        check_combined(build, broker, *id);
        const bool combined = build.controllers->contains(*id);
        const JsonNode* general = combined ? member(cluster, "controller_defaults") : nullptr;
        NodeSpec node = node_of(build, settings_of, *id, {defaults, general, &broker});
        if (combined) {
            build.out.controllers.push_back(node);
        }
        build.out.brokers.push_back(std::move(node));
    }
}

}  // namespace

void build_cluster(Build& build) {
    const JsonNode* cluster = member(&build.root, "cluster");
    if (cluster == nullptr || cluster->kind != JsonNode::Kind::Object) {
        return;
    }
    SettingsOf settings_of(build);
    build.controllers = read_controllers(build, cluster);
    const JsonNode* brokers = member(cluster, "brokers");
    if (brokers != nullptr && brokers->kind == JsonNode::Kind::Object) {
        build.brokers.emplace();
        for (const JsonNode& broker : brokers->children) {
            if (const auto id = node_id_of(broker.key)) {
                build.brokers->insert(*id);
            }
        }
    }
    const std::size_t nodes =
        build.controllers->size() + (build.brokers ? build.brokers->size() : 0);
    if (nodes > kNodesMax) {
        build.document.report(
            {"E0209", at_value(*cluster),
             fmt::format("the scenario has {} brokers and controllers; at most {} "
                         "are possible",
                         nodes, kNodesMax)});
        return;
    }
    for (const BrokerId id : *build.controllers) {
        if (build.brokers && build.brokers->contains(id)) {
            continue;  // combined: the broker says what it is
        }
        build.out.controllers.push_back(node_of(
            build, settings_of, id,
            {member(cluster, "defaults"), member(cluster, "controller_defaults"), nullptr}));
    }
    if (build.brokers) {
        add_brokers(build, settings_of, *brokers);
        if (const JsonNode* faults = member(&build.root, "faults")) {
            for (const JsonNode& fault : faults->children) {
                add_later_broker(build, settings_of, fault);
            }
        }
    }
    sort_by_id(build.out.controllers);
    sort_by_id(build.out.brokers);
}

}  // namespace bsim
