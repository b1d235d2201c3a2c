#include "sim/trace/group_fold.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

const TopicPartition kT0{"t", PartitionIndex(0)};
const TopicPartition kT1{"t", PartitionIndex(1)};
const TopicPartition kOffsets{"__consumer_offsets", PartitionIndex(12)};

class GroupFoldTest : public testing::Test {
  protected:
    template <class Body>
    void tell(const std::string& node, Body body) {
        Event event;
        event.i = EventNumber(++number_);
        event.n = NodeName(node);
        event.body = std::move(body);
        fold_.on(event);
    }
    void state(const std::string& node, GroupStateName to, int generation) {
        tell(node, GroupState{"my-group", GroupStateName::Empty, to, GenerationId(generation)});
    }
    void led_by(const std::string& node, int epoch) {
        tell(node, BecameLeader{kOffsets, LeaderEpoch(epoch), Offset()});
    }
    // One member of generation 1 that holds both partitions.
    void stable_on_broker_1() {
        tell("controller-100", TopicCreated{"__consumer_offsets", Uuid(), 50});
        led_by("broker-1", 0);
        state("broker-1", GroupStateName::PreparingRebalance, 0);
        tell("broker-1", MemberJoined{"my-group", "a-1", "consumer-a-0", ""});
        state("broker-1", GroupStateName::CompletingRebalance, 1);
        RebalanceCompleted done{"my-group", GenerationId(1), {}};
        done.assignment["consumer-a-0"] = {kT0, kT1};
        tell("broker-1", done);
        state("broker-1", GroupStateName::Stable, 1);
    }
    const GroupSnapshot& group() { return *fold_.group("my-group"); }

    GroupFold fold_;
    std::uint64_t number_ = 0;
};

TEST_F(GroupFoldTest, ThePartitionIsThatOfTheHashOnceTheTopicIsKnown) {
    EXPECT_EQ(fold_.partition_of("my-group"), std::nullopt);
    EXPECT_TRUE(fold_.coordinates(NodeName("broker-7"), "my-group"));
    stable_on_broker_1();
    EXPECT_EQ(fold_.partition_of("my-group"), kOffsets);
    EXPECT_EQ(fold_.partition_of("group"),
              (TopicPartition{"__consumer_offsets", PartitionIndex(47)}));
    EXPECT_TRUE(fold_.coordinates(NodeName("broker-1"), "my-group"));
    EXPECT_FALSE(fold_.coordinates(NodeName("broker-2"), "my-group"));
}

TEST_F(GroupFoldTest, ADeposedCoordinatorIsNotBelieved) {
    stable_on_broker_1();
    led_by("broker-2", 1);
    state("broker-1", GroupStateName::PreparingRebalance, 1);
    tell("broker-1", MemberLeft{"my-group", "a-1", "consumer-a-0", "session_timeout"});
    EXPECT_EQ(group().state, GroupStateName::Stable);
    EXPECT_EQ(group().members.size(), 1U);
    // What came into force counts all the same.
    tell("broker-1",
         OffsetCommitted{"my-group", kT0, Offset(7), GenerationId(1), "a-1", SimDuration()});
    EXPECT_EQ(group().offsets.at(kT0), Offset(7));
}

TEST_F(GroupFoldTest, AMoveForgetsWhatStoodInMemoryAlone) {
    stable_on_broker_1();
    state("broker-1", GroupStateName::PreparingRebalance, 1);
    tell("broker-1", MemberJoined{"my-group", "b-1", "consumer-b-0", ""});
    state("broker-1", GroupStateName::CompletingRebalance, 2);
    EXPECT_EQ(group().members.size(), 2U);
    led_by("broker-2", 1);
    tell("broker-2", GroupMoved{"my-group", true, GroupStateName::Stable, GenerationId(1)});
    EXPECT_EQ(group().coordinator, NodeName("broker-2"));
    EXPECT_EQ(group().generation, GenerationId(1));
    ASSERT_EQ(group().members.size(), 1U);
    EXPECT_EQ(group().members.begin()->first, "a-1");
    tell("broker-2", NodeStopped{StopMode::Kill});
    EXPECT_EQ(group().coordinator, std::nullopt);
}

TEST_F(GroupFoldTest, AGenerationThatWasWrittenButNotAnnouncedKeepsItsMembers) {
    stable_on_broker_1();
    state("broker-1", GroupStateName::PreparingRebalance, 1);
    tell("broker-1", MemberJoined{"my-group", "b-1", "consumer-b-0", ""});
    state("broker-1", GroupStateName::CompletingRebalance, 2);
    led_by("broker-2", 1);
    tell("broker-2", GroupMoved{"my-group", true, GroupStateName::Stable, GenerationId(2)});
    EXPECT_EQ(group().members.size(), 2U);
    EXPECT_EQ(group().assigned_generation, GenerationId(1));
}

TEST_F(GroupFoldTest, AnEmptyGroupWhoseRecordWasLostHasItsMembersBack) {
    stable_on_broker_1();
    tell("broker-1", MemberLeft{"my-group", "a-1", "consumer-a-0", "leave"});
    state("broker-1", GroupStateName::Empty, 2);
    led_by("broker-2", 1);
    tell("broker-2", GroupMoved{"my-group", true, GroupStateName::Stable, GenerationId(1)});
    EXPECT_EQ(group().members.size(), 1U);
}

TEST_F(GroupFoldTest, ACoordinatorThatFoundNothingBeginsWithNobody) {
    stable_on_broker_1();
    led_by("broker-2", 1);
    state("broker-2", GroupStateName::PreparingRebalance, 0);
    EXPECT_TRUE(group().members.empty());
    EXPECT_EQ(group().coordinator, NodeName("broker-2"));
}

TEST_F(GroupFoldTest, AStaticMemberTakesItsPredecessorsPlaceAndAssignment) {
    stable_on_broker_1();
    tell("broker-1", MemberLeft{"my-group", "a-1", "consumer-a-0", "leave"});
    state("broker-1", GroupStateName::PreparingRebalance, 1);
    tell("broker-1", MemberJoined{"my-group", "s-1", "consumer-s-0", "inst"});
    state("broker-1", GroupStateName::CompletingRebalance, 2);
    RebalanceCompleted done{"my-group", GenerationId(2), {}};
    done.assignment["consumer-s-0"] = {kT0};
    tell("broker-1", done);
    state("broker-1", GroupStateName::Stable, 2);
    tell("broker-1", MemberLeft{"my-group", "s-1", "consumer-s-0", "fenced"});
    tell("broker-1", MemberJoined{"my-group", "s-2", "consumer-z-0", "inst"});
    EXPECT_EQ(group().assignment.size(), 1U);
    EXPECT_EQ(group().assignment.at("consumer-z-0"), std::vector<TopicPartition>{kT0});
    EXPECT_EQ(group().client_of("s-2"), "consumer-z-0");
    EXPECT_EQ(group().client_of("s-1"), "");
}

TEST_F(GroupFoldTest, ADeadGroupIsGone) {
    stable_on_broker_1();
    state("broker-1", GroupStateName::Empty, 2);
    EXPECT_TRUE(group().members.empty());
    tell("broker-1", GroupState{"my-group", GroupStateName::Empty, GroupStateName::Dead, {}});
    EXPECT_EQ(fold_.group("my-group"), nullptr);
}

}  // namespace
}  // namespace bsim
