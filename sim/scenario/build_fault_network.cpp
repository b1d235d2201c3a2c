// Faults of the network and of single messages.
#include <algorithm>
#include <array>
#include <fmt/format.h>

#include "sim/scenario/fault_builder.h"
#include "sim/scenario/field_form.h"
#include "sim/scenario/name_check.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/other_names.h"
#include "sim/scenario/quantity.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

// Requests of ZooKeeper, which the format has and the program has not.
constexpr std::string_view kZooKeeperApis[] = {"FollowerInfo", "LeaderInfo", "AckEpoch", "Proposal",
                                               "Commit",       "NewLeader",  "UpToDate", "Ping"};

}  // namespace

std::optional<PartitionCut> FaultBuilder::between(const JsonNode& list) {
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
    return ok ? std::optional<PartitionCut>(std::move(cut)) : std::nullopt;
}

std::optional<PartitionCut> FaultBuilder::one_way() {
    auto source = selector("from");
    auto sink = selector("to");
    if (!source || !sink) {
        return std::nullopt;
    }
    if (*source == *sink) {
        build_.document.report({"E0206", at_value(*find("to")),
                                fmt::format("\"{}\" stands on both sides", to_string(*sink))});
        return std::nullopt;
    }
    return OneWayCut{std::move(*source), std::move(*sink)};
}

std::optional<PartitionCut> FaultBuilder::cut() {
    const JsonNode* target = find("target");
    const JsonNode* sides = find("between");
    std::optional<PartitionCut> out;
    if (target != nullptr) {
        auto isolated = selector("target");
        out = isolated ? std::optional<PartitionCut>(IsolationCut{std::move(*isolated)})
                       : std::nullopt;
    }
    if (sides != nullptr) {
        out = between(*sides);
    }
    if (find("from") != nullptr || find("to") != nullptr) {
        out = one_way();
    }
    return out;
}

std::optional<FaultAction> FaultBuilder::partition(PartitionCut cut) {
    const auto how = text_of(find("how"));
    PartitionFault fault;
    fault.cut = std::move(cut);
    fault.how = how == "reject" ? PartitionFault::How::Reject
                : how == "jam"  ? PartitionFault::How::Jam
                                : PartitionFault::How::Drop;
    return fault;
}

std::optional<FaultAction> FaultBuilder::packets(PartitionCut where) {
    if (is("net-slow")) {
        const auto latency = dist_of(find("latency"));
        return latency ? std::optional<FaultAction>(
                             PacketFault{std::move(where), SlowPackets{*latency}})
                       : std::nullopt;
    }
    if (is("net-bandwidth")) {
        const auto rate = bit_rate_of(find("rate"));
        return rate ? std::optional<FaultAction>(
                          PacketFault{std::move(where), LimitBandwidth{*rate}})
                    : std::nullopt;
    }
    const auto rate = probability_of(find("rate"));
    if (!rate) {
        return std::nullopt;
    }
    const PacketEffect effect = is("net-loss")        ? PacketEffect(LosePackets{*rate})
                                : is("net-duplicate") ? PacketEffect(DuplicatePackets{*rate})
                                : is("net-reorder")   ? PacketEffect(ReorderPackets{*rate})
                                                      : PacketEffect(CorruptPackets{*rate});
    return PacketFault{std::move(where), effect};
}

bool FaultBuilder::check_api(const JsonNode& api) {
    const auto name = text_of(&api);
    const auto& known = build_.vocabulary.apis;
    if (!name) {
        return false;
    }
    if (std::find(known.begin(), known.end(), *name) != known.end()) {
        return true;
    }
    const bool zookeeper = std::find(std::begin(kZooKeeperApis), std::end(kZooKeeperApis), *name) !=
                           std::end(kZooKeeperApis);
    const std::vector<std::string_view> names(known.begin(), known.end());
    build_.document.report(
        {zookeeper ? "E0900" : "E0223", at_value(api),
         zookeeper
             ? fmt::format("api \"{}\" is part of the scenario format but not built yet", *name)
             : fmt::format("unknown api \"{}\"", *name),
         short_list(names, "api"), zookeeper ? "" : meant_api(*name, names)});
    return false;
}

bool FaultBuilder::check_error(const JsonNode& error) {
    const auto name = text_of(&error);
    const auto& known = build_.vocabulary.errors;
    if (!name) {
        return false;
    }
    if (std::find(known.begin(), known.end(), *name) != known.end()) {
        return true;
    }
    const std::vector<std::string_view> names(known.begin(), known.end());
    build_.document.report({"E0224", at_value(error), fmt::format("unknown error \"{}\"", *name),
                            "one of Kafka's errors, such as NOT_COORDINATOR (brokersim schema "
                            "--enum error)",
                            meant_error(*name, names)});
    return false;
}

// A chance of the one message that is meant without `count` is hardly what was wanted.
std::optional<Ratio> FaultBuilder::message_probability() {
    const JsonNode* given = find("probability");
    if (given == nullptr) {
        return Ratio{1, 1};
    }
    if (find("count") == nullptr && find("every") == nullptr && find("times") == nullptr) {
        build_.document.report(
            {"W0007", at_key(*given),
             fmt::format("\"probability\" decides about a single message: \"{}\" strikes one "
                         "unless \"count\" says more",
                         kind_.name)});
    }
    return probability_of(given);
}

