// Random expressions over random histories, against a dumb twin that remembers everything and
// works each value out from the beginning.
#include <algorithm>
#include <map>

#include <gtest/gtest.h>

#include "sim/scenario/expression_compare.h"
#include "sim/scenario/expression_text.h"
#include "sim/scenario/expression_watch.h"

namespace bsim {
namespace {

using Truth = std::optional<bool>;

class AnyNames : public ExpressionNames {
  public:
    void partition(const TopicPartition&, TextPart, TextPart) override {}
    void node(NodeNames&, TextPart) override {}
    void fault(std::string_view, TextPart) override {}
    void metric(std::string_view, TextPart) override {}
    void event_kind(std::string_view, TextPart) override {}
    void event_condition(std::string_view, const Condition&) override {}
};

// What one look finds.
class Moment : public ExpressionState {
  public:
    SimTime now() const override { return time; }
    std::optional<std::int64_t> isr_size(const TopicPartition&) const override { return isr; }
    std::optional<NodeNames> leader(const TopicPartition&) const override { return std::nullopt; }
    std::optional<LeaderEpoch> epoch(const TopicPartition&) const override { return {}; }
    std::optional<Offset> high_watermark(const TopicPartition&) const override { return {}; }
    std::optional<Offset> log_end(const std::string&, const TopicPartition&) const override {
        return std::nullopt;
    }
    std::int64_t under_replicated() const override { return urp; }
    NodeNames active_controller() const override { return {}; }
    std::optional<bool> is_up(const std::string&) const override { return std::nullopt; }
    std::optional<NodeNames> targets(const std::string&) const override { return std::nullopt; }
    bool happened(const EventPattern& pattern) const override { return pattern.kind == event; }
    std::optional<Ratio> metric(const MetricQuery&) const override { return std::nullopt; }
    std::optional<std::string> group_state(const std::string&) const override { return group; }
    std::optional<std::int64_t> group_lag(const std::string&) const override { return isr; }
    void measured(Latency, const Told& told) const override { told(latency); }

    SimTime time;
    std::optional<std::int64_t> isr;
    std::int64_t urp = 0;
    std::optional<std::string> group;
    std::string event;
    SimDuration latency;
};

class Twin {
  public:
    void add(const Moment& moment) { moments_.push_back(moment); }
    ExpressionValue value(const ExpressionNode& node) const {
        return value(node, moments_.size() - 1);
    }

  private:
    using Value = ExpressionValue;

    Value value(const ExpressionNode& node, std::size_t i) const {
        return std::visit([&](const auto& form) { return of(form, i); }, node.form);
    }
    Truth truth(const ExpressionNode& node, std::size_t i) const {
        const Value found = value(node, i);
        const auto* known = std::get_if<bool>(&found);
        return known != nullptr ? Truth(*known) : std::nullopt;
    }
    static Value made(Truth truth) { return truth ? Value(*truth) : Value(UnknownValue{}); }
    static Value made(std::optional<std::int64_t> number) {
        return number ? Value(NumberValue{{*number, 1}, NumberUnit::One}) : Value(UnknownValue{});
    }
    // Has it happened less than `window` before look i?
    bool recent(std::size_t j, std::size_t i, SimDuration window) const {
        return moments_[i].time - moments_[j].time < window;
    }

    Value of(const LiteralValue& node, std::size_t) const { return node.value; }
    Value of(const PartitionQuery&, std::size_t i) const { return made(moments_[i].isr); }
    Value of(const UnderReplicatedQuery&, std::size_t i) const {
        return made(std::optional(moments_[i].urp));
    }
    Value of(const GroupQuery& node, std::size_t i) const {
        if (node.what == GroupQuery::What::Lag)
            return made(moments_[i].isr);
        const auto& group = moments_[i].group;
        return group ? Value(GroupStateValue{*group}) : Value(UnknownValue{});
    }
    Value of(const EventHappened& node, std::size_t i) const {
        return moments_[i].happened(node.pattern);
    }
    Value of(const EventCount& node, std::size_t i) const {
        std::int64_t count = 0;
        for (std::size_t j = 0; j <= i; ++j) {
            const bool counts = !node.window || recent(j, i, *node.window);
            count += counts && moments_[j].happened(node.pattern) ? 1 : 0;
        }
        return made(std::optional(count));
    }
    Value of(const QuantileQuery& node, std::size_t i) const {
        std::vector<SimDuration> all;
        for (std::size_t j = 0; j <= i; ++j) {
            if (recent(j, i, node.window) && moments_[j].happened(node.pattern))
                all.push_back(moments_[j].latency);
        }
        if (all.empty())
            return UnknownValue{};
        std::sort(all.begin(), all.end());
        const std::size_t rank =
            (all.size() * static_cast<std::size_t>(node.permille) + 999) / 1000;
        return NumberValue{{all[rank - 1].ns(), 1}, NumberUnit::Time};
    }
    Value of(const Negation& node, std::size_t i) const {
        const Truth inner = truth(*node.of, i);
        return made(inner ? Truth(!*inner) : std::nullopt);
    }
    Value of(const Conjunction& node, std::size_t i) const { return all(node.of, i, false); }
    Value of(const Disjunction& node, std::size_t i) const { return all(node.of, i, true); }
    Value all(const std::vector<ExpressionNode>& nodes, std::size_t i, bool decisive) const {
        bool unknown = false;
        for (const ExpressionNode& node : nodes) {
            const Truth one = truth(node, i);
            if (one == decisive)
                return decisive;
            unknown = unknown || !one;
        }
        return unknown ? Value(UnknownValue{}) : Value(!decisive);
    }
    Value of(const Comparison& node, std::size_t i) const {
        return made(compare(node.op, value(*node.left, i), value(*node.right, i)));
    }
    // What was true at one look was so until the next.
    Value of(const WithinLast& node, std::size_t i) const {
        for (std::size_t j = 0; j < i; ++j) {
            if (truth(*node.of, j) == true && recent(j + 1, i, node.window))
                return true;
        }
        return made(truth(*node.of, i));
    }
    template <class Other>
    Value of(const Other&, std::size_t) const {
        return UnknownValue{};
    }

