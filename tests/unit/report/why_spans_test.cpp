// What can have made a silence, and what was in the way for a span of time: by what a trouble acts
// on, by its size and by how long it lasted.

#include <gtest/gtest.h>

#include "tests/unit/report/why_lab.h"

namespace bsim {
namespace {

class WhySpans : public testing::Test {
  protected:
    void SetUp() override {
        lab_.begin();
        lab_.facts.nodes["broker-1"]["replica.lag.time.max.ms"] = "4000";
    }

    EventNumber fenced(std::int64_t ms, int broker) {
        return lab_.tell(ms, "controller-100",
                         BrokerFenced{BrokerId(broker), BrokerEpoch(5), "session-expired"});
    }
    void paused(std::int64_t ms, const std::string& node, std::int64_t for_ms) {
        lab_.fault(ms, "decoy", "pause", {node});
        lab_.tell(ms, node, NodePaused{});
        lab_.tell(ms + for_ms, node, NodeResumed{});
    }
    void killed(std::int64_t ms, const std::string& id, const std::string& node) {
        lab_.fault(ms, id, "crash", {node});
        lab_.tell(ms, node, NodeStopped{StopMode::Kill});
    }
    FaultFact& fact(const std::string& id, const std::string& kind) {
        FaultFact& out = lab_.facts.faults[id];
        out.kind = kind;
        return out;
    }
    EventNumber acked(std::int64_t ms, std::int64_t latency_ms) {
        ProduceAcked body;
        body.p = WhyLab::orders();
        body.base = Offset(7);
        body.count = 1;
        body.broker = BrokerId(1);
        body.latency_ns = milliseconds(latency_ms);
        return lab_.tell(ms, "producer-shop-0", body);
    }
    EventNumber given_up(std::int64_t ms, const std::string& error, std::int64_t latency_ms) {
        return lab_.tell(ms, "producer-shop-0",
                         ProduceFailed{WhyLab::orders(), 1, error, milliseconds(latency_ms)});
    }
    Explanation awaited(Concern concern, std::int64_t from_ms, std::int64_t to_ms) {
        concern.from = SimTime() + milliseconds(from_ms);
        concern.to = SimTime() + milliseconds(to_ms);
        ExpressionStory story;
        story.subject = "it did not come";
        story.concerns.push_back(concern);
        return lab_.explain(story);
    }
    static Concern lag() {
        Concern out;
        out.what = Concern::What::Lag;
        out.group = "billing";
        return out;
    }
    void group_of_two() {
        for (const char* node : {"consumer-billing-0", "consumer-billing-1"}) {
            lab_.tell(2000, node, NodeStarted{Incarnation(1)});
            lab_.tell(2100, "broker-2", MemberJoined{"billing", node, node, ""});
            ClientFact& client = lab_.facts.consumers[node];
            client.group = "billing";
            client.topics = {"orders"};
        }
        lab_.facts.producers["producer-shop-0"].topic = "orders";
        lab_.facts.producers["producer-shop-0"].records_per_second = 100;
        lab_.tell(2200, "broker-2", GroupMoved{"billing", true, {}, {}});
    }

