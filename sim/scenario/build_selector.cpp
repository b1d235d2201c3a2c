#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

std::string list_of(const std::set<BrokerId>& ids, std::string_view kind) {
    constexpr int kShown = 10;
    std::string out;
    int shown = 0;
    for (const BrokerId id : ids) {
        if (++shown > kShown) {
            return out + ", …";
        }
        out += fmt::format("{}{}:{}", out.empty() ? "" : ", ", kind, id.value());
    }
    return out;
}

// The sets of nodes that a selector is judged by, and its words for them.
struct NodeKind {
    std::string_view name;
    const std::optional<std::set<BrokerId>>& ids;
    std::string_view other_name;
    const std::optional<std::set<BrokerId>>& other_ids;
};

bool check_node(
    Build& build, const JsonNode& node, TextPart part, BrokerId id, const NodeKind& kind) {
    if (!kind.ids || kind.ids->contains(id)) {
        return true;
    }
    const bool other = kind.other_ids && kind.other_ids->contains(id);
    build.document.report(
        {"E0203", at_part(node, part.from, part.length),
         fmt::format("there is no {} {}", kind.name, id.value()), list_of(*kind.ids, kind.name),
         other ? fmt::format("{}:{}", kind.other_name, id.value()) : std::string()});
    return false;
}

bool check_leader(Build& build, const JsonNode& node, const SelectorText& parsed) {
    if (!check_topic_name(build, node, parsed.topic)) {
        return false;
    }
    const TopicPartition& tp = std::get<LeaderSelector>(parsed.selector).partition;
    const auto count = partitions_of(build, tp.topic);
    if (!count || tp.partition.value() < *count) {
        return true;
    }
    build.document.report(
        {"E0204", at_part(node, parsed.partition.from, parsed.partition.length),
         fmt::format("topic \"{}\" has no partition {}", tp.topic, tp.partition.value()),
         fmt::format("a partition from 0 to {}", *count - 1)});
    return false;
}

}  // namespace

std::optional<Selector> build_selector(Build& build, const JsonNode* node) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    const auto parsed = parse_selector(*text);
    if (!parsed) {
        const SelectorError& error = parsed.error();
        build.document.report({error.not_built ? "E0900" : "E0401",
                               at_part(*node, error.part.from, error.part.length), error.message,
                               std::string(kSelectorForm), error.suggestion});
        return std::nullopt;
    }
    bool ok = true;
    if (const auto* broker = std::get_if<BrokerSelector>(&parsed->selector)) {
        ok = check_node(build, *node, parsed->node, broker->id,
                        {"broker", build.brokers, "controller", build.controllers});
    } else if (const auto* controller = std::get_if<ControllerSelector>(&parsed->selector)) {
        ok = check_node(build, *node, parsed->node, controller->id,
                        {"controller", build.controllers, "broker", build.brokers});
    } else if (std::holds_alternative<LeaderSelector>(parsed->selector)) {
        ok = check_leader(build, *node, *parsed);
    }
    return ok ? std::optional(parsed->selector) : std::nullopt;
}

}  // namespace bsim
