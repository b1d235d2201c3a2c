// Deleting records: whom the client asks, and what it does when leaders have moved.

#include <gmock/gmock.h>
#include <utility>

#include <gtest/gtest.h>

#include "sim/protocol/admin/record_deletion.h"

namespace bsim::admin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using wire::ErrorCode;

const TopicPartition kZero{"orders", PartitionIndex(0)};
const TopicPartition kOne{"orders", PartitionIndex(1)};
const TopicPartition kBills{"bills", PartitionIndex(0)};
constexpr BrokerId kBroker1{1};
constexpr BrokerId kBroker2{2};

class RecordDeletionTest : public testing::Test {
  protected:
    DeletionEffects step(const DeletionInput& in) {
        DeletionEffects out;
        deletion_.step({now_, 200'001}, in, out);
        return out;
    }
    DeletedRecords low(std::int64_t offset) { return {ErrorCode::None, Offset(offset)}; }

    RecordDeletion deletion_{
        AdminConfig{{kBroker1}},
        {{kZero, Offset(5)}, {kOne, Offset(7)}, {kBills, kBeforeHighWatermark}}};
    SimTime now_;
};

TEST_F(RecordDeletionTest, EachLeaderIsAskedForItsPartitions) {
    EXPECT_THAT(step(DeletionBegun{}), ElementsAre(LookUpLeaders{{"bills", "orders"}}));
    EXPECT_THAT(
        step(LeadersFound{{{kZero, kBroker1}, {kOne, kBroker2}, {kBills, kBroker1}}, {}}),
        ElementsAre(AskLeader{kBroker1, {{kBills, kBeforeHighWatermark}, {kZero, Offset(5)}}},
                    AskLeader{kBroker2, {{kOne, Offset(7)}}}));
    EXPECT_THAT(step(LeaderAnswered{{{kOne, low(7)}}}), IsEmpty());
    EXPECT_THAT(step(LeaderAnswered{{{kZero, low(5)}, {kBills, low(9)}}}),
                ElementsAre(CompleteDeletion{{{kBills, low(9)}, {kZero, low(5)}, {kOne, low(7)}}}));
    EXPECT_TRUE(deletion_.done());
}

TEST_F(RecordDeletionTest, AMovedLeaderIsLookedUpAgainAfterABackoff) {
    step(DeletionBegun{});
    step(LeadersFound{{{kZero, kBroker1}, {kOne, kBroker1}, {kBills, kBroker1}}, {}});
    const DeletedRecords moved{ErrorCode::NotLeaderOrFollower, Offset(-1)};
    const DeletedRecords wrong{ErrorCode::OffsetOutOfRange, Offset(-1)};
    EXPECT_THAT(step(LeaderAnswered{{{kZero, moved}, {kOne, wrong}, {kBills, low(9)}}}),
                ElementsAre(ArmDeletionTimer{SimTime(100'000'000)}));
    now_ = SimTime(100'000'000);
    EXPECT_THAT(step(DeletionTimerFired{}), ElementsAre(LookUpLeaders{{"orders"}}));
    EXPECT_THAT(step(LeadersFound{{{kZero, kBroker2}, {kOne, kBroker1}}, {}}),
                ElementsAre(AskLeader{kBroker2, {{kZero, Offset(5)}}}));
    EXPECT_THAT(step(LeaderAnswered{{{kZero, low(5)}}}),
                ElementsAre(CompleteDeletion{{{kBills, low(9)}, {kZero, low(5)}, {kOne, wrong}}}));
}

TEST_F(RecordDeletionTest, APartitionWithoutLeaderIsWaitedForAndAnUnknownTopicIsNot) {
    step(DeletionBegun{});
    EXPECT_THAT(
        step(LeadersFound{{{kZero, kBroker1}}, {{"bills", ErrorCode::UnknownTopicOrPartition}}}),
        ElementsAre(AskLeader{kBroker1, {{kZero, Offset(5)}}},
                    ArmDeletionTimer{SimTime(100'000'000)}));
    EXPECT_THAT(step(LeaderAnswered{{{kZero, low(5)}}}), IsEmpty());
    now_ = SimTime(60'000'000'000);
    const DeletedRecords unknown{ErrorCode::UnknownTopicOrPartition, Offset(-1)};
    const DeletedRecords late{ErrorCode::RequestTimedOut, Offset(-1)};
    EXPECT_THAT(step(DeletionTimerFired{}),
                ElementsAre(CompleteDeletion{{{kBills, unknown}, {kZero, low(5)}, {kOne, late}}}));
}

TEST_F(RecordDeletionTest, ALeaderThatDoesNotAnswerIsLookedUpAgain) {
    step(DeletionBegun{});
    step(LeadersFound{{{kZero, kBroker1}, {kOne, kBroker2}, {kBills, kBroker2}}, {}});
    step(LeaderAnswered{{{kOne, low(7)}, {kBills, low(9)}}});
    EXPECT_THAT(step(DeletionCallLost{kBroker1}),
                ElementsAre(ArmDeletionTimer{SimTime(100'000'000)}));
    EXPECT_THAT(step(DeletionTimerFired{}), ElementsAre(LookUpLeaders{{"orders"}}));
    EXPECT_THAT(step(DeletionCallLost{std::nullopt}),
                ElementsAre(ArmDeletionTimer{SimTime(200'000'000)}));
}

}  // namespace
}  // namespace bsim::admin
