#include <map>

#include <gtest/gtest.h>

#include "sim/scenario/expression_range.h"
#include "sim/scenario/expression_text.h"
#include "sim/scenario/expression_watch.h"

namespace bsim {
namespace {

// Takes every name.
class AnyNames : public ExpressionNames {
  public:
    void partition(const TopicPartition&, TextPart, TextPart) override {}
    void node(NodeNames&, TextPart) override {}
    void fault(std::string_view, TextPart) override {}
    void metric(std::string_view, TextPart) override {}
    void event_kind(std::string_view, TextPart) override {}
    void event_condition(std::string_view, const Condition&) override {}
};

Result<Expression, ExpressionError> parse(std::string_view text) {
    AnyNames names;
    return parse_expression(text, ExpressionWanted::AnyValue, names);
}

std::string printed(std::string_view text) {
    const auto parsed = parse(text);
    return parsed ? to_string(parsed->root) : parsed.error().message;
}

// A cluster in which everything is as the test says.
class FakeState : public ExpressionState {
  public:
    SimTime now() const override { return time; }
    std::optional<std::int64_t> isr_size(const TopicPartition&) const override { return isr; }
    std::optional<NodeNames> leader(const TopicPartition&) const override { return leads; }
    std::optional<LeaderEpoch> epoch(const TopicPartition&) const override {
        return LeaderEpoch(4);
    }
    std::optional<Offset> high_watermark(const TopicPartition&) const override { return hw; }
    std::optional<Offset> log_end(const std::string& node, const TopicPartition&) const override {
        const auto found = ends.find(node);
        return found == ends.end() ? std::nullopt : std::optional(Offset(found->second));
    }
    std::int64_t under_replicated() const override { return urp; }
    NodeNames active_controller() const override { return {"controller-100"}; }
    std::optional<bool> is_up(const std::string& node) const override {
        const auto found = up.find(node);
        return found == up.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<NodeNames> targets(const std::string&) const override { return struck; }
    bool happened(const EventPattern& pattern) const override { return pattern.kind == event; }
    std::optional<Ratio> metric(const MetricQuery& query) const override {
        const auto found = metrics.find(query.name);
        return found == metrics.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<std::string> group_state(const std::string&) const override { return group; }
    std::optional<std::int64_t> group_lag(const std::string&) const override { return lag; }
    void measured(Latency latency, const Told& told) const override {
        for (const SimDuration one :
             latency == Latency::Produce ? durations : std::vector<SimDuration>{})
            told(one);
    }

    SimTime time;
    std::optional<std::int64_t> isr;
    std::optional<NodeNames> leads;
    std::optional<Offset> hw;
    std::map<std::string, std::int64_t> ends;
    std::int64_t urp = 0;
    std::map<std::string, bool> up;
    std::optional<NodeNames> struck;
    std::string event;
    std::map<std::string, Ratio> metrics;
    std::optional<std::string> group;
    std::optional<std::int64_t> lag;
    std::vector<SimDuration> durations;
};

std::string value_of(std::string_view text, const FakeState& state) {
    const auto parsed = parse(text);
    if (!parsed)
        return parsed.error().message;
    ExpressionWatch watch(*parsed);
    return to_string(watch.look(state));
}

TEST(Expression, PrecedenceIsOrAndNotComparison) {
    EXPECT_EQ(printed("urp() == 0 or not urp() < 2 and isr(t-0) > 1 or true"),
              "((urp() == 0) or ((not (urp() < 2)) and (isr(t-0) > 1)) or true)");
    EXPECT_EQ(printed("not not true"), "(not (not true))");
    EXPECT_EQ(printed("not urp() == 0 within 5s"), "(not ((urp() == 0) within 5s))");
}

TEST(Expression, QuantitiesAndNodesHaveOneForm) {
    EXPECT_EQ(printed("1500ms"), "1500ms");
    EXPECT_EQ(printed("0.25"), "0.25");
    EXPECT_EQ(printed("-3"), "-3");
    EXPECT_EQ(printed("4KiB"), "4096B");
    EXPECT_EQ(printed("leader(a-b-0) == 3"), "(leader(a-b-0) == 3)");
    EXPECT_EQ(printed("leader(t-0) == broker:3"), "(leader(t-0) == broker-3)");
    EXPECT_EQ(printed("leader(t-0) == -1"), "(leader(t-0) == none)");
    EXPECT_EQ(printed("leo(2,t-0)>=hw( t-0 )"), "(leo(2, t-0) >= hw(t-0))");
    EXPECT_EQ(printed("event(A, x = 'a b', y!=\"c)\", z<=5)"),
              "event(A, x=\"a b\", y!=\"c)\", z<=5)");
    EXPECT_EQ(printed("count(event(A, x=1), 2s) > 3"), "(count(A, x=1, 2s) > 3)");
    EXPECT_EQ(printed("event( UncleanLeaderElected ,p=a-0)"),
              "event(LeaderElected, clean=false, p=a-0)");
    EXPECT_EQ(printed("max( produce_latency ,p = a-0, 1500ms)<0.25s"),
              "(max(produce_latency, p=a-0, 1500ms) < 250ms)");
    EXPECT_EQ(printed("state(group:g) == Empty or lag( g )>0"),
              "((state(g) == Empty) or (lag(g) > 0))");
    EXPECT_EQ(printed("metric( 'm_total' ) < 1"), "(metric(\"m_total\") < 1)");
    EXPECT_EQ(printed("metric(m, topic='a b', instance = broker-1) < 1"),
              "(metric(\"m\", instance=broker-1, topic=\"a b\") < 1)");
}

TEST(Expression, MistakesAreNamedWhereTheyStand) {
    struct Mistake {
        std::string_view text;
        std::string_view code;
        std::size_t from;
        std::size_t length;
    };
    constexpr Mistake kMistakes[] = {
        {"urp() <", "E0402", 7, 1},
        {"urp() ! 3", "E0402", 6, 1},
        {"urp( 3)", "E0402", 5, 1},
        {"isr()", "E0402", 4, 1},
        {"leo(broker-1)", "E0402", 12, 1},
        {"up(urp())", "E0404", 3, 5},
        {"true and 3", "E0404", 9, 1},
        {"isr(t-0) == broker-1", "E0404", 0, 20},
        {"5parsec == 1", "E0402", 0, 7},
        {"true within soon", "E0402", 12, 4},
        {"event(A, x)", "E0402", 10, 1},
        {"event(A, x=)", "E0402", 11, 1},
        {"count(A, 0s)", "E0402", 9, 2},
        {"target()", "E0402", 7, 1},
        {"p99(\"a)b\", 5s) > 1", "E0403", 5, 3},
        {"p99(produce_latency) > 1s", "E0402", 19, 1},
        {"p99(produce_latency, p=orders-0) > 1s", "E0402", 31, 1},
        {"p99(produce_latency, 0s) > 1s", "E0402", 21, 2},
        {"p99(produce_latency, 5s) > 1", "E0404", 0, 28},
        {"state() == Stable", "E0402", 6, 1},
        {"state(g) == Stabel", "E0403", 12, 6},
        {"state(g) < Stable", "E0404", 0, 17},
        {"state(g) == broker-1", "E0404", 0, 20},
        {"lag(g) == Stable", "E0404", 0, 16},
        {"metric()", "E0402", 7, 1},
        {"metric(a, topic)", "E0402", 15, 1},
        {"metric(a, x=1, x=2)", "E0402", 15, 1},
        {"metric(a) and true", "E0404", 0, 9},
        {"isr(t-0) é", "E0402", 9, 2},
        {"orders-0 > 1", "E0403", 0, 8},
        {"true)", "E0402", 4, 1},
    };
    for (const Mistake& mistake : kMistakes) {
        const auto parsed = parse(mistake.text);
        ASSERT_FALSE(parsed) << mistake.text;
        const ExpressionError& error = parsed.error();
        EXPECT_EQ(error.code, mistake.code) << mistake.text << ": " << error.message;
        EXPECT_EQ(error.part, (TextPart{mistake.from, mistake.length}))
            << mistake.text << ": " << error.message << " at " << error.part.from << "+"
            << error.part.length;
    }
}

TEST(Expression, NestingHasALimit) {
    const auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '(') + "true" +
               std::string(static_cast<std::size_t>(depth), ')');
    };
    EXPECT_TRUE(parse(nested(63)));
    EXPECT_FALSE(parse(nested(64)));
    EXPECT_FALSE(parse(nested(100'000)));
}

TEST(ExpressionValue, WhatIsUnknownIsNeitherTrueNorFalse) {
    FakeState state;
    EXPECT_EQ(value_of("isr(t-0) < 3", state), "unknown");
    EXPECT_EQ(value_of("not isr(t-0) < 3", state), "unknown");
    EXPECT_EQ(value_of("isr(t-0) < 3 or urp() == 0", state), "true");
    EXPECT_EQ(value_of("isr(t-0) < 3 and urp() == 1", state), "false");
    EXPECT_EQ(value_of("isr(t-0) < 3 and urp() == 0", state), "unknown");
    EXPECT_EQ(value_of("leader(t-0) == none", state), "unknown");
    EXPECT_EQ(value_of("target(x) == broker-1", state), "unknown");
    state.leads = NodeNames{};
    EXPECT_EQ(value_of("leader(t-0) == none", state), "true");
    EXPECT_EQ(value_of("leader(t-0) != broker-1", state), "true");
}

TEST(ExpressionValue, ANodeEqualsASetThatItIsIn) {
    FakeState state;
    state.leads = NodeNames{"broker-2"};
    state.struck = NodeNames{"broker-1", "broker-2"};
    EXPECT_EQ(value_of("leader(t-0) == target(kill)", state), "true");
    EXPECT_EQ(value_of("leader(t-0) == 2", state), "true");
    EXPECT_EQ(value_of("leader(t-0) == controller-2", state), "false");
    EXPECT_EQ(value_of("controller() == 100", state), "true");
    state.ends = {{"broker-2", 17}};
    EXPECT_EQ(value_of("leo(leader(t-0), t-0)", state), "17");
    EXPECT_EQ(value_of("leo(2, t-0) > 16.5", state), "true");
    EXPECT_EQ(value_of("leo(target(kill), t-0)", state), "17");
    EXPECT_EQ(value_of("leo(3, t-0)", state), "unknown");
    state.up = {{"broker-2", true}, {"broker-1", false}};
    EXPECT_EQ(value_of("up(leader(t-0))", state), "true");
    EXPECT_EQ(value_of("up(target(kill))", state), "false");
}

// Looks at the expression at each of the times (in s), with an event of that kind or none.
class Timeline {
  public:
    explicit Timeline(std::string_view text) : expression_(*parse(text)), watch_(expression_) {}

    std::string at(std::int64_t s, const std::string& event = {}) {
        state.time = SimTime(0) + seconds(s);
        state.event = event;
        return to_string(watch_.look(state));
    }
    std::optional<std::int64_t> next() const {
        const auto at = watch_.next_look();
        return at ? std::optional(at->ns() / 1'000'000'000) : std::nullopt;
    }

    FakeState state;

  private:
    Expression expression_;
    ExpressionWatch watch_;
};

TEST(ExpressionWatch, CountsWithinAWindowThatMoves) {
    Timeline line("count(A, 10s)");
    EXPECT_EQ(line.at(0), "0");
    EXPECT_EQ(line.next(), std::nullopt);
    EXPECT_EQ(line.at(1, "A"), "1");
    EXPECT_EQ(line.at(5, "B"), "1");
    EXPECT_EQ(line.at(6, "A"), "2");
    EXPECT_EQ(line.next(), 11);
    EXPECT_EQ(line.at(11), "1");
    EXPECT_EQ(line.next(), 16);
    EXPECT_EQ(line.at(16), "0");
}

TEST(ExpressionWatch, CountsFromTheStartWithoutAWindow) {
    Timeline line("count(A) >= 2");
    EXPECT_EQ(line.at(1, "A"), "false");
    EXPECT_EQ(line.at(1'000'000, "A"), "true");
    EXPECT_EQ(line.next(), std::nullopt);
}

TEST(ExpressionWatch, AMetricIsLookedAtOnceASecond) {
    Timeline line("metric(m_total) >= 1.5");
    EXPECT_EQ(line.at(3), "unknown");
    EXPECT_EQ(line.next(), 4);
    line.state.metrics["m_total"] = {149, 100};
    EXPECT_EQ(line.at(4), "false");
    line.state.metrics["m_total"] = {3, 2};
    EXPECT_EQ(line.at(5), "true");
    EXPECT_EQ(line.next(), 6);
}

TEST(ExpressionWatch, AQuantileIsThatOfAWindowThatMoves) {
    Timeline line("p50(produce_latency, 10s) < 25ms");
    line.state.durations = {milliseconds(10), milliseconds(30)};
    EXPECT_EQ(line.at(1), "unknown") << "nothing was measured yet";
    EXPECT_EQ(line.at(2, "ProduceAcked"), "true");
    EXPECT_EQ(line.next(), 12);
    line.state.durations = {milliseconds(40)};
    EXPECT_EQ(line.at(5, "ProduceAcked"), "false");
    EXPECT_EQ(line.at(11), "false");
    line.state.durations = {milliseconds(20)};
    EXPECT_EQ(line.at(12, "ProduceAcked"), "true") << "20 ms and 40 ms";
    EXPECT_EQ(line.next(), 15);
    EXPECT_EQ(line.at(12, "RecordsConsumed"), "true");
    EXPECT_EQ(line.at(22), "unknown") << "the window is empty";
}

TEST(ExpressionWatch, KnowsGroups) {
    FakeState state;
    EXPECT_EQ(value_of("state(billing) == Stable", state), "unknown");
    EXPECT_EQ(value_of("lag(group:billing) > 3", state), "unknown");
    state.group = "Stable";
    state.lag = 4;
    EXPECT_EQ(value_of("state(billing)", state), "Stable");
    EXPECT_EQ(value_of("state(billing) == Stable", state), "true");
    EXPECT_EQ(value_of("state(billing) != PreparingRebalance", state), "true");
    EXPECT_EQ(value_of("lag(group:billing) > 3", state), "true");
}

TEST(ExpressionWatch, TellsWhatItCompared) {
    const auto parsed = *parse("5 > urp()");
    ExpressionWatch watch(parsed);
    FakeState state;
    state.urp = 2;
    watch.look(state);
    ASSERT_TRUE(watch.compared());
    EXPECT_EQ(to_string(watch.compared()->left), "5");
    EXPECT_EQ(to_string(watch.compared()->right), "2");
    const auto both = *parse("5 > urp() and true");
    ExpressionWatch other(both);
    other.look(state);
    EXPECT_FALSE(other.compared());
}

TEST(ExpressionWatch, AnEventIsAnInstant) {
    Timeline line("event(A)");
    EXPECT_EQ(line.at(3, "A"), "true");
    EXPECT_EQ(line.next(), 3) << "to be looked at again, as it is over at once";
    EXPECT_EQ(line.at(3), "false");
}

TEST(ExpressionWatch, WithinRemembersWhatHappened) {
    Timeline line("event(A) within 5s");
    EXPECT_EQ(line.at(1), "false");
    EXPECT_EQ(line.at(2, "A"), "true");
    EXPECT_EQ(line.at(2), "true");
    EXPECT_EQ(line.next(), 7);
    EXPECT_EQ(line.at(7), "false");
}

TEST(ExpressionWatch, WithinCountsFromTheEndOfWhatLasts) {
    Timeline line("urp() > 0 within 5s");
    line.state.urp = 1;
    EXPECT_EQ(line.at(1), "true");
    line.state.urp = 0;
    EXPECT_EQ(line.at(8), "true") << "it was so up to now";
    EXPECT_EQ(line.next(), 13);
    EXPECT_EQ(line.at(12), "true");
    EXPECT_EQ(line.at(13), "false");
}

TEST(ExpressionWatch, EventsAreCountedThoughTheResultIsClear) {
    Timeline line("true or count(A) > 0 and false");
    EXPECT_EQ(line.at(1, "A"), "true");
    Timeline both("urp() == 1 and count(A) == 2");
    EXPECT_EQ(both.at(1, "A"), "false");
    both.state.urp = 1;
    EXPECT_EQ(both.at(2, "A"), "true");
}

TEST(ExpressionSources, TellWhatCanChangeTheValue) {
    const auto sources = sources_of(*parse("isr(t-0) < 3 and (event(A) or count(B, 1s) > 1)"));
    EXPECT_TRUE(sources.partitions);
    EXPECT_FALSE(sources.log_ends);
    EXPECT_EQ(sources.events, (std::vector<EventPattern>{{"A", {}}, {"B", {}}}));
    EXPECT_TRUE(sources_of(*parse("leo(leader(t-0), t-0) > 1")).log_ends);
    EXPECT_TRUE(sources_of(*parse("up(target(kill))")).targets);
    EXPECT_TRUE(sources_of(*parse("up(target(kill))")).nodes);
}

TEST(ExpressionRange, TellsWhatCanNeverBe) {
    ExpressionFacts facts;
    facts.replicas = [](const TopicPartition&) { return std::optional<std::int64_t>(3); };
    facts.partitions = 6;
    const auto possible = [&](std::string_view text) {
        return can_be_true(parse(text)->root, facts);
    };
    for (const std::string_view text :
         {"isr(t-0) < 3", "isr(t-0) >= 3", "urp() == 6", "not isr(t-0) > 3", "hw(t-0) > 1000000",
          "isr(t-0) > 3 or urp() > 0", "isr(t-0) == urp()", "event(A)", "leader(t-0) == none",
          "isr(t-0) != 3", "count(A) > 5 within 3s", "true"}) {
        EXPECT_TRUE(possible(text)) << text;
    }
    for (const std::string_view text :
         {"isr(t-0) > 3", "isr(t-0) < 0", "isr(t-0) == 2.5e1", "urp() > 6", "not isr(t-0) <= 3",
          "isr(t-0) > 3 and urp() > 0", "false", "count(A) < 0", "epoch(t-0) == -1",
          "isr(t-0) > 3 or urp() > 6", "urp() > 6 within 3s", "3 < 2"}) {
        EXPECT_FALSE(possible(text)) << text;
    }
}

TEST(ExpressionRange, TellsWhatCannotLast) {
    const auto lasting = [](std::string_view text) { return can_last(parse(text)->root); };
    EXPECT_FALSE(lasting("event(A)"));
    EXPECT_FALSE(lasting("event(A) and urp() > 0"));
    EXPECT_FALSE(lasting("event(A) or (event(B) and true)"));
    EXPECT_TRUE(lasting("event(A) or urp() > 0"));
    EXPECT_TRUE(lasting("not event(A)"));
    EXPECT_TRUE(lasting("event(A) within 5s"));
    EXPECT_TRUE(lasting("count(A, 5s) > 0"));
}

// Random trees print to texts that parse to the same trees; random texts do no harm.
class Generator {
  public:
    explicit Generator(std::uint64_t seed) : state_(seed) {}

    std::size_t draw(std::size_t below) {
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<std::size_t>(state_ >> 33U) % below;
    }
    std::string pick(const std::vector<std::string>& words) { return words[draw(words.size())]; }

    std::string number(int depth) {
        switch (draw(depth > 0 ? 7 : 5)) {
            case 0:
                return pick({"0", "3", "-7", "0.125", "12345678901"});
            case 1:
                return pick({"isr(a-0)", "epoch(b.c-12)", "hw(x_y-3)", "urp()"});
            case 2:
                return "count(A, " + pick({"p=a-0, ", "n!=broker-1, x<5, ", ""}) + "3ms)";
            case 3:
                return "count(event(B))";
            case 4:
                return pick({"metric(m)", "metric(\"m_total\", b='q r', a=c-0)", "lag(g)"});
            case 5:
                return "leo(" + nodes() + ", a-0)";
            default:
                return "(" + number(depth - 1) + ")";
        }
    }
    std::string nodes() {
        return pick({"broker-1", "broker:2", "controller-100", "none", "leader(a-0)",
                     "controller()", "target(kill)", "producer-shop-0"});
    }
    std::string truth(int depth) {
        switch (draw(depth > 0 ? 10 : 5)) {
            case 0:
                return pick({"true", "false"});
            case 1:
                return "event(" + pick({"A", "A, x='q r'", "B, p=a-0, n=broker-1"}) + ")";
            case 2:
                return number(depth - 1) + pick({" < ", "<=", "==", " !=", ">= ", ">"}) +
                       number(depth - 1);
            case 3:
                return nodes() + pick({" == ", "!="}) + nodes();
            case 4:
                return pick({"up(" + nodes() + ")", "state('a group') != Dead",
                             "p999(commit_latency, n=broker-1, 3s) >= 1ms",
                             "p50(end_to_end_latency, 90s) < max(rebalance_latency, 1ns)"});
            case 5:
                return "not " + truth(depth - 1);
            case 6:
                return "(" + truth(depth - 1) + ") within 1.5s";
            case 7:
                return "(" + truth(depth - 1) + ")";
            case 8:
                return truth(depth - 1) + " or " + truth(depth - 1);
            default:
                return "(" + truth(depth - 1) + ") and " + truth(depth - 1);
        }
    }

  private:
    std::uint64_t state_;
};

TEST(ExpressionProperty, WhatIsPrintedParsesToTheSame) {
    Generator random(17);
    for (int round = 0; round < 3000; ++round) {
        const std::string text = random.truth(1 + round % 6);
        const auto parsed = parse(text);
        ASSERT_TRUE(parsed) << text << ": " << parsed.error().message;
        const std::string once = to_string(parsed->root);
        const auto again = parse(once);
        ASSERT_TRUE(again) << once << ": " << again.error().message;
        ASSERT_EQ(*again, *parsed) << text << " -> " << once;
        ASSERT_EQ(to_string(again->root), once);
        ASSERT_LE(parsed->root.part.from + parsed->root.part.length, text.size());
    }
}

TEST(ExpressionProperty, NoTextDoesHarmAndErrorsLieWithin) {
    Generator random(23);
    const std::string letters = "abn(),.<>=!-'\" :019snot&|\t\xc3\xa9_";
    for (int round = 0; round < 20'000; ++round) {
        std::string text = round % 2 == 0 ? random.truth(3) : "";
        for (std::size_t edits = 1 + random.draw(8); edits > 0; --edits) {
            const std::string piece(1, letters[random.draw(letters.size())]);
            const std::size_t at = random.draw(text.size() + 1);
            if (random.draw(3) == 0 && at < text.size())
                text.erase(at, 1 + random.draw(5));
            else
                text.insert(at, piece);
        }
        const auto parsed = parse(text);
        if (parsed)
            continue;
        ASSERT_FALSE(parsed.error().message.empty()) << text;
        ASSERT_GE(parsed.error().part.length, 1U) << text << ": " << parsed.error().message;
        ASSERT_LE(parsed.error().part.from, text.size()) << text;
    }
}

}  // namespace
}  // namespace bsim
