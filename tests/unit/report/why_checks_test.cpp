// Violations and failed expectations: which setting, switch or fault they go back to, or whether
// nothing permits them.

#include <gtest/gtest.h>

#include "sim/check/registry.h"
#include "tests/unit/report/why_lab.h"

namespace bsim {
namespace {

class WhyChecks : public testing::Test {
  protected:
    void SetUp() override { lab_.begin(); }

    EventNumber acked(std::int64_t ms, int acks) {
        ProduceAcked body;
        body.p = WhyLab::orders();
        body.base = Offset(7);
        body.count = 1;
        body.acks = acks;
        body.broker = BrokerId(1);
        return lab_.tell(ms, "producer-shop-0", body);
    }
    // The leader dies, and broker 2 leads without the record.
    EventNumber lost_with_leader(std::int64_t ms) {
        lab_.fault(ms, "kill", "crash", {"broker-1"});
        lab_.tell(ms, "broker-1", NodeStopped{StopMode::Kill});
        lab_.change(ms + 9000, 2, 1, {2, 3}, "fenced");
        lab_.tell(ms + 9000, "controller-100",
                  BrokerFenced{BrokerId(1), BrokerEpoch(5), "session-expired"});
        return lab_.tell(ms + 9100, "broker-2",
                         BecameLeader{WhyLab::orders(), LeaderEpoch(1), Offset(7)});
    }
    Explanation lost(EventNumber i, EventNumber ack) {
        return lab_.explain(CheckFinding{
            "acked-records-durable",
            "orders-0: batch 7..7 of epoch 0 (crc 1) is not in the log of broker-2, leader of "
            "epoch 1 from offset 7 (acknowledged by event " +
                std::to_string(ack.value()) + ")",
            i, lab_.trace().find(i)->t, false});
    }

