// The purgatories of Produce and Fetch.

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "sim/protocol/replication/delayed_fetch.h"
#include "sim/protocol/replication/delayed_produce.h"

namespace bsim::replication {
namespace {

using wire::ErrorCode;

TopicIdPartition tp(std::int32_t index) {
    return {Uuid{1, 1}, PartitionIndex(index)};
}
SimTime at_ms(std::int64_t ms) {
    return SimTime(milliseconds(ms).ns());
}

class Marks : public ProduceStatusView {
  public:
    std::optional<ErrorCode> produce_status(const TopicIdPartition& part,
                                            Offset required) const override {
        ++asked;
        if (lost.contains(part))
            return ErrorCode::NotLeaderOrFollower;
        const auto found = hw.find(part);
        if (found == hw.end() || found->second < required)
            return std::nullopt;
        return ErrorCode::None;
    }
    std::map<TopicIdPartition, Offset> hw;
    std::map<TopicIdPartition, bool> lost;
    mutable int asked = 0;
};

DelayedProduces::Request produce(std::uint64_t id,
                                 std::int64_t deadline_ms,
                                 std::vector<ProducePart> parts) {
    return {OperationId(id), at_ms(deadline_ms), std::move(parts)};
}
ProducePart needs(std::int32_t index, std::int64_t offset) {
    return {tp(index), Offset(offset), {}};
}

TEST(DelayedProduces, CompletesWhenEveryPartitionHasAnswered) {
    Marks marks;
    DelayedProduces purgatory;
    std::vector<CompletedProduce> done;
    purgatory.add(produce(1, 100, {needs(0, 4), needs(1, 2)}), marks, done);
    marks.hw[tp(0)] = Offset(4);
    purgatory.check(tp(0), marks, done);
    EXPECT_TRUE(done.empty());
    // What was answered stays answered, even if that partition is lost meanwhile.
    marks.lost[tp(0)] = true;
    purgatory.check(tp(0), marks, done);
    marks.hw[tp(1)] = Offset(2);
    purgatory.check(tp(1), marks, done);
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].parts[0].answer, ErrorCode::None);
    EXPECT_EQ(done[0].parts[1].answer, ErrorCode::None);
    EXPECT_FALSE(done[0].expired);
    EXPECT_EQ(purgatory.size(), 0U);
    EXPECT_EQ(purgatory.next_deadline(), std::nullopt);
}

TEST(DelayedProduces, CompletesAtOnceIfAllIsKnown) {
    Marks marks;
    marks.hw[tp(0)] = Offset(9);
    DelayedProduces purgatory;
    std::vector<CompletedProduce> done;
    ProducePart failed = needs(1, 5);
    failed.answer = ErrorCode::NotEnoughReplicas;
    purgatory.add(produce(1, 100, {needs(0, 4), failed}), marks, done);
    ASSERT_EQ(done.size(), 1U);
    EXPECT_EQ(done[0].parts[1].answer, ErrorCode::NotEnoughReplicas);
}

TEST(DelayedProduces, LostLeadershipAnswersAllThatWait) {
    Marks marks;
    DelayedProduces purgatory;
    std::vector<CompletedProduce> done;
    for (std::uint64_t id = 1; id <= 3; ++id) {
        purgatory.add(produce(id, 100, {needs(0, static_cast<std::int64_t>(id))}), marks, done);
    }
    marks.lost[tp(0)] = true;
    purgatory.check(tp(0), marks, done);
    ASSERT_EQ(done.size(), 3U);
    EXPECT_EQ(done[2].parts[0].answer, ErrorCode::NotLeaderOrFollower);
}

TEST(DelayedProduces, DeadlineAnswersWhatIsPending) {
    Marks marks;
    marks.hw[tp(0)] = Offset(4);
    DelayedProduces purgatory;
    std::vector<CompletedProduce> done;
    purgatory.add(produce(1, 100, {needs(0, 4), needs(1, 2)}), marks, done);
    purgatory.add(produce(2, 200, {needs(1, 2)}), marks, done);
    EXPECT_EQ(purgatory.next_deadline(), at_ms(100));
    purgatory.expire(at_ms(99), done);
    EXPECT_TRUE(done.empty());
    purgatory.expire(at_ms(100), done);
    ASSERT_EQ(done.size(), 1U);
    EXPECT_TRUE(done[0].expired);
    EXPECT_EQ(done[0].parts[0].answer, ErrorCode::None);
    EXPECT_EQ(done[0].parts[1].answer, ErrorCode::RequestTimedOut);
    purgatory.drop(OperationId(2));
    purgatory.expire(at_ms(500), done);
    EXPECT_EQ(done.size(), 1U);
}

