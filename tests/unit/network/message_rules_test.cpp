// Rules that strike single messages: which ones, and what the connection makes of it.

#include "tests/unit/network/network_lab.h"

namespace bsim::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class MessageRules : public NetworkLab {
  protected:
    MessageRules() {
        connection = connected(a, b);
        run_until(seconds(1));
    }

    // Of the messages with an even number, those from `nth` on, `count` of them.
    static MessageRule even(MessageRule::Verb verb, std::int64_t nth, std::int64_t count) {
        MessageRule rule;
        rule.name = "r";
        rule.verb = verb;
        rule.matches = [](const Frame& frame) {
            return std::get<wire::Request>(frame.message).correlation_id % 2 == 0;
        };
        rule.nth = nth;
        rule.count = count;
        rule.delay = ConstantDist{milliseconds(30)};
        return rule;
    }
    void send_numbers(std::int32_t first, std::int32_t last) {
        for (std::int32_t i = first; i <= last; ++i)
            send(connection, a, i);
    }

    Station& a = add_station("a", ConstantDist{milliseconds(1)});
    Station& b = add_station("b", ConstantDist{milliseconds(1)});
    ConnectionId connection;
};

TEST_F(MessageRules, ADropTakesTheMatchesItIsMeantForAndNothingElse) {
    network.add_rule(even(MessageRule::Verb::Drop, 2, 2));
    send_numbers(1, 10);
    run_until(seconds(100));
    EXPECT_THAT(notes, ElementsAre("1001000 b got 1", "1001000 b got 2", "1001000 b got 3",
                                   "1001000 b got 5", "1001000 b got 7", "1001000 b got 8",
                                   "1001000 b got 9", "1001000 b got 10"));
    EXPECT_THAT(drops_of(4), ElementsAre("1000000 message-drop"));
    EXPECT_THAT(drops_of(6), ElementsAre("1000000 message-drop"));
    EXPECT_EQ(network.messages_dropped(), 2u);
}

TEST_F(MessageRules, WithALostMessageItsWayOfTheConnectionFallsSilent) {
    const RuleId rule = network.add_rule(even(MessageRule::Verb::Lose, 1, 1));
    const ConnectionId other = connected(a, b);
    send_numbers(1, 3);
    send(connection, b, 5);
    send(other, a, 6);
    network.remove_rule(rule);
    send_numbers(7, 8);
    run_until(seconds(100));
    EXPECT_THAT(notes,
                UnorderedElementsAre("1003000 b got 1", "1003000 a got 5", "1003000 b got 6"))
        << "the way back and other connections carry on";
    for (const int number : {2, 3, 7, 8})
        EXPECT_THAT(drops_of(number), ElementsAre("1002000 message-drop")) << number;
}

TEST_F(MessageRules, MatchesAreCountedFromTheStartOfTheRuleOn) {
    send_numbers(1, 4);
    network.add_rule(even(MessageRule::Verb::Drop, 1, 1));
    send_numbers(5, 8);
    run_until(seconds(100));
    EXPECT_THAT(drops_of(6), ElementsAre("1000000 message-drop"));
    EXPECT_EQ(network.messages_dropped(), 1u);
}

TEST_F(MessageRules, WhatIsHeldKeepsBackTheConnectionAndComesWhenTheRuleGoes) {
    const RuleId rule = network.add_rule(even(MessageRule::Verb::Hold, 1, 1));
    const ConnectionId other = connected(a, b);
    send_numbers(1, 4);
    send(connection, b, 5);
    send(other, a, 7);
    run_until(seconds(2000));
    EXPECT_THAT(take_notes(), ElementsAre("1003000 b got 1", "1003000 a got 5", "1003000 b got 7"))
        << "no other way is kept back, and nobody gives up";
    network.remove_rule(rule);
    run_until(seconds(3000));
    EXPECT_THAT(notes,
                ElementsAre("2000001000 b got 2", "2000001000 b got 3", "2000001000 b got 4"));
    EXPECT_EQ(network.messages_dropped(), 0u);
}

