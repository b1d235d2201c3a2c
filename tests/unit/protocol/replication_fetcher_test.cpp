// Fetcher and PartitionFollower: requests, order, back-off, and each kind of answer.

#include <gtest/gtest.h>

#include "sim/protocol/replication/fetcher.h"

namespace bsim::replication {
namespace {

using wire::ErrorCode;
using wire::FetchRequest;
using wire::FetchResponse;

constexpr Uuid kTopic{7, 7};

TopicIdPartition tp(std::int32_t index) {
    return {kTopic, PartitionIndex(index)};
}

FollowerLog log_at(std::int64_t leo, int epoch, std::int64_t hw) {
    return {Offset(0), Offset(hw), Offset(leo), LeaderEpoch(epoch)};
}

SharedBytes some_records() {
    return SharedBytes(std::vector<std::uint8_t>{1, 2, 3});
}

class FetcherTest : public ::testing::Test {
  protected:
    FetcherTest() { config_.self = BrokerId(2); }

    void add(std::int32_t index, int epoch, const FollowerLog& log) {
        fetcher_.add(tp(index), "t", {LeaderEpoch(epoch), log}, out_);
    }
    FetchRequest fetch() {
        NextFetch next = fetcher_.next_fetch(now_, BrokerEpoch(42));
        EXPECT_TRUE(std::holds_alternative<FetchRequest>(next));
        return std::get<FetchRequest>(next);
    }
    static std::vector<std::int32_t> indexes(const FetchRequest& request) {
        std::vector<std::int32_t> all;
        for (const auto& topic : request.topics) {
            for (const auto& part : topic.partitions)
                all.push_back(part.partition);
        }
        return all;
    }
    static FetchResponse::PartitionData data(std::int32_t index, ErrorCode error) {
        FetchResponse::PartitionData part;
        part.partition_index = index;
        part.error_code = static_cast<std::int16_t>(error);
        part.high_watermark = 0;
        part.log_start_offset = 0;
        return part;
    }
    // Answers without a session, so each request names all partitions.
    void answer(std::vector<FetchResponse::PartitionData> parts) {
        FetchResponse response;
        auto& topic = response.responses.emplace_back();
        topic.topic_id = kTopic;
        topic.partitions = std::move(parts);
        out_.clear();
        fetcher_.fetch_answered(now_, response, out_);
    }
    void answer_one(const FetchResponse::PartitionData& part) {
        add(0, 5, log_at(10, 4, 8));
        fetch();
        answer({part});
    }
    FollowerEffect only_effect() const {
        EXPECT_EQ(out_.size(), 1U);
        return out_.empty() ? FollowerEffect(StopFetching{}) : out_.front().what;
    }

