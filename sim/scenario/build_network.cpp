#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr LatencyDist kDefaultLatency = ConstantDist{microseconds(500)};

std::optional<LossModel> loss_of(const JsonNode* node) {
    if (node == nullptr || node->kind != JsonNode::Kind::Object) {
        const auto probability = probability_of(node);
        return probability ? std::optional<LossModel>(IndependentLoss{*probability}) : std::nullopt;
    }
    BurstLoss loss;
    const auto to_bad = probability_of(member(node, "good_to_bad"));
    const auto to_good = probability_of(member(node, "bad_to_good"));
    if (!to_bad || !to_good) {
        return std::nullopt;
    }
    loss.good_to_bad = *to_bad;
    loss.bad_to_good = *to_good;
    loss.loss_in_good = probability_of(member(node, "loss_in_good")).value_or(loss.loss_in_good);
    loss.loss_in_bad = probability_of(member(node, "loss_in_bad")).value_or(loss.loss_in_bad);
    return loss;
}

// What the object says about a link, without its sides.
LinkOverride link_of(const JsonNode* node) {
    LinkOverride out;
    out.latency = dist_of(member(node, "latency"));
    out.bits_per_second = bit_rate_of(member(node, "bandwidth"));
    out.loss = loss_of(member(node, "loss"));
    out.duplicate = probability_of(member(node, "duplicate"));
    out.reorder = probability_of(member(node, "reorder"));
    out.corrupt = probability_of(member(node, "corrupt"));
    return out;
}

void lay_over(LinkSpec& link, const LinkOverride& above) {
    link.latency = above.latency.value_or(link.latency);
    if (above.bits_per_second) {
        link.bits_per_second = above.bits_per_second;
    }
    link.loss = above.loss.value_or(link.loss);
    link.duplicate = above.duplicate.value_or(link.duplicate);
    link.reorder = above.reorder.value_or(link.reorder);
    link.corrupt = above.corrupt.value_or(link.corrupt);
}

// A side of a link must mean the same nodes from start to end.
std::optional<Selector> side_of(Build& build, const JsonNode& node) {
    auto selector = build_selector(build, &node);
    if (!selector || is_fixed(*selector)) {
        return selector;
    }
    build.document.report(
        {"E0401", at_value(node),
         fmt::format("\"{}\" means other nodes at other times, which a link cannot",
                     to_string(*selector)),
         "broker:1, brokers, rack:a, controller:100, controllers, clients, producer:p, consumer:c, "
         "not SELECTOR"});
    return std::nullopt;
}

void add_link(Build& build, const JsonNode& node) {
    const JsonNode* sides = node.find("between");
    if (sides == nullptr || sides->kind != JsonNode::Kind::Array || sides->children.size() != 2) {
        return;
    }
    auto from = side_of(build, sides->children[0]);
    auto to = side_of(build, sides->children[1]);
    if (!from || !to) {
        return;
    }
    LinkOverride link = link_of(&node);
    link.from = std::move(*from);
    link.to = std::move(*to);
    const JsonNode* oneway = node.find("oneway");
    link.oneway = oneway != nullptr && oneway->text == "true";
    build.out.network.links.push_back(std::move(link));
}

}  // namespace

void build_network(Build& build) {
    const JsonNode* network = member(&build.root, "network");
    const JsonNode* base = member(network, "default");
    build.out.network.link.latency = kDefaultLatency;
    lay_over(build.out.network.link, link_of(base));
    const JsonNode* links = member(network, "links");
    if (links == nullptr || links->kind != JsonNode::Kind::Array) {
        return;
    }
    for (const JsonNode& node : links->children) {
        if (node.kind == JsonNode::Kind::Object) {
            add_link(build, node);
        }
    }
}

LinkSpec NetworkSpec::between(const NodeTraits& from, const NodeTraits& to) const {
    LinkSpec out = link;
    for (const LinkOverride& above : links) {
        const bool forth = selects(above.from, from) && selects(above.to, to);
        const bool back = !above.oneway && selects(above.from, to) && selects(above.to, from);
        if (forth || back) {
            lay_over(out, above);
        }
    }
    return out;
}

}  // namespace bsim