    WhyLab lab_;
};

TEST_F(WhyChecks, ALossUnderAcksOneIsDueToThatSettingAndTheCrash) {
    lab_.facts.producers["producer-shop-0"].settings["acks"] = "1";
    const EventNumber ack = acked(2000, 1);
    const Explanation why = lost(lost_with_leader(3000), ack);
    ASSERT_FALSE(why.causes.empty());
    EXPECT_EQ(why.causes.front().origin, Origin::Setting);
    EXPECT_TRUE(blames(why, "acks = 1 (as set for producer-shop-0)"));
    EXPECT_TRUE(blames(why, "\"kill\""));
    EXPECT_TRUE(why.notes.empty());
}

TEST_F(WhyChecks, ALossThatNothingPermitsIsCalledABug) {
    const EventNumber ack = acked(2000, -1);
    const Explanation why = lost(lost_with_leader(3000), ack);
    ASSERT_FALSE(why.notes.empty());
    EXPECT_NE(why.notes.front().find("No setting and no switch of this run permits it"),
              std::string::npos);
    EXPECT_NE(why.notes.front().find("a bug in replication"), std::string::npos);
    // The crash has only laid it open.
    EXPECT_EQ(why.causes.size(), 1U);
    EXPECT_TRUE(blames(why, "\"kill\""));
}

TEST_F(WhyChecks, EveryCheckHasItsOwnWordsForABug) {
    const EventNumber i = lost_with_leader(3000);
    for (const std::string_view check : check_names()) {
        const Explanation why =
            lab_.explain(CheckFinding{std::string(check), "orders-0", i, SimTime(), false});
        // Faults may break it without any bug.
        if (check == "no-produce-errors" && why.notes.empty()) {
            EXPECT_TRUE(blames(why, "\"kill\""));
            continue;
        }
        ASSERT_FALSE(why.notes.empty()) << check;
        EXPECT_EQ(why.notes.front().find("what this check watches"), std::string::npos) << check;
    }
}

TEST_F(WhyChecks, AnIsrOfOneIsDueToMinIsrAndToWhatShrankIt) {
    lab_.facts.topics["orders"]["min.insync.replicas"] = "1";
    lab_.fault(3000, "cut", "partition", {"broker-1", "broker-2", "broker-3"});
    lab_.change(40000, 1, 0, {1}, "alter-partition");
    const EventNumber ack = acked(41000, -1);
    const Explanation why = lost(lost_with_leader(50000), ack);
    EXPECT_TRUE(blames(why, "min.insync.replicas = 1"));
    EXPECT_TRUE(blames(why, "\"cut\""));
    EXPECT_TRUE(blames(why, "\"kill\""));
}

TEST_F(WhyChecks, AnUncleanElectionIsDueToItsSetting) {
    lab_.facts.topics["orders"]["unclean.leader.election.enable"] = "true";
    const EventNumber ack = acked(2000, -1);
    lab_.fault(3000, "kill", "crash", {"broker-1"});
    lab_.tell(3000, "broker-1", NodeStopped{StopMode::Kill});
    lab_.change(12000, 2, 1, {2}, "fenced");
    lab_.tell(12000, "controller-100",
              LeaderElected{WhyLab::orders(), BrokerId(1), BrokerId(2), LeaderEpoch(1), {}, false});
    const EventNumber led =
        lab_.tell(12100, "broker-2", BecameLeader{WhyLab::orders(), LeaderEpoch(1), Offset(7)});
    const Explanation why = lost(led, ack);
    EXPECT_TRUE(blames(why, "unclean.leader.election.enable = true"));
    EXPECT_TRUE(why.notes.empty() || why.notes.front().find("a bug") == std::string::npos);
}

TEST_F(WhyChecks, ASwitchThatIsOffIsTheCause) {
    lab_.facts.switches = {{"truncation", "high_watermark", false}, {"persist_vote", "on", true}};
    const EventNumber ack = acked(2000, -1);
    const Explanation why = lost(lost_with_leader(3000), ack);
    EXPECT_TRUE(blames(why, "switch truncation = high_watermark"));
    EXPECT_FALSE(blames(why, "persist_vote"));
}

TEST_F(WhyChecks, TwoLeadersOfAnEpochGoBackToTheVoterThatVotedTwice) {
    lab_.facts.switches = {{"persist_vote", "off", false}};
    for (const char* node : {"controller-101", "controller-102"})
        lab_.tell(1600, node, NodeStarted{Incarnation(1)});
    lab_.tell(2000, "controller-102", RaftVote{BrokerId(100), LeaderEpoch(4), true, false});
    lab_.fault(2100, "forget", "crash", {"controller-102"});
    lab_.tell(2100, "controller-102", NodeStopped{StopMode::Kill});
    lab_.tell(2200, "controller-102", NodeStarted{Incarnation(2)});
    lab_.tell(2300, "controller-102", RaftVote{BrokerId(101), LeaderEpoch(4), true, false});
    const EventNumber led = lab_.tell(
        2400, "controller-101", RaftRole{RaftRoleName::Leader, LeaderEpoch(4), BrokerId(101)});
    const Explanation why = lab_.explain(
        CheckFinding{"single-leader-per-epoch",
                     "quorum: nodes 100 and 101 both lead in epoch 4, says controller-101", led,
                     lab_.trace().find(led)->t, false});
    EXPECT_TRUE(blames(why, "switch persist_vote = off"));
    EXPECT_TRUE(blames(why, "\"forget\""));
}

TEST_F(WhyChecks, ChecksThatAreNotKnownAreExplainedByWhatTheyMention) {
    lab_.fault(3000, "kill", "crash", {"broker-3"});
    lab_.tell(3000, "broker-3", NodeStopped{StopMode::Kill});
    const EventNumber left = lab_.change(12000, 1, 0, {1, 2}, "fenced");
    lab_.tell(12000, "controller-100",
              BrokerFenced{BrokerId(3), BrokerEpoch(5), "session-expired"});
    const EventNumber end = lab_.tell(20000, "sim", FaultEnded{"x", "crash", {}});
    const Explanation why = lab_.explain(CheckFinding{
        "some-new-check", "orders-0: broker 3 is not there", end, SimTime() + seconds(20), false});
    ASSERT_FALSE(why.chains.empty());
    EXPECT_GT(end, left);
    EXPECT_TRUE(blames(why, "\"kill\""));
}

TEST_F(WhyChecks, ATimeOutLongerThanTheBoundIsTheCause) {
    lab_.fault(3000, "kill", "crash", {"broker-1"});
    lab_.tell(3000, "broker-1", NodeStopped{StopMode::Kill});
    const EventNumber elected = lab_.change(12000, 2, 1, {2, 3}, "fenced");
    lab_.tell(12000, "controller-100",
              BrokerFenced{BrokerId(1), BrokerEpoch(5), "session-expired"});
    ExpressionStory story;
    story.subject = "expectation failover failed";
    story.i = elected;
    story.within = seconds(5);
    story.took = seconds(9);
    const Explanation why = lab_.explain(story);
    ASSERT_FALSE(why.causes.empty());
    EXPECT_EQ(why.causes.front().origin, Origin::Setting);
    EXPECT_EQ(why.causes.front().text,
              "broker.session.timeout.ms = 9000 (the default): this alone may take 9 s, and 5 s "
              "are allowed");
    story.within = seconds(12);
    EXPECT_EQ(lab_.explain(story).causes.front().origin, Origin::Fault);
}

TEST_F(WhyChecks, TheTextTellsTimesSettingsAndTheCause) {
    lab_.facts.faults["kill"] = {"crash", "mode power, target leader(orders-0)", "at 3s", {}, ""};
    lab_.fault(3000, "kill", "crash", {"broker-1"});
    lab_.tell(3000, "broker-1", NodeStopped{StopMode::Power});
    const EventNumber elected = lab_.change(12000, 2, 1, {2, 3}, "fenced");
    lab_.tell(12000, "controller-100",
              BrokerFenced{BrokerId(1), BrokerEpoch(5), "session-expired"});
    EXPECT_EQ(
        explanation_text(lab_.explain(elected), ExplainLevel::Operator),
        "orders-0 gets broker 2 as its leader instead of broker 1; broker 1 leaves the ISR (epoch "
        "1, ISR 2, 3) at 12.000 s (event 11)\n"
        "\n"
        "      12.000 s  orders-0 gets broker 2 as its leader instead of broker 1; broker 1 leaves "
        "the ISR (epoch 1, ISR 2, 3)  [11]\n"
        "                because broker 1 was fenced\n"
        "      12.000 s  controller-100 fences broker 1 (session-expired)  [12]\n"
        "                because controller-100 had no heartbeat of broker 1 for 9 s, since 3.000 "
        "s: broker-1 was down from 3.000 s on\n"
        "                setting broker.session.timeout.ms = 9000 (the default)\n"
        "       3.000 s  broker-1 loses power, and what its disk had not synced  [10]\n"
        "                because that is what the fault does\n"
        "       3.000 s  fault \"kill\" (crash: mode power, target leader(orders-0); at 3s) "
        "strikes "
        "broker-1  [9]\n"
        "\n"
        "The cause:\n"
        "  fault: fault \"kill\" (crash: mode power, target leader(orders-0); at 3s) strikes "
        "broker-1  [9]\n");
}

}  // namespace
}  // namespace bsim
