// What a broker says of its log directories, and the wait of DeleteRecords.

#include <set>

#include <gtest/gtest.h>

#include "sim/protocol/replication/delayed_delete.h"
#include "sim/protocol/replication/directory_assignments.h"

namespace bsim::replication {
namespace {

using wire::ErrorCode;

const TopicIdPartition kZero{Uuid{1, 1}, PartitionIndex(0)};
const TopicIdPartition kOne{Uuid{1, 1}, PartitionIndex(1)};
const Uuid kDirectory{7, 7};

struct Held : AssignmentView {
    std::set<TopicIdPartition> held{kZero, kOne};
    bool is_assigned_here(const TopicIdPartition& tp) const override { return held.contains(tp); }
};

class Assignments : public testing::Test {
  protected:
    static DirectoryAssignments::Context at(std::int64_t ms) {
        return {SimTime(ms * 1'000'000), 20'000};
    }
    std::int64_t armed_ms() const {
        return std::get<SendAssignmentsAt>(effects_.at(0)).at.ns() / 1'000'000;
    }
    const wire::AssignReplicasToDirsRequest& sent() const {
        return std::get<SendAssignments>(effects_.at(0)).request;
    }
    wire::AssignReplicasToDirsResponse answer(std::int16_t zero, std::int16_t one) const {
        wire::AssignReplicasToDirsResponse response;
        auto& directory = response.directories.emplace_back();
        directory.id = kDirectory;
        auto& topic = directory.topics.emplace_back();
        topic.topic_id = kZero.topic_id;
        for (const std::int16_t error : {zero, one}) {
            topic.partitions.push_back({});
            topic.partitions.back().partition_index =
                static_cast<std::int32_t>(topic.partitions.size()) - 1;
            topic.partitions.back().error_code = error;
        }
        return response;
    }

    DirectoryAssignments assignments_{BrokerId(3)};
    AssignmentEffects effects_;
    Held view_;
};

TEST_F(Assignments, AreGatheredAndThenSentTogether) {
    assignments_.assign(at(0), kZero, kDirectory, effects_);
    EXPECT_EQ(100, armed_ms());
    effects_.clear();
    assignments_.assign(at(50), kOne, kDirectory, effects_);
    EXPECT_TRUE(effects_.empty()) << "the first time stays";
    assignments_.send_due(BrokerEpoch(9), view_, effects_);
    EXPECT_EQ(3, sent().broker_id);
    EXPECT_EQ(9, sent().broker_epoch);
    ASSERT_EQ(1U, sent().directories.size());
    EXPECT_EQ(2U, sent().directories[0].topics.at(0).partitions.size());
    effects_.clear();
    assignments_.answered(at(120), answer(0, 0), effects_);
    EXPECT_TRUE(effects_.empty());
    EXPECT_EQ(0U, assignments_.pending());
}

TEST_F(Assignments, WhatTheAnswerDoesNotSettleIsSaidAgain) {
    assignments_.assign(at(0), kZero, kDirectory, effects_);
    assignments_.assign(at(0), kOne, kDirectory, effects_);
    assignments_.send_due(BrokerEpoch(9), view_, effects_);
    effects_.clear();
    assignments_.answered(at(120), answer(0, 3), effects_);
    EXPECT_EQ(220, armed_ms());
    effects_.clear();
    assignments_.send_due(BrokerEpoch(9), view_, effects_);
    EXPECT_EQ(1, sent().directories.at(0).topics.at(0).partitions.at(0).partition_index);
}

TEST_F(Assignments, AFailedRequestWaitsLongerEachTime) {
    assignments_.assign(at(0), kZero, kDirectory, effects_);
    for (const std::int64_t wait : {200, 400, 800}) {
        effects_.clear();
        assignments_.send_due(BrokerEpoch(9), view_, effects_);
        ASSERT_EQ(1U, effects_.size());
        effects_.clear();
        assignments_.failed(at(0), effects_);
        EXPECT_EQ(wait, armed_ms());
    }
    effects_.clear();
    assignments_.send_due(BrokerEpoch(9), view_, effects_);
    effects_.clear();
    wire::AssignReplicasToDirsResponse stale;
    stale.error_code = static_cast<std::int16_t>(ErrorCode::StaleBrokerEpoch);
    assignments_.answered(at(0), stale, effects_);
    EXPECT_EQ(1600, armed_ms());
}

TEST_F(Assignments, WhatTheBrokerHoldsNoMoreIsLeftOut) {
    assignments_.assign(at(0), kZero, kDirectory, effects_);
    view_.held.clear();
    effects_.clear();
    assignments_.send_due(BrokerEpoch(9), view_, effects_);
    EXPECT_TRUE(effects_.empty());
    EXPECT_EQ(0U, assignments_.pending());
}

struct LowWatermarks : DeleteStatusView {
    std::map<TopicIdPartition, DeleteStatus> of;
    DeleteStatus delete_status(const TopicIdPartition& tp) const override { return of.at(tp); }
};

DeleteStatus low(std::int64_t offset) {
    return {ErrorCode::None, Offset(offset)};
}

class Deletes : public testing::Test {
  protected:
    void add(const std::vector<DeletePart>& parts) {
        deletes_.add({OperationId(1), SimTime(100), parts}, done_);
    }
    void check(const TopicIdPartition& tp) { deletes_.check(tp, view_, done_); }