TEST_F(MessageRules, WhatADeadProcessHadHeldStillArrivesThenItsEnd) {
    const RuleId rule = network.add_rule(even(MessageRule::Verb::Hold, 1, 1));
    send(connection, a, 2);
    a.kill();
    run_until(seconds(5));
    EXPECT_THAT(notes, IsEmpty());
    network.remove_rule(rule);
    run_until(seconds(6));
    EXPECT_THAT(notes, ElementsAre("5001000 b got 2", "5001000 b closed by peer #1 due to 0"));
}

TEST_F(MessageRules, AReleasedMessageMeetsTheCutThatStandsThen) {
    const RuleId rule = network.add_rule(even(MessageRule::Verb::Hold, 1, 1));
    send(connection, a, 2);
    const RuleId wall = cut(a, b, RuleVerdict::Drop);
    network.remove_rule(rule);
    run_until(seconds(1) + milliseconds(100));
    network.remove_rule(wall);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1201000 b got 2"));
    EXPECT_THAT(drops_of(2), ElementsAre("1000000 partition"));
}

TEST_F(MessageRules, ADelayIsAddedAndKeepsTheOrder) {
    network.add_rule(even(MessageRule::Verb::Delay, 1, 2));
    send_numbers(1, 3);
    run_until(seconds(1) + milliseconds(10));
    send_numbers(4, 5);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1001000 b got 1", "1031000 b got 2", "1031000 b got 3",
                                   "1041000 b got 4", "1041000 b got 5"))
        << "the second delay runs from its own sending";
}

TEST_F(MessageRules, ADelayedMessageKeepsItsDelayWhenTheRuleGoes) {
    const RuleId rule = network.add_rule(even(MessageRule::Verb::Delay, 1, 1));
    send(connection, a, 2);
    network.remove_rule(rule);
    run_until(seconds(5));
    EXPECT_THAT(notes, ElementsAre("1031000 b got 2"));
}

TEST_F(MessageRules, SendersAndReceiversNarrowIt) {
    Station& c = add_station("c", ConstantDist{milliseconds(1)});
    const ConnectionId to_c = connected(a, c);
    run_until(seconds(2));
    MessageRule rule = even(MessageRule::Verb::Drop, 1, 100);
    rule.from = {a.id()};
    rule.to = {b.id()};
    network.add_rule(rule);
    send(connection, a, 2);
    send(connection, b, 4);
    send(to_c, a, 6);
    run_until(seconds(3));
    EXPECT_THAT(notes, ElementsAre("2001000 a got 4", "2001000 c got 6"));
}

TEST_F(MessageRules, TheFirstThatStrikesDecidesAndTheNextDoesNotCountIt) {
    network.add_rule(even(MessageRule::Verb::Drop, 2, 1));
    network.add_rule(even(MessageRule::Verb::Drop, 2, 1));
    send_numbers(1, 10);
    run_until(seconds(100));
    EXPECT_EQ(drops_of(4).size(), 1u) << "second of the first rule";
    EXPECT_EQ(drops_of(6).size(), 1u) << "second of the other";
    EXPECT_EQ(network.messages_dropped(), 2u);
}

TEST_F(MessageRules, StrikeWhatAHostSendsToItself) {
    const ConnectionId own = network.connect(a.id(), a.address());
    run_until(seconds(2));
    take_notes();
    network.add_rule(even(MessageRule::Verb::Drop, 1, 1));
    send(own, a, 2);
    send(own, a, 3);
    run_until(seconds(3));
    EXPECT_THAT(notes, ElementsAre("2000000 a got 3"));
}

TEST_F(MessageRules, ADatagramKeepsBackNothing) {
    const RuleId hold = network.add_rule(even(MessageRule::Verb::Hold, 1, 1));
    network.add_rule(even(MessageRule::Verb::Delay, 1, 1));
    network.add_rule(even(MessageRule::Verb::Drop, 1, 1));
    for (const std::int32_t number : {2, 4, 6, 8})
        send_datagram(a, b, number);
    run_until(seconds(2));
    EXPECT_THAT(take_notes(),
                ElementsAre("1001000 b datagram 8 from a", "1031000 b datagram 4 from a"));
    EXPECT_THAT(drops_of(6), ElementsAre("1000000 message-drop"));
    network.remove_rule(hold);
    run_until(seconds(3));
    EXPECT_THAT(notes, ElementsAre("2001000 b datagram 2 from a"));
}

}  // namespace
}  // namespace bsim::test