TEST(DelayedProduces, CheckLooksOnlyAtWhatMayComplete) {
    Marks marks;
    DelayedProduces purgatory;
    std::vector<CompletedProduce> done;
    for (std::uint64_t id = 1; id <= 1000; ++id) {
        purgatory.add(produce(id, 100, {needs(0, static_cast<std::int64_t>(id))}), marks, done);
    }
    marks.hw[tp(0)] = Offset(3);
    marks.asked = 0;
    purgatory.check(tp(0), marks, done);
    EXPECT_EQ(done.size(), 3U);
    EXPECT_EQ(marks.asked, 4);
}

class Logs : public ReadableView {
  public:
    ReadableNow readable(const FetchPart& part, Isolation) const override {
        return now.at(part.tp);
    }
    std::map<TopicIdPartition, ReadableNow> now;
};

FetchPart from(std::int32_t index, std::int64_t offset, std::int64_t position) {
    FetchPart part;
    part.tp = tp(index);
    part.fetch.fetch_offset = Offset(offset);
    part.max_bytes = 1000;
    part.start = LogPosition{Offset(offset), Offset(0), position};
    return part;
}
ReadableNow up_to(std::int64_t offset, std::int64_t position) {
    return {ErrorCode::None, {Offset(offset), Offset(0), position}, {}};
}

class DelayedFetchTest : public ::testing::Test {
  protected:
    DelayedFetchTest() {
        logs_.now[tp(0)] = up_to(10, 100);
        logs_.now[tp(1)] = up_to(20, 200);
    }
    bool park(std::int64_t min_bytes) {
        return purgatory_.add({OperationId(1),
                               at_ms(500),
                               Isolation::LogEnd,
                               min_bytes,
                               {from(0, 10, 100), from(1, 20, 200)}},
                              logs_);
    }
    bool completes(std::int32_t index) {
        std::vector<OperationId> done;
        purgatory_.check(tp(index), logs_, done);
        return done == std::vector{OperationId(1)};
    }

    Logs logs_;
    DelayedFetches purgatory_;
};

TEST_F(DelayedFetchTest, WaitsForEnoughBytesOverAllPartitions) {
    ASSERT_TRUE(park(50));
    logs_.now[tp(0)] = up_to(11, 130);
    EXPECT_FALSE(completes(0));
    logs_.now[tp(1)] = up_to(21, 219);
    EXPECT_FALSE(completes(1));
    logs_.now[tp(0)] = up_to(12, 131);
    EXPECT_TRUE(completes(0));
    EXPECT_EQ(purgatory_.size(), 0U);
    EXPECT_FALSE(completes(0));
}

TEST_F(DelayedFetchTest, OnePartitionCountsUpToItsMaxBytes) {
    ASSERT_TRUE(park(1001));
    logs_.now[tp(0)] = up_to(99, 50000);
    EXPECT_FALSE(completes(0));
    logs_.now[tp(1)] = up_to(21, 201);
    EXPECT_TRUE(completes(1));
}

TEST_F(DelayedFetchTest, ErrorTruncationAndRollCompleteAtOnce) {
    ASSERT_TRUE(park(1000));
    logs_.now[tp(0)].error = ErrorCode::FencedLeaderEpoch;
    EXPECT_TRUE(completes(0));
    logs_.now[tp(0)] = up_to(10, 100);
    ASSERT_TRUE(park(1000));
    logs_.now[tp(0)] = up_to(9, 90);
    EXPECT_TRUE(completes(0));
    logs_.now[tp(0)] = up_to(10, 100);
    ASSERT_TRUE(park(1000));
    // At the same offset a new segment is no reason: the mark may still name the old one.
    logs_.now[tp(0)] = {ErrorCode::None, {Offset(10), Offset(10), 0}, {}};
    EXPECT_FALSE(completes(0));
    logs_.now[tp(0)] = {ErrorCode::None, {Offset(11), Offset(10), 30}, {}};
    EXPECT_TRUE(completes(0));
}

