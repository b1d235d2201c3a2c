// What is legal and likely not meant. What the builders see while they are at it, they report
// themselves.
#include <algorithm>
#include <fmt/format.h>

#include "sim/model/internal_topics.h"
#include "sim/scenario/build.h"
#include "sim/scenario/fault_kinds.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

constexpr std::string_view kDurable = "acked-records-durable";

// The earliest moments at which each fault can begin and end; the end of the run for never.
struct Earliest {
    SimTime begin;
    SimTime end;
};

class Lint {
  public:
    explicit Lint(Build& build) : build_(build), end_(SimTime(0) + build.out.duration) {}

    void voters();
    void starts();
    void faults();
    void windows();
    void durability();
    void offsets_topic();

  private:
    const JsonNode* section(std::string_view name) const { return member(&build_.root, name); }
    void warn(std::string_view code, const Mark& mark, std::string message) {
        build_.document.report({code, mark, std::move(message)});
    }
    SimTime later(SimTime from, SimDuration span) const {
        return span.ns() >= end_.ns() - from.ns() ? end_ : from + span;
    }
    Earliest earliest(std::size_t fault);
    void late(const JsonNode* start, std::string_view what);
    void permits_loss(const Mark& mark, std::string_view id);

    Build& build_;
    SimTime end_;
    std::map<std::string, std::size_t, std::less<>> places_;  // of faults in the list
    std::map<std::size_t, Earliest> known_;
};

void Lint::voters() {
    const JsonNode* list = member(section("cluster"), "controllers");
    const std::size_t count = build_.out.controllers.size();
    if (list != nullptr && count % 2 == 0) {
        warn("W0008", at_value(*list),
             fmt::format("an even number of voters, {}, survives no more failures than {}", count,
                         count - 1));
    }
}

void Lint::late(const JsonNode* start, std::string_view what) {
    const auto time = duration_of(start);
    if (time && time->ns() >= end_.ns()) {
        warn("W0006", at_value(*start), fmt::format("{} starts after the end of the run", what));
    }
}

void Lint::starts() {
    const JsonNode* cluster = section("cluster");
    for (const std::string_view defaults : {"defaults", "controller_defaults"}) {
        late(member(member(cluster, defaults), "start"), "a node");
    }
    for (const JsonNode& node : member(cluster, "brokers")->children) {
        late(member(&node, "start"), fmt::format("node {}", node.key));
    }
    const JsonNode* consumers = section("consumers");
    for (std::size_t i = 0; consumers != nullptr && i < consumers->children.size(); ++i) {
        const JsonNode& consumer = consumers->children[i];
        const JsonNode* instances = member(&consumer, "instances");
        for (std::size_t k = 0; instances != nullptr && k < instances->children.size(); ++k) {
            late(member(&instances->children[k], "start"),
                 fmt::format("member {} of consumer \"{}\"", instances->children[k].key,
                             consumer.key));
        }
    }
}

Earliest Lint::earliest(std::size_t fault) {
    // No circle is left in a scenario without errors.
    std::vector<std::size_t> chain;
    std::optional<std::size_t> at = fault;
    while (at && !known_.contains(*at)) {
        chain.push_back(*at);
        const auto* after = std::get_if<AfterTrigger>(&build_.out.faults[*at].trigger);
        at = after == nullptr ? std::nullopt : std::optional(places_.find(after->fault)->second);
    }
    for (; !chain.empty(); chain.pop_back()) {
        const FaultSpec& spec = build_.out.faults[chain.back()];
        Earliest& out = known_[chain.back()];
        if (const auto* time = std::get_if<AtTrigger>(&spec.trigger)) {
            out.begin = std::min(time->at, end_);
        } else if (const auto* after = std::get_if<AfterTrigger>(&spec.trigger)) {
            const Earliest& awaited = known_.at(places_.find(after->fault)->second);
            out.begin = later(after->end ? awaited.end : awaited.begin, after->delay);
        } else {
            out.begin = later(SimTime(0), std::get<WhenTrigger>(spec.trigger).hold);
        }
        const auto* lasts = spec.duration ? std::get_if<ConstantDist>(&*spec.duration) : nullptr;
        const bool fixed = lasts != nullptr && !spec.until;
        out.end = fixed ? later(out.begin, lasts->value) : out.begin;
    }
    return known_.at(fault);
}

