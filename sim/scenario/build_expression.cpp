#include <algorithm>
#include <fmt/format.h>

#include "sim/scenario/build.h"
#include "sim/scenario/expression_range.h"
#include "sim/scenario/expression_watch.h"
#include "sim/scenario/name_check.h"
#include "sim/scenario/nearest.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr std::string_view kEnd = ".end";

// Every moment that something can come after: each fault but `own`, and its end if it has one.
std::vector<std::string> moments_of(const Build& build, std::string_view own) {
    constexpr std::size_t kMost = 1'000;
    std::vector<std::string> out;
    for (const auto& [id, ends] : build.faults) {
        if (out.size() >= kMost) {
            break;
        }
        if (id == own) {
            continue;
        }
        out.push_back(id);
        if (ends) {
            out.push_back(id + std::string(kEnd));
        }
    }
    return out;
}

// "producer-shop-0" for the name of a producer, with or without what it is; empty for other words.
std::string client_meant(const Build& build, std::string_view word) {
    for (const auto& [role, known] :
         {std::pair{"producer-", &build.producers}, std::pair{"consumer-", &build.consumers}}) {
        const std::string_view prefix = role;
        const std::string_view name = word.starts_with(prefix) ? word.substr(prefix.size()) : word;
        if (*known && (*known)->contains(name)) {
            return fmt::format("{}{}-0", role, name);
        }
    }
    return {};
}

}  // namespace

ExpressionFacts facts_of(const Build& build) {
    ExpressionFacts facts;
    facts.replicas = [&](const TopicPartition& p) { return replication_of(build, p.topic); };
    const auto is_broker = [&build](std::string_view node) {
        const auto role = node_role(node);
        return !build.brokers ||
               (role && role->kind == NodeRole::Kind::Broker && build.brokers->contains(role->id));
    };
    facts.can_lead = [&build, is_broker](const TopicPartition& p, std::string_view node) {
        return is_metadata_partition(p) ? can_control(build, node) : is_broker(node);
    };
    // Brokers follow the metadata log too.
    facts.can_hold = [is_broker](const TopicPartition& p, std::string_view node) {
        return is_metadata_partition(p) || is_broker(node);
    };
    facts.can_control = [&](std::string_view node) { return can_control(build, node); };
    if (build.topics) {
        // urp() counts the offsets topic too.
        facts.partitions = offsets_partitions(build);
        for (const auto& [topic, declared] : *build.topics) {
            const auto count = partitions_of(build, topic);
            facts.partitions = count && facts.partitions ? std::optional(*facts.partitions + *count)
                                                         : std::nullopt;
        }
    }
    return facts;
}

bool check_fault_id(Build& build, const JsonNode& node, TextPart part) {
    const std::string_view id = std::string_view(node.text).substr(part.from, part.length);
    if (build.faults.contains(id)) {
        return true;
    }
    const auto ids = words_among(build.faults);
    build.document.report({"E0218", at_part(node, part.from, part.length),
                           fmt::format("there is no fault \"{}\"", id),
                           listed(ids, build.faults.size()),
                           std::string(nearest(id, ids).value_or(""))});
    return false;
}

std::optional<Expression> build_expression(Build& build,
                                           const JsonNode* node,
                                           ExpressionWanted wanted) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    NameCheck names(build, *node);
    auto parsed = parse_expression(*text, wanted, names);
    if (!parsed) {
        const ExpressionError& error = parsed.error();
        const std::size_t from = std::min(error.part.from, text->size());
        const bool unknown = error.code == "E0403" && error.suggestion.empty();
        build.document.report({error.code, at_part(*node, error.part.from, error.part.length),
                               error.message, error.expected,
                               unknown ? client_meant(build, text->substr(from, error.part.length))
                                       : error.suggestion});
        return std::nullopt;
    }
    const auto latencies = sources_of(*parsed).latencies;
    build.out.asks_latencies |=
        latencies.contains(Latency::EndToEnd) || latencies.contains(Latency::Rebalance);
    return names.ok() ? std::optional(std::move(*parsed)) : std::nullopt;
}

bool check_possible(Build& build,
                    const JsonNode& node,
                    const Expression& expression,
                    std::string_view what,
                    std::string_view own_fault) {
    ExpressionFacts facts = facts_of(build);
    facts.fault_to_come = std::string(own_fault);
    if (can_be_true(expression.root, facts)) {
        return true;
    }
    build.document.report({"E0221", at_value(node), fmt::format("{} can never be true", what)});
    return false;
}

bool can_be(const ExpressionFacts& facts,
            const Expression& expression,
            const ExpressionValue& value) {
    ExpressionNode literal;
    literal.form = LiteralValue{value};
    ExpressionNode equal;
    ExpressionNode asked = expression.root;
    equal.form = Comparison{CompareOp::Equal, std::move(asked), std::move(literal)};
    return can_be_true(equal, facts);
}

std::optional<FaultMoment> build_fault_moment(Build& build,
                                              const JsonNode* node,
                                              std::string_view own_fault) {
    const auto text = text_of(node);
    if (!text) {
        return std::nullopt;
    }
    FaultMoment out;
    out.end = text->ends_with(kEnd);
    out.fault = std::string(text->substr(0, text->size() - (out.end ? kEnd.size() : 0)));
    const auto known = build.faults.find(out.fault);
    if (known == build.faults.end()) {
        const auto moments = moments_of(build, own_fault);
        const std::vector<std::string_view> words(moments.begin(), moments.end());
        build.document.report({"E0218", at_part(*node, 0, text->size()),
                               fmt::format("there is no fault \"{}\"", out.fault),
                               words.empty() ? "another fault of the scenario" : listed(words),
                               std::string(nearest(*text, words).value_or(""))});
        return std::nullopt;
    }
    if (out.end && !known->second) {
        build.document.report({"E0220", at_value(*node),
                               fmt::format("fault \"{}\" never ends", out.fault),
                               "a fault with \"for\", \"until\" or \"restart_after\", repeated a "
                               "number of \"times\" at "
                               "most"});
        return std::nullopt;
    }
    return out;
}

}  // namespace bsim
