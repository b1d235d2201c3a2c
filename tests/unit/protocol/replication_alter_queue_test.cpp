// How ISR proposals travel to the controller.

#include <gtest/gtest.h>

#include "sim/protocol/replication/alter_partition_queue.h"

namespace bsim::replication {
namespace {

using wire::AlterPartitionRequest;
using wire::AlterPartitionResponse;
using wire::ErrorCode;

TopicIdPartition tp(std::uint64_t topic, std::int32_t index) {
    return {Uuid{0, topic}, PartitionIndex(index)};
}

IsrProposal proposal(std::int32_t partition_epoch) {
    return {LeaderEpoch(3),
            PartitionEpoch(partition_epoch),
            {{BrokerId(1), BrokerEpoch(100)}, {BrokerId(2), std::nullopt}},
            false};
}

AlterPartitionResponse::PartitionData& add_answer(AlterPartitionResponse& response,
                                                  const TopicIdPartition& at,
                                                  ErrorCode error) {
    auto& topic = response.topics.emplace_back();
    topic.topic_id = at.topic_id;
    auto& part = topic.partitions.emplace_back();
    part.partition_index = at.partition.value();
    part.error_code = static_cast<std::int16_t>(error);
    return part;
}

class AlterQueueTest : public ::testing::Test {
  protected:
    void submit(const TopicIdPartition& at, std::int32_t partition_epoch) {
        out_.clear();
        queue_.submit(at, proposal(partition_epoch), BrokerEpoch(100), out_);
    }
    void answer(const AlterPartitionResponse& response) {
        out_.clear();
        queue_.answered(now_, response, BrokerEpoch(100), out_);
    }
    template <class Effect>
    std::vector<Effect> all() const {
        std::vector<Effect> found;
        for (const AlterPartitionEffect& effect : out_) {
            if (const auto* one = std::get_if<Effect>(&effect))
                found.push_back(*one);
        }
        return found;
    }

