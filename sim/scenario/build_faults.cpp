#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/fields.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

class FaultBuilder {
  public:
    FaultBuilder(Build& build, const JsonNode& node, std::string_view kind)
        : build_(build), node_(node), kind_(kind) {}

    std::optional<FaultAction> action();
    std::optional<SimTime> at();

  private:
    std::optional<FaultAction> crash();
    std::optional<FaultAction> pause();
    std::optional<FaultAction> partition();
    std::optional<PartitionCut> cut();
    std::optional<BetweenCut> between(const JsonNode& list);
    std::optional<FaultAction> elect();
    bool partitions(const JsonNode& value, ElectFault& fault);

    const JsonNode* find(std::string_view name) const { return node_.find(name); }
    std::optional<Selector> selector(std::string_view name) {
        return build_selector(build_, find(name));
    }
    // Reports an absent parameter.
    bool needs(std::string_view name, std::string_view expected);
    // The duration of `for`; reports a distribution. nullopt if absent or wrong.
    std::optional<SimDuration> lasting();
    // Would `at` plus this leave the range of times?
    bool fits(const JsonNode* value, SimDuration span);

    Build& build_;
    const JsonNode& node_;
    std::string_view kind_;
};

bool FaultBuilder::needs(std::string_view name, std::string_view expected) {
    if (find(name) != nullptr) {
        return true;
    }
    build_.document.report({"E0102", at_value(node_),
                            fmt::format("fault \"{}\" needs \"{}\"", kind_, name),
                            std::string(expected)});
    return false;
}

std::optional<SimTime> FaultBuilder::at() {
    const JsonNode* at = find("at");
    const bool other = find("after") != nullptr || find("when") != nullptr;
    if (at == nullptr) {
        if (!other) {
            needs("at", kDurationForm);
        }
        return std::nullopt;
    }
    if (other) {
        build_.document.report(
            {"E0112", at_key(*at), "a fault takes one of \"at\", \"after\" and \"when\""});
    }
    const auto time = duration_of(at);
    return time ? std::optional(SimTime(time->ns())) : std::nullopt;
}

bool FaultBuilder::fits(const JsonNode* value, SimDuration span) {
    const auto start = duration_of(find("at"));
    if (!start || start->ns() < kDurationEndNs - span.ns()) {
        return true;
    }
    build_.document.report({"E0109", at_value(*value), "the fault's end is beyond 292 years"});
    return false;
}

std::optional<SimDuration> FaultBuilder::lasting() {
    const JsonNode* value = find("for");
    const auto dist = dist_of(value);
    if (!dist) {
        return std::nullopt;
    }
    const auto* constant = std::get_if<ConstantDist>(&*dist);
    if (constant == nullptr) {
        build_.document.report(
            {"E0900", at_value(*value),
             "a fault that lasts for a drawn time is part of the scenario format "
             "but not built yet",
             std::string(kDurationForm)});
        return std::nullopt;
    }
    return fits(value, constant->value) ? std::optional(constant->value) : std::nullopt;
}

std::optional<FaultAction> FaultBuilder::crash() {
    CrashFault fault;
    const bool has_target = needs("target", kSelectorForm);
    const auto target = selector("target");
    fault.mode =
        text_of(find("mode")) == "graceful" ? CrashFault::Mode::Graceful : CrashFault::Mode::Kill;
    fault.restart_after = duration_of(find("restart_after"));
    if (fault.restart_after && !fits(find("restart_after"), *fault.restart_after)) {
        return std::nullopt;
    }
    if (!has_target || !target) {
        return std::nullopt;
    }
    fault.target = *target;
    return fault;
}

std::optional<FaultAction> FaultBuilder::pause() {
    const bool has_target = needs("target", kSelectorForm);
    const bool has_time = needs("for", kDurationForm);
    const auto target = selector("target");
    const auto duration = lasting();
    if (!has_target || !has_time || !target || !duration) {
        return std::nullopt;
    }
    return PauseFault{*target, *duration};
}

std::optional<BetweenCut> FaultBuilder::between(const JsonNode& list) {
    BetweenCut cut;
    bool ok = list.kind == JsonNode::Kind::Array;
    for (const JsonNode& side : list.children) {
        auto selector = build_selector(build_, &side);
        if (!selector) {
            ok = false;
            continue;
        }
        if (std::find(cut.sides.begin(), cut.sides.end(), *selector) != cut.sides.end()) {
            ok = false;
            build_.document.report({"E0206", at_value(side),
                                    fmt::format("\"{}\" stands twice", to_string(*selector))});
        }
        cut.sides.push_back(std::move(*selector));
    }
    if (ok && cut.sides.size() < 2) {
        ok = false;
        build_.document.report({"E0112", at_value(list), "\"between\" needs at least two sides",
                                "an array of selectors"});
    }
    return ok ? std::optional(std::move(cut)) : std::nullopt;
}