    DelayedDeletes deletes_;
    LowWatermarks view_;
    std::vector<CompletedDelete> done_;
};

TEST_F(Deletes, AreAnsweredAtOnceWhenNothingIsPending) {
    const DeletePart refused{kOne, Offset(5), {ErrorCode::OffsetOutOfRange, Offset(-1)}};
    add({{kZero, Offset(5), low(5)}, refused});
    ASSERT_EQ(1U, done_.size());
    EXPECT_EQ(refused, done_[0].parts[1]);
    EXPECT_EQ(std::nullopt, deletes_.next_deadline());
}

TEST_F(Deletes, WaitForTheLastReplicaOfEachPartition) {
    add({{kZero, Offset(5), low(0)}, {kOne, Offset(7), low(2)}});
    view_.of = {{kZero, low(4)}, {kOne, low(9)}};
    check(kZero);
    EXPECT_TRUE(done_.empty());
    view_.of[kZero] = low(6);
    view_.of[kOne] = low(10);
    check({Uuid{9, 9}, PartitionIndex(0)});
    EXPECT_TRUE(done_.empty()) << "another partition is no reason to look";
    check(kZero);
    ASSERT_EQ(1U, done_.size());
    EXPECT_EQ(low(6), done_[0].parts[0].answer);
    EXPECT_EQ(low(9), done_[0].parts[1].answer) << "what was answered stays";
}

TEST_F(Deletes, ALostLeadershipIsNoticedWithTheNextLook) {
    add({{kZero, Offset(5), low(0)}});
    const DeleteStatus lost{ErrorCode::NotLeaderOrFollower, Offset(-1)};
    view_.of = {{kZero, lost}};
    check(kZero);
    ASSERT_EQ(1U, done_.size());
    EXPECT_EQ(lost, done_[0].parts[0].answer);
}

TEST_F(Deletes, TheDeadlineEndsTheWait) {
    add({{kZero, Offset(5), low(3)}});
    EXPECT_EQ(SimTime(100), deletes_.next_deadline());
    deletes_.expire(SimTime(99), done_);
    EXPECT_TRUE(done_.empty());
    deletes_.expire(SimTime(100), done_);
    ASSERT_EQ(1U, done_.size());
    EXPECT_EQ((DeleteStatus{ErrorCode::RequestTimedOut, Offset(3)}), done_[0].parts[0].answer);
    EXPECT_EQ(0U, deletes_.size());
}

}  // namespace
}  // namespace bsim::replication
