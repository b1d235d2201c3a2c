// The list of faults: their ids, and who waits for whom.
#include <fmt/format.h>

#include "sim/scenario/fault_builder.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

// The id of each element of the list: as given, or made up.
std::vector<std::string> read_ids(Build& build, const JsonNode& list) {
    std::set<std::string, std::less<>> taken;
    for (const JsonNode& node : list.children) {
        const JsonNode* id = member(&node, "id");
        const auto text = text_of(id);
        if (text && !taken.insert(std::string(*text)).second) {
            build.document.report(
                {"E0201", at_value(*id), fmt::format("two faults have the id \"{}\"", *text)});
        }
    }
    std::vector<std::string> ids;
    for (const JsonNode& node : list.children) {
        if (const auto given = text_of(member(&node, "id"))) {
            ids.emplace_back(*given);
            continue;
        }
        std::string id = fmt::format("fault-{}", ids.size() + 1);
        while (!taken.insert(id).second) {
            id += "-x";
        }
        ids.push_back(std::move(id));
    }
    return ids;
}

// Repeated without a limit, it is never over.
bool ends(const JsonNode& node, const FaultKind& kind) {
    if (node.find("every") != nullptr && node.find("times") == nullptr) {
        return false;
    }
    for (const std::string_view end : {"for", "until", "restart_after"}) {
        if (takes(kind, end) && node.find(end) != nullptr) {
            return true;
        }
    }
    return kind.end == FaultKind::End::Always;
}

// The place in the list of the fault that each waits for; the size of the list for none.
std::vector<std::size_t> awaited(const JsonNode& list, const std::vector<std::string>& ids) {
    std::map<std::string_view, std::size_t> places;
    for (std::size_t i = 0; i < ids.size(); ++i) {
        places.emplace(ids[i], i);
    }
    std::vector<std::size_t> out;
    for (const JsonNode& node : list.children) {
        auto id = text_of(member(&node, "after"));
        if (id && id->ends_with(".end")) {
            id->remove_suffix(4);
        }
        const auto at = id ? places.find(*id) : places.end();
        out.push_back(at == places.end() ? ids.size() : at->second);
    }
    return out;
}

// Faults of which each waits for the next cannot begin: reported once for each such circle.
void check_cycles(Build& build, const JsonNode& list, const std::vector<std::string>& ids) {
    const std::vector<std::size_t> next = awaited(list, ids);
    std::vector<std::size_t> walk(ids.size(), 0);  // the number of the walk that came by first
    for (std::size_t start = 0; start < ids.size(); ++start) {
        std::size_t at = start;
        while (at < ids.size() && walk[at] == 0) {
            walk[at] = start + 1;
            at = next[at];
        }
        if (at == ids.size() || walk[at] != start + 1) {
            continue;
        }
        std::string path = ids[at];
        std::size_t step = at;
        do {
            step = next[step];
            path += " after " + ids[step];
        } while (step != at);
        build.document.report({"E0219", at_value(*list.children[at].find("after")),
                               fmt::format("fault \"{}\" waits for itself: {}", ids[at], path)});
    }
}

void add_fault(Build& build, const JsonNode& node, const std::string& id) {
    const auto name = text_of(node.find("fault"));
    const FaultKind* kind = name ? find_fault_kind(*name) : nullptr;
    if (kind == nullptr || !kind->described) {
        return;
    }
    FaultBuilder builder(build, node, *kind, id);
    FaultSpec spec;
    spec.id = id;
    spec.kind = std::string(*name);
    const bool timed = builder.timing(spec);
    auto action = builder.action();
    if (!timed || !action) {
        return;
    }
    spec.action = std::move(*action);
    build.out.faults.push_back(std::move(spec));
}

}  // namespace

std::optional<FaultAction> FaultBuilder::action() {
    const bool network = kind_.name.starts_with("net-") || kind_.name.starts_with("message-") ||
                         draws_each_message() || is("partition") || is("zombie");
    const bool admin = is("config-change") || is("topic-create") || is("topic-delete") ||
                       is("partitions-add") || is("elect-preferred") || is("elect-unclean");
    const bool client =
        is("member-churn") || is("consumer-slow") || is("traffic-burst") || is("hot-key");
    return network  ? network_action()
           : admin  ? admin_action()
           : client ? client_action()
                    : node_action();
}

void build_faults(Build& build) {
    const JsonNode* list = member(&build.root, "faults");
    if (list == nullptr || list->kind != JsonNode::Kind::Array) {
        return;
    }
    const std::vector<std::string> ids = read_ids(build, *list);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        const auto name = text_of(member(&list->children[i], "fault"));
        const FaultKind* kind = name ? find_fault_kind(*name) : nullptr;
        build.faults.emplace(ids[i], kind == nullptr || ends(list->children[i], *kind));
    }
    check_cycles(build, *list, ids);
    for (std::size_t i = 0; i < ids.size(); ++i) {
        if (list->children[i].kind == JsonNode::Kind::Object) {
            add_fault(build, list->children[i], ids[i]);
        }
    }
}

}  // namespace bsim