    AlterPartitionQueue queue_{BrokerId(1)};
    AlterPartitionEffects out_;
    SimTime now_{seconds(3).ns()};
};

TEST_F(AlterQueueTest, RequestCarriesMembersWithTheirEpochs) {
    submit(tp(1, 4), 7);
    ASSERT_EQ(all<SendAlterPartition>().size(), 1U);
    EXPECT_FALSE(all<SendAlterPartition>()[0].find_controller);
    const AlterPartitionRequest request = all<SendAlterPartition>()[0].request;
    EXPECT_EQ(request.broker_id, 1);
    EXPECT_EQ(request.broker_epoch, 100);
    const auto& part = request.topics.at(0).partitions.at(0);
    EXPECT_EQ(request.topics[0].topic_id, (Uuid{0, 1}));
    EXPECT_EQ(part.partition_index, 4);
    EXPECT_EQ(part.leader_epoch, 3);
    EXPECT_EQ(part.partition_epoch, 7);
    EXPECT_EQ(part.leader_recovery_state, 0);
    ASSERT_EQ(part.new_isr_with_epochs.size(), 2U);
    EXPECT_EQ(part.new_isr_with_epochs[0].broker_epoch, 100);
    EXPECT_EQ(part.new_isr_with_epochs[1].broker_id, 2);
    EXPECT_EQ(part.new_isr_with_epochs[1].broker_epoch, -1);
}

TEST_F(AlterQueueTest, OthersWaitAndGoTogether) {
    submit(tp(1, 0), 1);
    submit(tp(1, 1), 1);
    submit(tp(1, 2), 1);
    EXPECT_TRUE(out_.empty());
    AlterPartitionResponse response;
    auto& part = add_answer(response, tp(1, 0), ErrorCode::None);
    part.leader_id = 1;
    part.leader_epoch = 3;
    part.partition_epoch = 2;
    part.isr = {1, 2};
    answer(response);
    ASSERT_EQ(out_.size(), 2U);
    const auto told = all<AnswerIsrProposal>().at(0);
    EXPECT_EQ(told.tp, tp(1, 0));
    EXPECT_EQ(told.proposal, proposal(1));
    EXPECT_EQ(std::get<IsrAccepted>(told.answer),
              (IsrAccepted{LeaderEpoch(3), PartitionEpoch(2), {BrokerId(1), BrokerId(2)}, false}));
    const auto next = all<SendAlterPartition>().at(0).request;
    ASSERT_EQ(next.topics.size(), 1U);
    EXPECT_EQ(next.topics[0].partitions.size(), 2U);
}

TEST_F(AlterQueueTest, OneProposalAPartition) {
    submit(tp(1, 0), 1);
    submit(tp(1, 0), 2);
    ASSERT_EQ(out_.size(), 1U);
    const auto refused = all<AnswerIsrProposal>().at(0);
    EXPECT_EQ(refused.proposal, proposal(2));
    EXPECT_EQ(std::get<ErrorCode>(refused.answer), ErrorCode::OperationNotAttempted);
}

TEST_F(AlterQueueTest, ErrorOfOnePartitionIsItsOwn) {
    submit(tp(1, 0), 1);
    AlterPartitionResponse response;
    add_answer(response, tp(1, 0), ErrorCode::FencedLeaderEpoch);
    answer(response);
    EXPECT_EQ(std::get<ErrorCode>(all<AnswerIsrProposal>().at(0).answer),
              ErrorCode::FencedLeaderEpoch);
    EXPECT_EQ(queue_.queued(), 0U);
    submit(tp(1, 0), 2);
    EXPECT_EQ(all<SendAlterPartition>().size(), 1U);
}

TEST_F(AlterQueueTest, UnknownRecoveryStateIsAServerError) {
    submit(tp(1, 0), 1);
    AlterPartitionResponse response;
    add_answer(response, tp(1, 0), ErrorCode::None).leader_recovery_state = 9;
    answer(response);
    EXPECT_EQ(std::get<ErrorCode>(all<AnswerIsrProposal>().at(0).answer),
              ErrorCode::UnknownServerError);
}

TEST_F(AlterQueueTest, PartitionLeftOutOfTheAnswerIsSentAgain) {
    submit(tp(1, 0), 1);
    answer(AlterPartitionResponse{});
    ASSERT_EQ(out_.size(), 1U);
    EXPECT_EQ(all<SendAlterPartition>().at(0).request.topics.at(0).partitions.at(0).partition_index,
              0);
}

TEST_F(AlterQueueTest, ErrorOfTheRequestRetriesAfter50Milliseconds) {
    submit(tp(1, 0), 1);
    AlterPartitionResponse response;
    response.error_code = static_cast<std::int16_t>(ErrorCode::StaleBrokerEpoch);
    answer(response);
    ASSERT_EQ(out_.size(), 1U);
    EXPECT_EQ(all<RetryAlterPartitionAt>().at(0).at, now_ + milliseconds(50));
    out_.clear();
    queue_.retry_due(BrokerEpoch(200), out_);
    EXPECT_EQ(all<SendAlterPartition>().at(0).request.broker_epoch, 200);
    // The timer of a retry that something else has overtaken does nothing.
    out_.clear();
    queue_.retry_due(BrokerEpoch(200), out_);
    EXPECT_TRUE(out_.empty());
}

TEST_F(AlterQueueTest, LostOrMisdirectedRequestIsSentAgainAsItWas) {
    submit(tp(1, 0), 1);
    const AlterPartitionRequest first = all<SendAlterPartition>().at(0).request;
    submit(tp(1, 1), 1);
    queue_.request_failed(out_);
    ASSERT_EQ(all<SendAlterPartition>().size(), 1U);
    EXPECT_TRUE(all<SendAlterPartition>()[0].find_controller);
    EXPECT_EQ(all<SendAlterPartition>()[0].request, first);

    AlterPartitionResponse misdirected;
    misdirected.error_code = static_cast<std::int16_t>(ErrorCode::NotController);
    answer(misdirected);
    EXPECT_EQ(all<SendAlterPartition>().at(0).request, first);
    AlterPartitionResponse behind;
    add_answer(behind, tp(1, 0), ErrorCode::NotController);
    answer(behind);
    EXPECT_EQ(all<SendAlterPartition>().at(0).request, first);
    EXPECT_TRUE(all<AnswerIsrProposal>().empty());
}

}  // namespace
}  // namespace bsim::replication