std::optional<PartitionCut> FaultBuilder::cut() {
    const JsonNode* target = find("target");
    const JsonNode* sides = find("between");
    const JsonNode* from = find("from");
    const JsonNode* to = find("to");
    const int ways =
        int{target != nullptr} + int{sides != nullptr} + int{from != nullptr || to != nullptr};
    if (ways != 1) {
        const JsonNode* culprit = ways == 0 ? &node_ : sides != nullptr ? sides : target;
        build_.document.report(
            {"E0112", ways == 0 ? at_value(*culprit) : at_key(*culprit),
             "a partition takes one of \"from\" with \"to\", \"target\", and \"between\""});
    }
    const auto isolated = selector("target");
    const auto both = sides != nullptr ? between(*sides) : std::nullopt;
    const bool one_way = from != nullptr || to != nullptr;
    const bool has_source = one_way && needs("from", kSelectorForm);
    const bool has_sink = one_way && needs("to", kSelectorForm);
    const auto source = selector("from");
    const auto sink = selector("to");
    if (ways != 1) {
        return std::nullopt;
    }
    if (isolated) {
        return IsolationCut{*isolated};
    }
    if (both) {
        return *both;
    }
    if (!has_source || !has_sink || !source || !sink) {
        return std::nullopt;
    }
    if (*source == *sink) {
        build_.document.report(
            {"E0206", at_value(*to), fmt::format("\"{}\" stands on both sides", to_string(*sink))});
        return std::nullopt;
    }
    return OneWayCut{*source, *sink};
}

std::optional<FaultAction> FaultBuilder::partition() {
    PartitionFault fault;
    auto cut = this->cut();
    const auto how = text_of(find("how"));
    if (how == "reject") {
        fault.how = PartitionFault::How::Reject;
    }
    if (how == "jam") {
        fault.how = PartitionFault::How::Jam;
    }
    fault.duration = lasting();
    if (!cut || (find("for") != nullptr && !fault.duration)) {
        return std::nullopt;
    }
    fault.cut = std::move(*cut);
    return fault;
}

// One partition, or an array of them.
bool FaultBuilder::partitions(const JsonNode& value, ElectFault& fault) {
    const auto count = partitions_of(build_, fault.topic);
    std::set<std::int64_t> seen;
    bool ok = true;
    const auto add = [&](const JsonNode& element) {
        const auto index = integer_of(&element);
        if (!index || *index < 0 || *index > INT32_MAX) {
            ok = false;
        } else if (count && *index >= *count) {
            ok = false;
            build_.document.report(
                {"E0204", at_value(element),
                 fmt::format("topic \"{}\" has no partition {}", fault.topic, *index),
                 fmt::format("a partition from 0 to {}", *count - 1)});
        } else if (!seen.insert(*index).second) {
            ok = false;
            build_.document.report(
                {"E0206", at_value(element), fmt::format("partition {} stands twice", *index)});
        }
    };
    if (value.kind == JsonNode::Kind::Array) {
        std::for_each(value.children.begin(), value.children.end(), add);
    } else {
        add(value);
    }
    for (const std::int64_t index : seen) {
        fault.partitions.emplace_back(static_cast<std::int32_t>(index));
    }
    return ok;
}

std::optional<FaultAction> FaultBuilder::elect() {
    ElectFault fault;
    fault.type = kind_ == "elect-unclean" ? ElectFault::Type::Unclean : ElectFault::Type::Preferred;
    if (!needs("topic", "a topic of the scenario")) {
        return std::nullopt;
    }
    const JsonNode* topic = find("topic");
    const auto name = text_of(topic);
    if (!name) {
        return std::nullopt;
    }
    fault.topic = std::string(*name);
    bool ok = check_topic_name(build_, *topic, {0, name->size()});
    if (const JsonNode* list = find("partitions")) {
        ok = partitions(*list, fault) && ok;
    }
    return ok ? std::optional<FaultAction>(std::move(fault)) : std::nullopt;
}

std::optional<FaultAction> FaultBuilder::action() {
    if (kind_ == "crash") {
        return crash();
    }
    if (kind_ == "pause") {
        return pause();
    }
    if (kind_ == "partition") {
        return partition();
    }
    return elect();
}

// The explicit ids, each once; every fault needs one of its own for the trace.
std::set<std::string, std::less<>> explicit_ids(Build& build, const JsonNode& list) {
    std::set<std::string, std::less<>> ids;
    for (const JsonNode& node : list.children) {
        const JsonNode* id = member(&node, "id");
        const auto text = text_of(id);
        if (text && !ids.insert(std::string(*text)).second) {
            build.document.report(
                {"E0201", at_value(*id), fmt::format("two faults have the id \"{}\"", *text)});
        }
    }
    return ids;
}

void add_fault(Build& build, const JsonNode& node, std::string id) {
    const auto kind = text_of(node.find("fault"));
    if (!kind || !has_word(find_field(Shape::Fault, "fault")->words, *kind)) {
        return;
    }
    FaultBuilder builder(build, node, *kind);
    const auto at = builder.at();
    auto action = builder.action();
    if (at && build.out.duration.ns() > 0 && at->ns() >= build.out.duration.ns()) {
        build.document.report({"W0002", at_value(*node.find("at")),
                               fmt::format("fault \"{}\" begins after the end of the run", id)});
    }
    if (!at || !action) {
        return;
    }
    build.out.faults.push_back({std::move(id), std::string(*kind), *at, std::move(*action)});
}

}  // namespace

void build_faults(Build& build) {
    const JsonNode* list = member(&build.root, "faults");
    if (list == nullptr || list->kind != JsonNode::Kind::Array) {
        return;
    }
    auto ids = explicit_ids(build, *list);
    int number = 0;
    for (const JsonNode& node : list->children) {
        ++number;
        if (node.kind != JsonNode::Kind::Object) {
            continue;
        }
        std::string id;
        if (const auto given = text_of(node.find("id"))) {
            id = std::string(*given);
        } else {
            id = fmt::format("fault-{}", number);
            while (!ids.insert(id).second) {
                id += "-x";
            }
        }
        add_fault(build, node, std::move(id));
    }
}

}  // namespace bsim