    FetcherConfig config_;
    Fetcher fetcher_{FetcherConfig{BrokerId(2)}};
    FetcherEffects out_;
    SimTime now_{seconds(5).ns()};
};

TEST_F(FetcherTest, RequestSaysWhoAsksAndFromWhere) {
    FollowerLog log = log_at(10, 4, 8);
    log.log_start = Offset(3);
    add(0, 5, log);
    const FetchRequest request = fetch();
    EXPECT_EQ(request.replica_state.replica_id, 2);
    EXPECT_EQ(request.replica_state.replica_epoch, 42);
    EXPECT_EQ(request.max_wait_ms, 500);
    EXPECT_EQ(request.min_bytes, 1);
    EXPECT_EQ(request.max_bytes, 10485760);
    EXPECT_EQ(request.session_epoch, 0);
    ASSERT_EQ(request.topics.size(), 1U);
    EXPECT_EQ(request.topics[0].topic_id, kTopic);
    const auto& part = request.topics[0].partitions.at(0);
    EXPECT_EQ(part.fetch_offset, 10);
    EXPECT_EQ(part.log_start_offset, 3);
    EXPECT_EQ(part.current_leader_epoch, 5);
    EXPECT_EQ(part.last_fetched_epoch, 4);
    EXPECT_EQ(part.partition_max_bytes, 1048576);
}

TEST_F(FetcherTest, OneRequestAtATime) {
    add(0, 5, log_at(10, 4, 8));
    fetch();
    EXPECT_TRUE(std::holds_alternative<Waiting>(fetcher_.next_fetch(now_, {})));
    answer({data(0, ErrorCode::None)});
    fetch();
}

TEST_F(FetcherTest, IdlesForTheBackOffTimeWhenThereIsNothingToFetch) {
    const NextFetch next = fetcher_.next_fetch(now_, {});
    ASSERT_TRUE(std::holds_alternative<IdleUntil>(next));
    EXPECT_EQ(std::get<IdleUntil>(next).until, now_ + seconds(1));
}

TEST_F(FetcherTest, PartitionsWithRecordsMoveToTheEnd) {
    for (std::int32_t i = 0; i < 3; ++i)
        add(i, 5, log_at(10, 4, 8));
    EXPECT_EQ(indexes(fetch()), (std::vector{0, 1, 2}));
    // The first answer counts for the order even without records.
    answer({data(0, ErrorCode::None), data(1, ErrorCode::None), data(2, ErrorCode::None)});
    auto with_records = data(0, ErrorCode::None);
    with_records.records = some_records();
    EXPECT_EQ(indexes(fetch()), (std::vector{0, 1, 2}));
    answer({with_records, data(1, ErrorCode::None), data(2, ErrorCode::None)});
    fetcher_.appended(tp(0), log_at(12, 5, 8), out_);
    EXPECT_EQ(indexes(fetch()), (std::vector{1, 2, 0}));
}

TEST_F(FetcherTest, EmptyLogTruncatesToItsMarkFirst) {
    add(0, 5, {Offset(0), Offset(0), Offset(0), std::nullopt});
    EXPECT_EQ(only_effect(), FollowerEffect(TruncateTo{Offset(0)}));
    EXPECT_TRUE(std::holds_alternative<IdleUntil>(fetcher_.next_fetch(now_, {})));
    fetcher_.truncated(tp(0), {Offset(0), Offset(0), Offset(0), std::nullopt});
    EXPECT_EQ(fetch().topics[0].partitions[0].last_fetched_epoch, -1);
}

TEST_F(FetcherTest, RecordsThenMarksThenLogStart) {
    auto part = data(0, ErrorCode::None);
    part.records = some_records();
    part.high_watermark = 12;
    part.log_start_offset = 2;
    answer_one(part);
    EXPECT_EQ(only_effect(), FollowerEffect(AppendFetched{some_records()}));
    out_.clear();
    fetcher_.appended(tp(0), log_at(11, 5, 8), out_);
    // The leader's mark is beyond the own end: clamped.
    ASSERT_EQ(out_.size(), 2U);
    EXPECT_EQ(out_[0].what, FollowerEffect(SetHw{Offset(11)}));
    EXPECT_EQ(out_[1].what, FollowerEffect(RaiseLogStart{Offset(2)}));
    EXPECT_EQ(fetcher_.find(tp(0))->fetch_offset(), Offset(11));
    EXPECT_EQ(fetcher_.find(tp(0))->last_fetched_epoch(), LeaderEpoch(5));
    EXPECT_EQ(fetcher_.find(tp(0))->lag(), 1);
}

TEST_F(FetcherTest, MarkMayFallWithANewLeader) {
    auto part = data(0, ErrorCode::None);
    part.high_watermark = 6;
    answer_one(part);
    EXPECT_EQ(only_effect(), FollowerEffect(SetHw{Offset(6)}));
}

TEST_F(FetcherTest, DivergenceIsCutAndMarksAreLeftAlone) {
    auto part = data(0, ErrorCode::None);
    part.diverging_epoch.epoch = 3;
    part.diverging_epoch.end_offset = 7;
    part.high_watermark = 12;
    answer_one(part);
    EXPECT_EQ(only_effect(), FollowerEffect(FindEpochEnd{LeaderEpoch(3)}));
    out_.clear();
    fetcher_.epoch_end_found(tp(0), EpochEnd{LeaderEpoch(3), Offset(9)}, out_);
    EXPECT_EQ(only_effect(), FollowerEffect(TruncateTo{Offset(7)}));
    fetcher_.truncated(tp(0), log_at(7, 3, 7));
    const FetchRequest request = fetch();
    EXPECT_EQ(request.topics[0].partitions[0].fetch_offset, 7);
    EXPECT_EQ(request.topics[0].partitions[0].last_fetched_epoch, 3);
}

TEST_F(FetcherTest, PassingErrorsBackOffForASecond) {
    for (const ErrorCode error :
         {ErrorCode::NotLeaderOrFollower, ErrorCode::UnknownLeaderEpoch, ErrorCode::UnknownTopicId,
          ErrorCode::UnknownTopicOrPartition, ErrorCode::KafkaStorageError}) {
        fetcher_ = Fetcher(config_);
        answer_one(data(0, error));
        EXPECT_TRUE(out_.empty());
        EXPECT_TRUE(std::holds_alternative<IdleUntil>(fetcher_.next_fetch(now_, {})));
        now_ = now_ + milliseconds(999);
        EXPECT_TRUE(std::holds_alternative<IdleUntil>(fetcher_.next_fetch(now_, {})));
        now_ = now_ + milliseconds(1);
        fetch();
    }
}

TEST_F(FetcherTest, FencedInTheCurrentEpochStopsUntilStartedAnew) {
    answer_one(data(0, ErrorCode::FencedLeaderEpoch));
    EXPECT_EQ(only_effect(), FollowerEffect(StopFetching{FollowerFailure::Fenced}));
    EXPECT_TRUE(fetcher_.empty());
    add(0, 6, log_at(10, 4, 8));
    EXPECT_EQ(fetch().topics[0].partitions[0].current_leader_epoch, 6);
}

TEST_F(FetcherTest, FencedInAnOlderEpochOnlyBacksOff) {
    add(0, 5, log_at(10, 4, 8));
    fetch();
    fetcher_.remove(tp(0));
    add(0, 6, log_at(10, 4, 8));
    answer({data(0, ErrorCode::FencedLeaderEpoch)});
    EXPECT_TRUE(out_.empty());
    EXPECT_TRUE(fetcher_.find(tp(0))->delayed(now_));
}

TEST_F(FetcherTest, AnswerForAnotherOffsetIsIgnored) {
    add(0, 5, log_at(10, 4, 8));
    fetch();
    fetcher_.remove(tp(0));
    add(0, 6, log_at(9, 4, 8));
    auto part = data(0, ErrorCode::None);
    part.records = some_records();
    answer({part});
    EXPECT_TRUE(out_.empty());
    EXPECT_EQ(fetcher_.find(tp(0))->fetch_offset(), Offset(9));
}

// Kafka 3.9 does not compare epochs here; a later epoch that starts at the same offset takes it.
TEST_F(FetcherTest, AnswerOfAnEarlierEpochIsTakenIfTheOffsetStillFits) {
    add(0, 5, log_at(10, 4, 8));
    fetch();
    fetcher_.remove(tp(0));
    add(0, 6, log_at(10, 4, 8));
    auto part = data(0, ErrorCode::None);
    part.records = some_records();
    answer({part});
    EXPECT_EQ(only_effect(), FollowerEffect(AppendFetched{some_records()}));
}

TEST_F(FetcherTest, AddingInTheSameEpochChangesNothing) {
    add(0, 5, log_at(10, 4, 8));
    add(0, 5, log_at(3, 4, 3));
    EXPECT_EQ(fetcher_.find(tp(0))->fetch_offset(), Offset(10));
}

TEST_F(FetcherTest, CorruptRecordsAreFetchedAgainLater) {
    auto part = data(0, ErrorCode::None);
    part.records = some_records();
    answer_one(part);
    out_.clear();
    fetcher_.append_failed(now_, tp(0), AppendFailure::Corrupt, out_);
    EXPECT_TRUE(out_.empty());
    EXPECT_FALSE(fetcher_.find(tp(0))->ready(now_));
    EXPECT_TRUE(fetcher_.find(tp(0))->ready(now_ + seconds(1)));
    EXPECT_EQ(fetcher_.find(tp(0))->fetch_offset(), Offset(10));
}

TEST_F(FetcherTest, StorageErrorStops) {
    auto part = data(0, ErrorCode::None);
    part.records = some_records();
    answer_one(part);
    out_.clear();
    fetcher_.append_failed(now_, tp(0), AppendFailure::Storage, out_);
    EXPECT_EQ(only_effect(), FollowerEffect(StopFetching{FollowerFailure::Storage}));
    EXPECT_EQ(fetcher_.find(tp(0)), nullptr);
}

TEST_F(FetcherTest, LogStartBeyondTheMarkIsNotBelieved) {
    auto part = data(0, ErrorCode::None);
    part.high_watermark = 8;
    part.log_start_offset = 9;
    answer_one(part);
    EXPECT_EQ(only_effect(), FollowerEffect(StopFetching{FollowerFailure::Unexpected}));
}

TEST_F(FetcherTest, OutOfRangeAsksForBothEnds) {
    answer_one(data(0, ErrorCode::OffsetOutOfRange));
    const AskLeaderOffset latest{LogEdge::Latest, LeaderEpoch(5)};
    EXPECT_EQ(only_effect(), FollowerEffect(latest));
    const auto request = fetcher_.list_offsets(tp(0), latest);
    EXPECT_EQ(request.replica_id, 2);
    EXPECT_EQ(request.topics.at(0).name, "t");
    EXPECT_EQ(request.topics[0].partitions.at(0).timestamp, -1);
    EXPECT_EQ(request.topics[0].partitions[0].current_leader_epoch, 5);
    EXPECT_TRUE(std::holds_alternative<Waiting>(fetcher_.next_fetch(now_, {})));

    out_.clear();
    fetcher_.leader_edge_found(tp(0), Offset(50), out_);
    EXPECT_EQ(only_effect(), FollowerEffect(AskLeaderOffset{LogEdge::Earliest, LeaderEpoch(5)}));
    out_.clear();
    fetcher_.leader_edge_found(tp(0), Offset(30), out_);
    EXPECT_EQ(only_effect(), FollowerEffect(TruncateFullyAndStartAt{Offset(30)}));
    fetcher_.truncated(tp(0), {Offset(30), Offset(30), Offset(30), std::nullopt});
    EXPECT_EQ(fetch().topics[0].partitions[0].fetch_offset, 30);
}

TEST_F(FetcherTest, OutOfRangeOfAShorterLeaderCuts) {
    answer_one(data(0, ErrorCode::OffsetOutOfRange));
    out_.clear();
    fetcher_.leader_edge_found(tp(0), Offset(6), out_);
    EXPECT_EQ(only_effect(), FollowerEffect(TruncateTo{Offset(6)}));
}

TEST_F(FetcherTest, OutOfRangeWithinTheLeadersLogGoesOnAtTheOwnEnd) {
    answer_one(data(0, ErrorCode::OffsetOutOfRange));
    fetcher_.leader_edge_found(tp(0), Offset(50), out_);
    out_.clear();
    fetcher_.leader_edge_found(tp(0), Offset(10), out_);
    EXPECT_TRUE(out_.empty());
    EXPECT_EQ(fetch().topics[0].partitions[0].fetch_offset, 10);
}

TEST_F(FetcherTest, QuestionsAreAskedOneAtATime) {
    add(0, 5, log_at(10, 4, 8));
    add(1, 5, log_at(10, 4, 8));
    fetch();
    answer({data(0, ErrorCode::OffsetOutOfRange), data(1, ErrorCode::OffsetOutOfRange)});
    ASSERT_EQ(out_.size(), 1U);
    EXPECT_EQ(out_[0].tp, tp(0));
    out_.clear();
    // The second question of partition 0 goes first.
    fetcher_.leader_edge_found(tp(0), Offset(50), out_);
    ASSERT_EQ(out_.size(), 1U);
    EXPECT_EQ(out_[0].tp, tp(0));
    out_.clear();
    fetcher_.leader_edge_refused(now_, tp(0), ErrorCode::NotLeaderOrFollower, out_);
    ASSERT_EQ(out_.size(), 1U);
    EXPECT_EQ(out_[0].tp, tp(1));
    EXPECT_TRUE(fetcher_.find(tp(0))->delayed(now_));
    // Removed meanwhile: the answer closes the question and nothing else.
    fetcher_.remove(tp(1));
    out_.clear();
    fetcher_.leader_edge_found(tp(1), Offset(50), out_);
    EXPECT_TRUE(out_.empty());
    EXPECT_TRUE(std::holds_alternative<IdleUntil>(fetcher_.next_fetch(now_, {})));
}

TEST_F(FetcherTest, FencedWhileAskingStops) {
    answer_one(data(0, ErrorCode::OffsetOutOfRange));
    out_.clear();
    fetcher_.leader_edge_refused(now_, tp(0), ErrorCode::FencedLeaderEpoch, out_);
    EXPECT_EQ(only_effect(), FollowerEffect(StopFetching{FollowerFailure::Fenced}));
}

TEST_F(FetcherTest, LostRequestDelaysAllAndAsksForAFullFetchAgain) {
    add(0, 5, log_at(10, 4, 8));
    add(1, 5, log_at(10, 4, 8));
    fetch();
    fetcher_.fetch_failed(now_);
    EXPECT_TRUE(std::holds_alternative<IdleUntil>(fetcher_.next_fetch(now_, {})));
    now_ = now_ + seconds(1);
    const FetchRequest request = fetch();
    EXPECT_EQ(request.session_epoch, 0);
    EXPECT_EQ(indexes(request), (std::vector{0, 1}));
}

TEST_F(FetcherTest, SessionErrorsAreRetriedAtOnceButTopicIdErrorBacksOff) {
    add(0, 5, log_at(10, 4, 8));
    fetch();
    FetchResponse response;
    response.error_code = static_cast<std::int16_t>(ErrorCode::FetchSessionIdNotFound);
    fetcher_.fetch_answered(now_, response, out_);
    fetch();
    response.error_code = static_cast<std::int16_t>(ErrorCode::FetchSessionTopicIdError);
    fetcher_.fetch_answered(now_, response, out_);
    EXPECT_TRUE(std::holds_alternative<IdleUntil>(fetcher_.next_fetch(now_, {})));
}

}  // namespace
}  // namespace bsim::replication