void Lint::faults() {
    const JsonNode* list = section("faults");
    for (std::size_t i = 0; i < build_.out.faults.size(); ++i) {
        places_.emplace(build_.out.faults[i].id, i);
    }
    for (std::size_t i = 0; i < build_.out.faults.size(); ++i) {
        const FaultSpec& spec = build_.out.faults[i];
        const JsonNode& node = list->children[i];
        if (earliest(i).begin >= end_) {
            const std::string_view ways[] = {"at", "after", "when"};
            const auto* const way =
                std::find_if(std::begin(ways), std::end(ways),
                             [&](std::string_view name) { return node.find(name) != nullptr; });
            warn("W0002", at_value(*node.find(*way)),
                 fmt::format("fault \"{}\" begins after the end of the run", spec.id));
        }
        const JsonNode* probability = node.find("probability");
        const auto chance = probability_of(probability);
        if (chance && chance->numerator == 0) {
            warn("W0012", at_value(*probability),
                 fmt::format("fault \"{}\" never happens: its probability is 0", spec.id));
        }
        const FaultKind* kind = find_fault_kind(spec.kind);
        if (kind != nullptr && kind->repeats && node.find("every") == nullptr) {
            warn("W0011", at_value(*node.find("fault")),
                 fmt::format("\"{}\" without \"every\" strikes once", spec.kind));
        }
    }
}

void Lint::windows() {
    const JsonNode* list = section("expect");
    for (std::size_t i = 0; i < build_.out.expect.size(); ++i) {
        const JsonNode* from = list->children[i].find("from");
        const auto time = duration_of(from);
        if (time && time->ns() >= end_.ns()) {
            warn("W0009", at_value(*from),
                 fmt::format("expectation \"{}\" begins after the end of the run",
                             build_.out.expect[i].id));
        }
    }
}

void Lint::permits_loss(const Mark& mark, std::string_view id) {
    for (const ProducerSpec& producer : build_.out.producers) {
        if (producer.config.acks != Acks::All) {
            return warn(
                "W0010", mark,
                fmt::format("expectation \"{}\" promises more than acks of producer \"{}\", "
                            "which is not all",
                            id, producer.name));
        }
    }
    const TopicConfig defaults = build_.out.brokers.front().config.log;
    for (const TopicSpec& topic : build_.out.topics) {
        const TopicConfig config = resolve_topic_config(defaults, topic.settings);
        if (config.unclean_leader_election_enable) {
            return warn("W0010", mark,
                        fmt::format("expectation \"{}\" promises more than topic \"{}\", which "
                                    "permits unclean elections",
                                    id, topic.name));
        }
    }
}

void Lint::durability() {
    const JsonNode* list = section("expect");
    for (std::size_t i = 0; i < build_.out.expect.size(); ++i) {
        const ExpectSpec& expect = build_.out.expect[i];
        const auto* check = std::get_if<CheckExpect>(&expect.form);
        if (check != nullptr && check->check == kDurable &&
            expect.outcome == ExpectedOutcome::Holds) {
            permits_loss(at_value(*list->children[i].find("check")), expect.id);
        }
    }
}

// Without the offsets topic no group finds its coordinator.
void Lint::offsets_topic() {
    const auto& brokers = build_.out.brokers;
    const auto least =
        std::min_element(brokers.begin(), brokers.end(), [](const NodeSpec& a, const NodeSpec& b) {
            return a.config.offsets_topic_replication_factor <
                   b.config.offsets_topic_replication_factor;
        });
    const std::int64_t factor = least->config.offsets_topic_replication_factor;
    const auto count = static_cast<std::int64_t>(brokers.size());
    const bool declared =
        std::any_of(build_.out.topics.begin(), build_.out.topics.end(),
                    [](const TopicSpec& topic) { return topic.name == kOffsetsTopic; });
    for (std::size_t i = 0; i < build_.out.consumers.size(); ++i) {
        const ConsumerSpec& consumer = build_.out.consumers[i];
        if (consumer.group && factor > count && !declared) {
            warn("W0013", at_key(section("consumers")->children[i]),
                 fmt::format("group \"{}\" gets no coordinator: offsets.topic.replication.factor "
                             "{} exceeds the number of brokers, {}",
                             *consumer.group, factor, count));
        }
    }
}

}  // namespace

void lint(Build& build) {
    if (build.document.has_errors()) {
        return;
    }
    Lint lint(build);
    lint.voters();
    lint.starts();
    lint.faults();
    lint.windows();
    lint.durability();
    lint.offsets_topic();
}

}  // namespace bsim