    WhyLab lab_;
};

TEST_F(WhySpans, AShortPauseDoesNotMakeALongSilence) {
    lab_.fault(12000, "true", "partition", {"broker-1", "broker-2"});
    paused(14000, "broker-2", 50);
    const Explanation why = lab_.explain(lab_.change(17200, 1, 0, {1, 3}, "alter-partition"));
    EXPECT_TRUE(blames(why, "\"true\""));
    EXPECT_FALSE(blames(why, "\"decoy\""));
}

TEST_F(WhySpans, ALittleLatencyDoesNotMakeALongSilence) {
    fact("decoy", "net-slow").latency = milliseconds(5);
    lab_.fault(11000, "decoy", "net-slow", {"broker-2"});
    lab_.fault(13000, "true", "disk-stall", {"broker-2"});
    const Explanation why = lab_.explain(lab_.change(17200, 1, 0, {1, 3}, "alter-partition"));
    EXPECT_TRUE(blames(why, "\"true\""));
    EXPECT_FALSE(blames(why, "\"decoy\""));
}

TEST_F(WhySpans, ADiskKeepsNoHeartbeatBackAndADropOfThemDoes) {
    lab_.fault(3000, "decoy", "disk-stall", {"broker-2"});
    fact("other", "message-drop").api = "Produce";
    lab_.fault(3000, "other", "message-drop", {"broker-2"});
    FaultFact& drop = fact("true", "message-drop");
    drop.api = "BrokerHeartbeat";
    drop.count = 1000;
    lab_.fault(4000, "true", "message-drop", {"broker-2"});
    const Explanation why = lab_.explain(fenced(13000, 2));
    EXPECT_EQ(why.causes.size(), 1U);
    EXPECT_TRUE(blames(why, "\"true\""));
}

TEST_F(WhySpans, ACutElsewhereExplainsNothing) {
    fact("decoy", "partition").sides = {{"broker-2"}, {"broker-3"}};
    lab_.fault(3000, "decoy", "partition", {"broker-2", "broker-3"});
    EXPECT_EQ(origin(lab_.explain(fenced(13000, 2))), Origin::Unexplained);
    FaultFact& one_way = fact("true", "partition");
    one_way.from = {{"broker-2"}};
    one_way.to = {{"controller-100"}};
    lab_.fault(14000, "true", "partition", {"broker-2", "controller-100"});
    EXPECT_TRUE(blames(lab_.explain(fenced(24000, 2)), "\"true\""));
}

TEST_F(WhySpans, EachOfThoseThatLeaveTogetherHasItsReason) {
    killed(12000, "k2", "broker-2");
    killed(13000, "k3", "broker-3");
    const Explanation why = lab_.explain(lab_.change(17500, 1, 0, {1}, "alter-partition"));
    EXPECT_TRUE(blames(why, "\"k2\""));
    EXPECT_TRUE(blames(why, "\"k3\""));
}

TEST_F(WhySpans, ASlowAnswerIsDueToWhatTheOldLeaderSuffered) {
    fact("decoy", "disk-slow").latency = milliseconds(20);
    lab_.fault(11000, "decoy", "disk-slow", {"broker-3"});
    lab_.fault(12000, "deaf", "partition", {"broker-1", "controller-100"});
    lab_.change(21000, 2, 1, {2, 3}, "fenced");
    fenced(21000, 1);
    const Explanation why = lab_.explain(acked(24000, 12000));
    EXPECT_EQ(kinds(why), "ProduceAcked PartitionChanged BrokerFenced FaultStarted");
    EXPECT_TRUE(blames(why, "\"deaf\""));
    EXPECT_FALSE(blames(why, "\"decoy\""));
}

TEST_F(WhySpans, ALeaderThatDoesNotKnowOfItsFallKeepsAnswersBack) {
    lab_.fault(10000, "deaf", "partition", {"broker-1", "controller-100"});
    lab_.change(19600, 2, 1, {2, 3}, "fenced");
    fenced(19600, 1);
    lab_.tell(32000, "broker-1",
              BecameFollower{WhyLab::orders(), LeaderEpoch(1), BrokerId(2), Offset(9)});
    const Explanation why = lab_.explain(acked(32100, 12000));
    EXPECT_TRUE(blames(why, "\"deaf\""));
}

TEST_F(WhySpans, ASettingIsTheOneInForceAndItsChangeIsACause) {
    lab_.facts.topics["orders"]["min.insync.replicas"] = "2";
    FaultFact& strict = fact("strict", "config-change");
    strict.config["min.insync.replicas"] = "3";
    strict.topic = "orders";
    lab_.fault(12000, "strict", "config-change", {"orders"});
    killed(16000, "k3", "broker-3");
    lab_.change(20500, 1, 0, {1, 2}, "alter-partition");
    const Explanation why = lab_.explain(given_up(30000, "TIMEOUT", 8000));
    EXPECT_EQ(settings(why).front(),
              "min.insync.replicas = 3 (as changed by fault \"strict\" at 12.000 s)");
    EXPECT_TRUE(blames(why, "\"strict\""));
    EXPECT_TRUE(blames(why, "\"k3\""));
    EXPECT_TRUE(blames(why, "delivery.timeout.ms = 120000"));
}

TEST_F(WhySpans, WhatIsSentToADeletedTopicFailsBecauseOfTheDeletion) {
    lab_.fault(20000, "del", "topic-delete", {"orders"});
    lab_.tell(20100, "controller-100", TopicDeleted{"orders", Uuid{}, 1});
    const Explanation why = lab_.explain(given_up(28000, "TIMEOUT", 8000));
    EXPECT_EQ(kinds(why), "ProduceFailed TopicDeleted FaultStarted");
}

TEST_F(WhySpans, AnErrorThatAFaultMakesIsDueToIt) {
    FaultFact& made_up = fact("rej", "api-error");
    made_up.api = "Produce";
    made_up.error = "INVALID_TOPIC_EXCEPTION";
    lab_.fault(12000, "rej", "api-error", {});
    EXPECT_TRUE(blames(lab_.explain(given_up(12010, "INVALID_TOPIC_EXCEPTION", 2)), "\"rej\""));
    FaultFact& busy = fact("err", "api-error");
    busy.api = "OffsetCommit";
    busy.error = "REBALANCE_IN_PROGRESS";
    lab_.fault(20000, "err", "api-error", {});
    const EventNumber failed = lab_.tell(20002, "consumer-billing-0",
                                         CommitFailed{"billing", "REBALANCE_IN_PROGRESS", {}});
    EXPECT_EQ(kinds(lab_.explain(failed)), "CommitFailed FaultStarted");
}

TEST_F(WhySpans, RecordsOfAMinuteAreOldOnlyByAClockThatJumped) {
    lab_.facts.topics["orders"]["retention.ms"] = "3600000";
    lab_.fault(30000, "jump", "clock-jump", {"broker-1"});
    const EventNumber deleted =
        lab_.tell(31000, "broker-1", SegmentDeleted{WhyLab::orders(), Offset(), "retention-ms"});
    EXPECT_EQ(kinds(lab_.explain(deleted)), "SegmentDeleted FaultStarted");
}

TEST_F(WhySpans, ASettingThatLeavesNoTimeIsTheCause) {
    lab_.facts.nodes["controller-100"]["broker.session.timeout.ms"] = "1500";
    lab_.facts.nodes["broker-2"]["broker.heartbeat.interval.ms"] = "1400";
    lab_.facts.way = milliseconds(500);
    lab_.fault(3000, "decoy", "clock-skew", {"broker-2"});
    const Explanation why = lab_.explain(fenced(13000, 2));
    EXPECT_EQ(origin(why), Origin::Setting);
    EXPECT_TRUE(blames(why, "broker.session.timeout.ms = 1500"));
    EXPECT_TRUE(why.notes.empty());
}

TEST_F(WhySpans, WorkThatTakesLongerThanItMayIsDueToTheSetting) {
    group_of_two();
    ClientFact& client = lab_.facts.consumers["consumer-billing-1"];
    client.settings["max.poll.interval.ms"] = "8000";
    client.process = milliseconds(60);
    const EventNumber left = lab_.tell(
        15000, "broker-2",
        MemberLeft{"billing", "consumer-billing-1", "consumer-billing-1", "poll_timeout"});
    EXPECT_EQ(origin(lab_.explain(left)), Origin::Setting);
    EXPECT_TRUE(blames(lab_.explain(left), "max.poll.records = 500"));
}

TEST_F(WhySpans, AGroupFallsBehindBecauseOfItsMember) {
    group_of_two();
    lab_.fault(20000, "frz", "pause", {"consumer-billing-0"});
    lab_.tell(20000, "consumer-billing-0", NodePaused{});
    const Explanation why = awaited(lag(), 12000, 22600);
    EXPECT_TRUE(blames(why, "\"frz\""));
    EXPECT_EQ(why.causes.size(), 1U);
}

TEST_F(WhySpans, AGroupFallsBehindBecauseItsWorkTakesTooLong) {
    group_of_two();
    for (auto& [node, client] : lab_.facts.consumers)
        client.process = milliseconds(25);
    EXPECT_TRUE(blames(awaited(lag(), 12000, 22600), "takes longer than the records come"));
}

TEST_F(WhySpans, NoProgressIsDueToAllThatLeftTheIsr) {
    lab_.facts.topics["orders"]["min.insync.replicas"] = "2";
    killed(12000, "k2", "broker-2");
    killed(14000, "k3", "broker-3");
    lab_.change(17000, 1, 0, {1, 3}, "alter-partition");
    lab_.change(19000, 1, 0, {1}, "alter-partition");
    lab_.tell(60000, "sim", FaultEnded{"x", "pause", {}});
    Concern concern;
    concern.p = WhyLab::orders();
    const Explanation why = awaited(concern, 0, 50000);
    EXPECT_TRUE(blames(why, "\"k2\""));
    EXPECT_TRUE(blames(why, "\"k3\""));
}

TEST_F(WhySpans, AControllerThatWasElectedLateSawTheSilenceLate) {
    lab_.tell(1600, "controller-101", NodeStarted{Incarnation(1)});
    killed(12000, "q1", "controller-100");
    killed(15000, "kb", "broker-1");
    lab_.tell(38000, "controller-101", ControllerElected{LeaderEpoch(2)});
    const EventNumber late = lab_.tell(
        47200, "controller-101", BrokerFenced{BrokerId(1), BrokerEpoch(5), "session-expired"});
    const Explanation why = lab_.explain(late);
    EXPECT_TRUE(blames(why, "\"kb\""));
    EXPECT_TRUE(blames(why, "\"q1\""));
}

TEST_F(WhySpans, AProposalThatIsNotHeardIsPartOfTheStory) {
    killed(13000, "k3", "broker-3");
    fact("hold", "message-hold").api = "AlterPartition";
    lab_.fault(12000, "hold", "message-hold", {});
    lab_.tell(18000, "broker-1", IsrProposed{WhyLab::orders(), {BrokerId(1), BrokerId(2)}, {}, {}});
    const EventNumber late = lab_.change(22000, 1, 0, {1, 2}, "fenced");
    fenced(22000, 3);
    const Explanation why = lab_.explain(late);
    EXPECT_TRUE(blames(why, "\"k3\""));
    EXPECT_TRUE(blames(why, "\"hold\""));
}

TEST_F(WhySpans, SettingsAndSwitchesThatPermitAreToldOfEventsToo) {
    lab_.facts.switches = {{"consumer_truncation_check", "off", false}};
    lab_.facts.topics["orders"]["unclean.leader.election.enable"] = "true";
    killed(3000, "kill", "broker-1");
    lab_.change(12000, 2, 1, {2}, "fenced");
    const EventNumber elected = lab_.tell(
        12000, "controller-100",
        LeaderElected{WhyLab::orders(), BrokerId(1), BrokerId(2), LeaderEpoch(1), {}, false});
    EXPECT_TRUE(blames(lab_.explain(elected), "unclean.leader.election.enable = true"));
    const EventNumber reset =
        lab_.tell(13000, "consumer-billing-0",
                  PositionReset{WhyLab::orders(), Offset(9), Offset(), "out_of_range"});
    EXPECT_TRUE(blames(lab_.explain(reset), "consumer_truncation_check = off"));
}

TEST_F(WhySpans, ProduceErrorsOfAFaultAreNoBug) {
    killed(12000, "kill", "broker-1");
    const EventNumber failed = given_up(15000, "TIMEOUT", 3000);
    lab_.tell(16000, "sim", FaultEnded{"x", "pause", {}});
    const Explanation why =
        lab_.explain(CheckFinding{"no-produce-errors", "orders-0: producer-shop-0 gives 1 up",
                                  failed, lab_.trace().find(failed)->t, false});
    EXPECT_TRUE(blames(why, "\"kill\""));
    EXPECT_TRUE(why.notes.empty());
}

}  // namespace
}  // namespace bsim