    std::vector<Moment> moments_;
};

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::size_t draw(std::size_t below) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state_ >> 33U) % below;
    }
    std::string pick(const std::vector<std::string>& words) { return words[draw(words.size())]; }
    std::string truth(int depth) {
        const std::string op = pick({" < ", " <= ", " == ", " != ", " >= ", " > "});
        switch (draw(depth > 0 ? 9 : 5)) {
            case 0:
                return pick({"event(A)", "event(ProduceAcked)", "true", "false"});
            case 1:
                return pick({"isr(a-0)", "urp()", "lag(g)", "count(A)", "count(A, 4s)"}) + op +
                       pick({"0", "1", "2", "3", "count(ProduceAcked, 3s)"});
            case 2:
                return pick({"p50", "p99", "max"}) + "(produce_latency, " + pick({"2s", "5s"}) +
                       ")" + op + pick({"2ms", "5ms", "max(produce_latency, 1s)"});
            case 3:
            case 4:
                return "state(g) " + pick({"==", "!="}) + " " + pick({"Stable", "Empty"});
            case 5:
                return "not (" + truth(depth - 1) + ")";
            case 6:
                return "(" + truth(depth - 1) + ") within " + pick({"1s", "3s"});
            case 7:
                return "(" + truth(depth - 1) + ") or (" + truth(depth - 1) + ")";
            default:
                return "(" + truth(depth - 1) + ") and (" + truth(depth - 1) + ")";
        }
    }
    void pass(Moment& moment) {
        moment.time = moment.time + milliseconds(static_cast<std::int64_t>(draw(1500)));
        moment.event = pick({"", "A", "ProduceAcked"});
        moment.latency = milliseconds(static_cast<std::int64_t>(draw(9)));
        if (draw(3) == 0)
            moment.isr = draw(4) == 0 ? std::nullopt : std::optional<std::int64_t>(draw(4));
        if (draw(3) == 0)
            moment.urp = static_cast<std::int64_t>(draw(3));
        if (draw(4) == 0)
            moment.group = draw(4) == 0 ? std::nullopt : std::optional(pick({"Stable", "Empty"}));
    }

  private:
    std::uint64_t state_;
};

TEST(ExpressionTwin, WhatIsRememberedGivesWhatTheWholeHistoryDoes) {
    Random random(41);
    AnyNames names;
    for (int round = 0; round < 400; ++round) {
        const std::string text = random.truth(round % 4);
        const auto parsed = parse_expression(text, ExpressionWanted::Condition, names);
        ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
        ExpressionWatch watch(*parsed);
        Twin twin;
        Moment moment;
        for (int look = 0; look < 40; ++look) {
            random.pass(moment);
            twin.add(moment);
            const ExpressionValue value = watch.look(moment);
            ASSERT_EQ(value, twin.value(parsed->root))
                << text << " at look " << look << ": " << to_string(value) << " against "
                << to_string(twin.value(parsed->root));
        }
    }
}

// Time alone changes a value at the announced instants only.
TEST(ExpressionTwin, NothingChangesBeforeTheNextLook) {
    Random random(43);
    AnyNames names;
    for (int round = 0; round < 400; ++round) {
        const std::string text = random.truth(round % 4);
        const auto parsed = parse_expression(text, ExpressionWanted::Condition, names);
        ASSERT_TRUE(parsed) << text;
        ExpressionWatch watch(*parsed);
        Moment moment;
        for (int look = 0; look < 20; ++look) {
            random.pass(moment);
            watch.look(moment);
            moment.event.clear();
            const ExpressionValue settled = watch.look(moment);
            const SimTime until = watch.next_look().value_or(moment.time + seconds(20));
            if (until <= moment.time)
                continue;
            moment.time = until - nanoseconds(1);
            ASSERT_EQ(watch.look(moment), settled) << text << " at look " << look;
        }
    }
}

}  // namespace
}  // namespace bsim