// `partition` as orders-0 or as a bare number, or a field of the message by Kafka's name. Which
// fields a message has is not known here: only what is near to the usual ones is told from them.
bool FaultBuilder::check_match(const JsonNode& field) {
    constexpr std::string_view kUsual[] = {"partition", "topic", "topicName", "partitionIndex"};
    const auto near = nearest(field.key, kUsual);
    if (near && edit_distance(field.key, *near) == 1 && !field.key.starts_with(*near)) {
        build_.document.report(
            {"E0101", at_key(field), fmt::format("messages have no field \"{}\"", field.key),
             "\"partition\", or a field of the message by Kafka's name", std::string(*near)});
        return false;
    }
    const auto text = text_of(&field);
    if (field.key != "partition" || !text || node_id_of(*text)) {
        return true;
    }
    std::array<TextPart, 2> parts;
    const auto p = parse_partition(*text, parts[0], parts[1]);
    if (!p) {
        const bool topic = build_.topics && build_.topics->contains(*text);
        build_.document.report({"E0106",
                                at_value(field),
                                fmt::format("\"{}\" is no partition, such as orders-0", *text),
                                {},
                                topic ? fmt::format("{}-0", *text) : std::string()});
        return false;
    }
    return is_metadata_partition(*p) || check_any_partition(build_, field, *p, parts);
}

std::optional<FaultBuilder::Messages> FaultBuilder::messages(MessageFilter::Of of) {
    Messages out;
    const JsonNode* api = find("api");
    bool ok = api != nullptr && check_api(*api);
    out.filter.api = std::string(text_of(api).value_or(""));
    out.filter.of = of;
    out.filter.nth = integer_of(find("nth")).value_or(1);
    out.filter.count = integer_of(find("count")).value_or(1);
    if (const JsonNode* match = find("match"); match && match->kind == JsonNode::Kind::Object) {
        for (const JsonNode& field : match->children) {
            ok = check_match(field) && ok;
            out.filter.match[field.key] = field.text;
        }
    }
    out.from = selector("from");
    out.to = selector("to");
    ok = ok && (out.from || find("from") == nullptr) && (out.to || find("to") == nullptr);
    return ok ? std::optional(std::move(out)) : std::nullopt;
}

std::optional<FaultAction> FaultBuilder::message() {
    MessageFault fault;
    fault.verb = is("message-hold")    ? MessageFault::Verb::Hold
                 : is("message-delay") ? MessageFault::Verb::Delay
                 : is("message-drop")  ? MessageFault::Verb::Drop
                                       : MessageFault::Verb::Lose;
    const auto of = text_of(find("of"));
    const bool response = is("response-drop") || of == "response";
    auto meant = messages(response       ? MessageFilter::Of::Response
                          : of == "both" ? MessageFilter::Of::Both
                                         : MessageFilter::Of::Request);
    bool ok = meant.has_value();
    if (fault.verb == MessageFault::Verb::Delay) {
        const auto latency = dist_of(find("latency"));
        ok = latency && ok;
        fault.latency = latency.value_or(LatencyDist{});
    }
    if (is("response-drop")) {
        const auto chance = message_probability();
        ok = chance && ok;
        fault.probability = chance.value_or(Ratio{1, 1});
    }
    if (!ok) {
        return std::nullopt;
    }
    fault.filter = std::move(meant->filter);
    fault.from = std::move(meant->from);
    fault.to = std::move(meant->to);
    return fault;
}

std::optional<FaultAction> FaultBuilder::api_error() {
    auto meant = messages(MessageFilter::Of::Request);
    const JsonNode* error = find("error");
    const bool named = error == nullptr || check_error(*error);
    const auto chance = message_probability();
    if (!meant || !named || !chance) {
        return std::nullopt;
    }
    return ApiErrorFault{std::move(meant->filter),
                         std::string(text_of(error).value_or("UNKNOWN_SERVER_ERROR")),
                         std::move(meant->from), std::move(meant->to), *chance};
}

std::optional<FaultAction> FaultBuilder::network_action() {
    if (is("api-error")) {
        return api_error();
    }
    if (kind_.name.starts_with("message-") || is("response-drop")) {
        return message();
    }
    if (is("zombie")) {
        auto target = struck();
        return target
                   ? std::optional<FaultAction>(PartitionFault{ControllersCut{std::move(*target)}})
                   : std::nullopt;
    }
    auto where = cut();
    // Without a place the rest is read all the same, so that its errors show too.
    const PartitionCut known = where.value_or(PartitionCut{});
    std::optional<FaultAction> out;
    if (is("partition") || is("net-flap")) {
        out = partition(known);
    } else if (is("net-reset")) {
        out = ResetFault{known};
    } else {
        out = packets(known);
    }
    return where ? std::move(out) : std::nullopt;
}

}  // namespace bsim
