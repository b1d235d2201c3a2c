// Each rule of sim/report/why by a trace that needs it: no event names its cause.

#include <gtest/gtest.h>

#include "tests/unit/report/why_lab.h"

namespace bsim {
namespace {

using Texts = std::vector<std::string>;

class WhyRules : public testing::Test {
  protected:
    void SetUp() override { lab_.begin(); }

    EventNumber fenced(std::int64_t ms, int broker) {
        return lab_.tell(ms, "controller-100",
                         BrokerFenced{BrokerId(broker), BrokerEpoch(5), "session-expired"});
    }

    WhyLab lab_;
};

TEST_F(WhyRules, AnElectionGoesBackToTheCrashOfTheLeader) {
    lab_.fault(3200, "kill", "crash", {"broker-1"});
    lab_.tell(3200, "broker-1", NodeStopped{StopMode::Power});
    const EventNumber elected = lab_.change(12000, 2, 1, {2, 3}, "fenced");
    fenced(12000, 1);
    const Explanation why = lab_.explain(elected);
    EXPECT_EQ(kinds(why), "PartitionChanged BrokerFenced NodeStopped FaultStarted");
    EXPECT_EQ(origin(why), Origin::Fault);
    EXPECT_EQ(settings(why), Texts({"broker.session.timeout.ms = 9000 (the default)"}));
}

TEST_F(WhyRules, ABrokerThatIsCutOffIsFencedBecauseOfTheCut) {
    lab_.fault(4000, "cut", "partition", {"broker-2", "controller-100"});
    const Explanation why = lab_.explain(fenced(13000, 2));
    EXPECT_EQ(kinds(why), "BrokerFenced FaultStarted");
}

TEST_F(WhyRules, WhoFencesGoesByWhatWasWrongWhenTheSilenceBegan) {
    lab_.fault(4000, "cut", "partition", {"broker-2", "controller-100"});
    lab_.fault(12500, "kill", "crash", {"broker-2"});
    lab_.tell(12500, "broker-2", NodeStopped{StopMode::Kill});
    const Explanation why = lab_.explain(fenced(13000, 2));
    EXPECT_EQ(kinds(why), "BrokerFenced FaultStarted");
    EXPECT_TRUE(blames(why, "\"cut\""));
}

TEST_F(WhyRules, AFaultOfSomebodyElseExplainsNothing) {
    lab_.fault(4000, "kill", "crash", {"broker-3"});
    lab_.tell(4000, "broker-3", NodeStopped{StopMode::Kill});
    const Explanation why = lab_.explain(fenced(13000, 2));
    EXPECT_EQ(kinds(why), "BrokerFenced");
    EXPECT_EQ(origin(why), Origin::Unexplained);
    EXPECT_FALSE(why.notes.empty());
}

TEST_F(WhyRules, ALossyNetworkOfTheScenarioIsTheLastResort) {
    lab_.facts.network = "the network loses";
    EXPECT_EQ(origin(lab_.explain(fenced(13000, 2))), Origin::Network);
}

TEST_F(WhyRules, AFollowerLeavesTheIsrBecauseItStoodStill) {
    lab_.fault(10000, "stw", "pause", {"broker-3"});
    lab_.tell(10000, "broker-3", NodePaused{});
    const EventNumber left = lab_.change(45000, 1, 0, {1, 2}, "alter-partition");
    const EventNumber shrunk = lab_.tell(
        45001, "broker-1", IsrShrunk{WhyLab::orders(), {BrokerId(1), BrokerId(2)}, {BrokerId(3)}});
    EXPECT_EQ(kinds(lab_.explain(left)), "PartitionChanged NodePaused FaultStarted");
    EXPECT_EQ(kinds(lab_.explain(shrunk)), "IsrShrunk NodePaused FaultStarted");
    EXPECT_EQ(settings(lab_.explain(left)),
              Texts({"replica.lag.time.max.ms = 30000 (the default)"}));
}

TEST_F(WhyRules, ARestartedBrokerJoinsTheIsrAgain) {
    lab_.fault(3000, "kill", "crash", {"broker-3"});
    lab_.tell(3000, "broker-3", NodeStopped{StopMode::Kill});
    lab_.change(12000, 1, 0, {1, 2}, "fenced");
    fenced(12000, 3);
    lab_.tell(20000, "broker-3", NodeStarted{Incarnation(2)});
    lab_.tell(21000, "controller-100", BrokerRegistered{BrokerId(3), BrokerEpoch(9)});
    lab_.tell(21100, "controller-100", BrokerUnfenced{BrokerId(3), BrokerEpoch(9), "caught up"});
    const EventNumber joined = lab_.change(21500, 1, 0, {1, 2, 3}, "alter-partition");
    EXPECT_EQ(kinds(lab_.explain(joined)),
              "PartitionChanged BrokerUnfenced BrokerRegistered NodeStarted FaultStarted");
}

TEST_F(WhyRules, AFollowerThatWasNeverFencedJoinsWhenTheFaultEnds) {
    lab_.fault(3000, "slow", "disk-slow", {"broker-3"});
    lab_.change(40000, 1, 0, {1, 2}, "alter-partition");
    lab_.tell(50000, "sim", FaultEnded{"slow", "disk-slow", {"broker-3"}});
    const EventNumber joined = lab_.change(50500, 1, 0, {1, 2, 3}, "alter-partition");
    EXPECT_EQ(kinds(lab_.explain(joined)), "PartitionChanged FaultEnded FaultStarted");
}

TEST_F(WhyRules, ALeaderIsLostBecauseTheIsrHadShrunkToIt) {
    lab_.fault(3000, "cut", "partition", {"broker-2", "broker-3"});
    const EventNumber alone = lab_.change(40000, 1, 0, {1}, "alter-partition");
    lab_.fault(41000, "kill", "crash", {"broker-1"});
    lab_.tell(41000, "broker-1", NodeStopped{StopMode::Kill});
    const EventNumber lost = lab_.change(50000, -1, 1, {1}, "fenced");
    fenced(50000, 1);
    const Explanation why = lab_.explain(lost);
    ASSERT_EQ(why.chains.size(), 2U);
    EXPECT_EQ(why.chains[1].steps.front().event->i, alone);
    EXPECT_TRUE(blames(why, "\"cut\""));
    EXPECT_TRUE(blames(why, "\"kill\""));
}

TEST_F(WhyRules, AnUncleanElectionNamesTheSettingThatLetsIt) {
    lab_.facts.topics["orders"]["unclean.leader.election.enable"] = "true";
    lab_.change(40000, 1, 0, {1}, "alter-partition");
    lab_.fault(41000, "kill", "crash", {"broker-1"});
    lab_.tell(41000, "broker-1", NodeStopped{StopMode::Kill});
    lab_.change(50000, 2, 1, {2}, "fenced");
    const EventNumber elected = lab_.tell(
        50000, "controller-100",
        LeaderElected{
            WhyLab::orders(), BrokerId(1), BrokerId(2), LeaderEpoch(1), {BrokerId(2)}, false});
    fenced(50000, 1);
    const Explanation why = lab_.explain(elected);
    EXPECT_EQ(kinds(why), "LeaderElected BrokerFenced NodeStopped FaultStarted");
    EXPECT_EQ(settings(why).front(),
              "unclean.leader.election.enable = true (as set for topic orders)");
}

TEST_F(WhyRules, APreferredElectionIsAskedForOrMadeByTheController) {
    lab_.change(12000, 2, 1, {2, 3, 1}, "controlled-shutdown");
    lab_.tell(12000, "controller-100",
              LeaderElected{WhyLab::orders(), BrokerId(1), BrokerId(2), LeaderEpoch(1), {}, true});
    const EventNumber balanced = lab_.change(300000, 1, 2, {2, 3, 1}, "preferred-election");
    EXPECT_EQ(settings(lab_.explain(balanced)),
              Texts({"auto.leader.rebalance.enable = true (the default)",
                     "leader.imbalance.check.interval.seconds = 300 (the default)"}));
    lab_.fault(400000, "prefer", "elect-preferred", {"orders"});
    const EventNumber asked = lab_.change(400100, 1, 3, {2, 3, 1}, "preferred-election");
    EXPECT_EQ(kinds(lab_.explain(asked)), "PartitionChanged FaultStarted");
}

TEST_F(WhyRules, AControlledShutdownGoesBackToWhoStopsTheBroker) {
    lab_.fault(12000, "roll", "rolling-restart", {"broker-1", "broker-2"});
    const EventNumber moved = lab_.change(12050, 2, 1, {2, 3}, "controlled-shutdown");
    EXPECT_EQ(kinds(lab_.explain(moved)), "PartitionChanged FaultStarted");
}

TEST_F(WhyRules, NewsOfALeaderIsReadAtStartOrWhenItCame) {
    const EventNumber first =
        lab_.tell(1600, "broker-1", BecameLeader{WhyLab::orders(), LeaderEpoch(0), Offset()});
    EXPECT_EQ(kinds(lab_.explain(first)), "BecameLeader PartitionChanged TopicCreated");
    EXPECT_EQ(origin(lab_.explain(first)), Origin::Action);
    lab_.fault(3000, "kill", "crash", {"broker-1"});
    lab_.tell(3000, "broker-1", NodeStopped{StopMode::Kill});
    lab_.tell(4000, "broker-1", NodeStarted{Incarnation(2)});
    const EventNumber again =
        lab_.tell(5000, "broker-1", BecameLeader{WhyLab::orders(), LeaderEpoch(0), Offset(9)});
    EXPECT_EQ(kinds(lab_.explain(again)), "BecameLeader NodeStarted FaultStarted");
}

TEST_F(WhyRules, ALogIsCutBecauseOfTheNewLeader) {
    lab_.fault(3000, "kill", "crash", {"broker-1"});
    lab_.tell(3000, "broker-1", NodeStopped{StopMode::Kill});
    lab_.change(12000, 2, 1, {2, 3}, "fenced");
    fenced(12000, 1);
    lab_.tell(12100, "broker-3",
              BecameFollower{WhyLab::orders(), LeaderEpoch(1), BrokerId(2), Offset(9)});
    const EventNumber cut =
        lab_.tell(12200, "broker-3", LogTruncated{WhyLab::orders(), Offset(9), Offset(8)});
    EXPECT_EQ(kinds(lab_.explain(cut)),
              "LogTruncated BecameFollower PartitionChanged BrokerFenced NodeStopped FaultStarted");
}

TEST_F(WhyRules, AVoterStandsBecauseTheLeaderIsSilent) {
    for (const char* node : {"controller-101", "controller-102"})
        lab_.tell(1600, node, NodeStarted{Incarnation(1)});
    const auto role = [&](std::int64_t ms, const char* node, RaftRoleName name, int epoch) {
        RaftRole body{name, LeaderEpoch(epoch), std::nullopt};
        if (name == RaftRoleName::Follower)
            body.leader = BrokerId(100);
        return lab_.tell(ms, node, body);
    };
    role(1700, "controller-101", RaftRoleName::Follower, 1);
    role(1700, "controller-102", RaftRoleName::Follower, 1);
    lab_.fault(5000, "kill", "crash", {"controller-100"});
    lab_.tell(5000, "controller-100", NodeStopped{StopMode::Kill});
    role(7000, "controller-101", RaftRoleName::Candidate, 2);
    role(8000, "controller-101", RaftRoleName::Candidate, 3);
    const EventNumber heard = role(8010, "controller-102", RaftRoleName::Unattached, 3);
    const EventNumber led = role(8020, "controller-101", RaftRoleName::Leader, 3);
    const EventNumber active = lab_.tell(8030, "controller-101", ControllerElected{LeaderEpoch(3)});
    EXPECT_EQ(kinds(lab_.explain(led)), "RaftRole RaftRole RaftRole NodeStopped FaultStarted");
    EXPECT_EQ(origin(lab_.explain(heard)), Origin::Fault);
    EXPECT_EQ(origin(lab_.explain(active)), Origin::Fault);
}

TEST_F(WhyRules, TheFirstElectionIsDueToTheStart) {
    WhyLab fresh;
    fresh.tell(0, "controller-100", NodeStarted{Incarnation(1)});
    const EventNumber first = fresh.tell(
        900, "controller-100", RaftRole{RaftRoleName::Candidate, LeaderEpoch(1), std::nullopt});
    EXPECT_EQ(kinds(fresh.explain(first)), "RaftRole NodeStarted");
    EXPECT_EQ(origin(fresh.explain(first)), Origin::Start);
}

TEST_F(WhyRules, AMajorityThatIsCutOffMakesTheLeaderResign) {
    lab_.tell(1600, "controller-101", NodeStarted{Incarnation(1)});
    lab_.fault(5000, "cut", "partition", {"controller-100", "controller-101"});
    lab_.tell(8000, "controller-100",
              RaftRole{RaftRoleName::Resigned, LeaderEpoch(1), std::nullopt});
    const EventNumber resigned =
        lab_.tell(8000, "controller-100", ControllerResigned{LeaderEpoch(1)});
    EXPECT_EQ(kinds(lab_.explain(resigned)), "ControllerResigned RaftRole FaultStarted");
}

TEST_F(WhyRules, ASilentMemberGoesBackToTheCrashAndASlowOneToItsWork) {
    lab_.tell(2000, "consumer-billing-0", NodeStarted{Incarnation(1)});
    const EventNumber joined =
        lab_.tell(2100, "broker-2", MemberJoined{"billing", "m-0", "consumer-billing-0", ""});
    EXPECT_EQ(kinds(lab_.explain(joined)), "MemberJoined NodeStarted");
    lab_.fault(10000, "kill", "crash", {"consumer-billing-0"});
    lab_.tell(10000, "consumer-billing-0", NodeStopped{StopMode::Kill});
    lab_.tell(54000, "broker-2",
              MemberLeft{"billing", "m-0", "consumer-billing-0", "session_timeout"});
    const EventNumber rebalance = lab_.tell(
        54000, "broker-2",
        RebalanceStarted{"billing", "member m-0 was not heard of in time", GenerationId(1)});
    const Explanation why = lab_.explain(rebalance);
    EXPECT_EQ(kinds(why), "RebalanceStarted MemberLeft NodeStopped FaultStarted");
    EXPECT_EQ(settings(why), Texts({"session.timeout.ms = 45000 (the default)"}));

    lab_.fault(100000, "slow", "consumer-slow", {"consumer-billing-1"});
    const EventNumber left = lab_.tell(
        400000, "broker-2", MemberLeft{"billing", "m-1", "consumer-billing-1", "poll_timeout"});
    EXPECT_EQ(kinds(lab_.explain(left)), "MemberLeft FaultStarted");
}

TEST_F(WhyRules, WhatAProducerGivesUpGoesBackToTheIsr) {
    lab_.facts.topics["orders"]["min.insync.replicas"] = "2";
    lab_.fault(3000, "kill", "crash", {"broker-2"});
    lab_.tell(3000, "broker-2", NodeStopped{StopMode::Kill});
    lab_.change(12000, 1, 0, {1, 3}, "fenced");
    fenced(12000, 2);
    lab_.fault(13000, "second", "crash", {"broker-3"});
    lab_.tell(13000, "broker-3", NodeStopped{StopMode::Kill});
    lab_.change(22000, 1, 0, {1}, "fenced");
    fenced(22000, 3);
    const EventNumber failed =
        lab_.tell(140000, "producer-shop-0",
                  ProduceFailed{WhyLab::orders(), 3, "TIMEOUT", milliseconds(120000)});
    const Explanation why = lab_.explain(failed);
    EXPECT_EQ(kinds(why), "ProduceFailed PartitionChanged BrokerFenced NodeStopped FaultStarted");
    EXPECT_EQ(settings(why).front(), "min.insync.replicas = 2 (as set for topic orders)");
}

TEST_F(WhyRules, ASlowAcknowledgementIsDueToWhatHamperedTheIsr) {
    lab_.fault(3000, "lag", "disk-slow", {"broker-2"});
    ProduceAcked acked;
    acked.p = WhyLab::orders();
    acked.base = Offset(7);
    acked.count = 1;
    acked.acks = -1;
    acked.broker = BrokerId(1);
    acked.latency_ns = milliseconds(1500);
    const Explanation why = lab_.explain(lab_.tell(9000, "producer-shop-0", acked));
    EXPECT_TRUE(blames(why, "\"lag\"")) << explanation_text(why, ExplainLevel::Operator);
    acked.latency_ns = milliseconds(3);
    EXPECT_FALSE(blames(lab_.explain(lab_.tell(9500, "producer-shop-0", acked)), "\"lag\""));
}

TEST_F(WhyRules, ADiskThatIsFullIsDueToItsSize) {
    lab_.facts.capacities["broker-1"] = 4096;
    const EventNumber failed =
        lab_.tell(3000, "broker-1", LogDirFailed{"", "no-space: t-0/0.log: write: no room"});
    EXPECT_TRUE(blames(lab_.explain(failed), "disk.capacity = 4096 bytes (as set for broker-1)"));
}

TEST_F(WhyRules, RulesThatGoInCirclesEnd) {
    // A member that left and joined in one instant, each because of the other.
    for (int k = 0; k < 50; ++k) {
        lab_.tell(2000, "broker-2", MemberJoined{"g", "m", "c", ""});
        lab_.tell(2000, "broker-2", MemberLeft{"g", "m", "c", "fenced"});
        lab_.tell(2000, "broker-2", RebalanceStarted{"g", "member m is new", GenerationId(k)});
    }
    for (const Event& event : lab_.trace().events())
        EXPECT_FALSE(lab_.explain(event.i).chains.empty());
}

}  // namespace
}  // namespace bsim