TEST_F(DelayedFetchTest, DivergenceCompletes) {
    FetchPart part = from(0, 10, 100);
    part.fetch.last_fetched_epoch = LeaderEpoch(3);
    logs_.now[tp(0)].end_of_last_fetched = EpochEnd{LeaderEpoch(3), Offset(10)};
    const DelayedFetches::Request request{
        OperationId(1), at_ms(500), Isolation::LogEnd, 1000, {part}};
    ASSERT_TRUE(purgatory_.add(request, logs_));
    EXPECT_FALSE(completes(0));
    logs_.now[tp(0)].end_of_last_fetched = EpochEnd{LeaderEpoch(2), Offset(10)};
    EXPECT_TRUE(completes(0));
    EXPECT_FALSE(purgatory_.add(request, logs_));
    logs_.now[tp(0)].end_of_last_fetched.reset();
    EXPECT_FALSE(purgatory_.add(request, logs_));
}

TEST_F(DelayedFetchTest, UnknownStartNeverCompletesByItself) {
    FetchPart part = from(0, 10, 100);
    part.start.reset();
    ASSERT_TRUE(purgatory_.add({OperationId(1), at_ms(500), Isolation::LogEnd, 1, {part}}, logs_));
    logs_.now[tp(0)] = up_to(99, 5000);
    EXPECT_FALSE(completes(0));
    std::vector<OperationId> done;
    purgatory_.expire(at_ms(500), done);
    EXPECT_EQ(done, std::vector{OperationId(1)});
}

TEST_F(DelayedFetchTest, AnsweredWithoutParking) {
    const DelayedFetches::Request request{
        OperationId(1), {}, Isolation::LogEnd, 10, {from(0, 0, 0)}};
    const auto now = [&](const FirstRead& read) {
        return DelayedFetches::answer_now(read, milliseconds(500), request);
    };
    EXPECT_FALSE(now({9, false, false}));
    EXPECT_TRUE(now({10, false, false}));
    EXPECT_TRUE(now({0, true, false}));
    EXPECT_TRUE(now({0, false, true}));
    EXPECT_TRUE(DelayedFetches::answer_now({}, milliseconds(0), request));
    EXPECT_TRUE(
        DelayedFetches::answer_now({}, milliseconds(500), {OperationId(1), {}, {}, 10, {}}));
}

// Many operations over few partitions, against a list that is searched from the start.
TEST(DelayedProduces, AgreesWithADumbTwin) {
    struct Plain {
        std::uint64_t id;
        std::int64_t deadline;
        std::vector<ProducePart> parts;
    };
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
        std::mt19937_64 random(seed);
        Marks marks;
        DelayedProduces purgatory;
        std::vector<Plain> plain;
        std::int64_t now = 0;
        for (std::uint64_t step = 1; step < 200; ++step) {
            std::vector<CompletedProduce> done;
            const auto index = static_cast<std::int32_t>(random() % 3);
            if (random() % 2 == 0) {
                Plain op{step, now + static_cast<std::int64_t>(random() % 20), {}};
                for (std::int32_t i = 0; i < 3; ++i) {
                    if (i == index || random() % 2 == 0) {
                        op.parts.push_back(needs(i, marks.hw[tp(i)].value() + 1 +
                                                        static_cast<std::int64_t>(random() % 5)));
                    }
                }
                purgatory.add(produce(op.id, op.deadline, op.parts), marks, done);
                plain.push_back(op);
            } else {
                marks.hw[tp(index)] = marks.hw[tp(index)] + 1;
                purgatory.check(tp(index), marks, done);
            }
            now += static_cast<std::int64_t>(random() % 3);
            purgatory.expire(at_ms(now), done);

            std::vector<std::uint64_t> expected;
            std::erase_if(plain, [&](const Plain& op) {
                const bool complete = std::all_of(
                    op.parts.begin(), op.parts.end(),
                    [&](const ProducePart& part) { return marks.hw[part.tp] >= part.required; });
                if (complete || op.deadline <= now)
                    expected.push_back(op.id);
                return complete || op.deadline <= now;
            });
            std::vector<std::uint64_t> actual;
            for (const CompletedProduce& completed : done)
                actual.push_back(completed.id.value());
            std::sort(actual.begin(), actual.end());
            ASSERT_EQ(actual, expected) << "seed " << seed << " step " << step;
        }
    }
}

}  // namespace
}  // namespace bsim::replication
