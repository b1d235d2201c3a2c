// Incremental fetch sessions (KIP-227): the fetching side, the leader's cache, and both together.

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "sim/protocol/replication/fetch_session.h"

namespace bsim::replication {
namespace {

using wire::ErrorCode;
using wire::FetchRequest;
using wire::FetchResponse;

constexpr std::int16_t kVersion = 17;

TopicIdPartition tp(std::uint64_t topic, std::int32_t index) {
    return {Uuid{0, topic}, PartitionIndex(index)};
}
WantedPartition want(const TopicIdPartition& at, std::int64_t offset) {
    return {at, {Offset(offset), Offset(0), 1000, LeaderEpoch(1), std::nullopt}};
}
FetchedPartition got(const TopicIdPartition& at, std::int64_t hw, bool records) {
    FetchedPartition result{at, {}};
    result.data.high_watermark = hw;
    result.data.log_start_offset = 0;
    if (records)
        result.data.records = SharedBytes(std::vector<std::uint8_t>{1});
    return result;
}
std::vector<TopicIdPartition> named(const FetchRequest& request) {
    std::vector<TopicIdPartition> all;
    for (const auto& topic : request.topics) {
        for (const auto& part : topic.partitions) {
            all.push_back({topic.topic_id, PartitionIndex(part.partition)});
        }
    }
    return all;
}
std::vector<TopicIdPartition> named(const FetchResponse& response) {
    std::vector<TopicIdPartition> all;
    for (const auto& topic : response.responses) {
        for (const auto& part : topic.partitions) {
            all.push_back({topic.topic_id, PartitionIndex(part.partition_index)});
        }
    }
    return all;
}
std::vector<TopicIdPartition> listed(const FetchContext& context) {
    std::vector<TopicIdPartition> all;
    for (const WantedPartition& part : context.partitions)
        all.push_back(part.tp);
    return all;
}
using Tps = std::vector<TopicIdPartition>;

class SessionTest : public ::testing::Test {
  protected:
    FetchRequest build(const std::vector<WantedPartition>& wanted) {
        FetchRequest request;
        request.replica_state.replica_id = 2;
        EXPECT_TRUE(handler_.build(wanted, request));
        return request;
    }
    FetchResponse respond(const FetchContext& context, std::vector<FetchedPartition> results) {
        FetchResponse response;
        cache_.respond(now_, context, results, 12345, response);
        return response;
    }
    FetchContext open(const FetchRequest& request) { return cache_.open(now_, request, kVersion); }
    // A session over partitions 0 and 1 of topic 1, at offset 5 with mark 5.
    void establish() {
        const FetchContext context = open(build({want(tp(1, 0), 5), want(tp(1, 1), 5)}));
        ASSERT_TRUE(handler_.answered(
            respond(context, {got(tp(1, 0), 5, false), got(tp(1, 1), 5, false)})));
        ASSERT_EQ(handler_.session_epoch(), 1);
    }

    FetchSessionHandler handler_;
    FetchSessionCache cache_;
    SimTime now_{seconds(10).ns()};
};

TEST_F(SessionTest, FirstRequestIsFullAndOpensASession) {
    const FetchRequest request = build({want(tp(1, 0), 5), want(tp(2, 0), 0), want(tp(1, 1), 7)});
    EXPECT_EQ(request.session_id, 0);
    EXPECT_EQ(request.session_epoch, 0);
    // Grouped by neighbours, in the order of fetching.
    ASSERT_EQ(request.topics.size(), 3U);
    const FetchContext context = open(request);
    EXPECT_EQ(context.kind, FetchContext::Kind::Full);
    EXPECT_TRUE(context.from_follower);
    EXPECT_EQ(listed(context), (Tps{tp(1, 0), tp(2, 0), tp(1, 1)}));
    const FetchResponse response = respond(
        context, {got(tp(1, 0), 5, false), got(tp(2, 0), 5, true), got(tp(1, 1), 5, false)});
    // A full answer names all, news or not.
    EXPECT_EQ(named(response), (Tps{tp(1, 0), tp(2, 0), tp(1, 1)}));
    EXPECT_NE(response.session_id, 0);
    EXPECT_TRUE(handler_.answered(response));
    EXPECT_EQ(handler_.session_id(), response.session_id);
    EXPECT_EQ(handler_.session_epoch(), 1);
    EXPECT_EQ(cache_.size(), 1U);
}

TEST_F(SessionTest, NextRequestsNameOnlyChanges) {
    establish();
    const FetchRequest same = build({want(tp(1, 0), 5), want(tp(1, 1), 5)});
    EXPECT_TRUE(same.topics.empty());
    const FetchContext context = open(same);
    EXPECT_EQ(context.kind, FetchContext::Kind::Incremental);
    EXPECT_EQ(listed(context), (Tps{tp(1, 0), tp(1, 1)}));
    EXPECT_TRUE(
        handler_.answered(respond(context, {got(tp(1, 0), 5, false), got(tp(1, 1), 5, false)})));

    // One moved on, one is new, one is gone.
    const FetchRequest changed = build({want(tp(1, 0), 6), want(tp(1, 2), 0)});
    EXPECT_EQ(changed.session_epoch, 2);
    EXPECT_EQ(named(changed), (Tps{tp(1, 0), tp(1, 2)}));
    ASSERT_EQ(changed.forgotten_topics_data.size(), 1U);
    EXPECT_EQ(changed.forgotten_topics_data[0].partitions, std::vector{1});
    const FetchContext next = open(changed);
    EXPECT_EQ(listed(next), (Tps{tp(1, 0), tp(1, 2)}));
    EXPECT_EQ(next.partitions[0].fetch.fetch_offset, Offset(6));
}

TEST_F(SessionTest, IncrementalAnswersNameOnlyNews) {
    establish();
    const auto round = [this](std::vector<FetchedPartition> results) {
        const FetchContext context = open(build({want(tp(1, 0), 5), want(tp(1, 1), 5)}));
        const FetchResponse response = respond(context, std::move(results));
        EXPECT_TRUE(handler_.answered(response));
        return named(response);
    };
    EXPECT_EQ(round({got(tp(1, 0), 5, false), got(tp(1, 1), 5, false)}), Tps{});
    EXPECT_EQ(round({got(tp(1, 0), 5, true), got(tp(1, 1), 5, false)}), Tps{tp(1, 0)});
    EXPECT_EQ(round({got(tp(1, 0), 5, false), got(tp(1, 1), 6, false)}), Tps{tp(1, 1)});
    EXPECT_EQ(round({got(tp(1, 0), 5, false), got(tp(1, 1), 6, false)}), Tps{});
    auto start = got(tp(1, 0), 5, false);
    start.data.log_start_offset = 1;
    EXPECT_EQ(round({start, got(tp(1, 1), 6, false)}), Tps{tp(1, 0)});
    auto diverging = start;
    diverging.data.diverging_epoch.epoch = 0;
    EXPECT_EQ(round({diverging, got(tp(1, 1), 6, false)}), Tps{tp(1, 0)});
    auto preferred = start;
    preferred.data.preferred_read_replica = 3;
    EXPECT_EQ(round({preferred, got(tp(1, 1), 6, false)}), Tps{tp(1, 0)});
    // An error is told, and so is the mark once the error is over although it has not changed.
    auto failed = start;
    failed.data.error_code = static_cast<std::int16_t>(ErrorCode::NotLeaderOrFollower);
    EXPECT_EQ(round({failed, got(tp(1, 1), 6, false)}), Tps{tp(1, 0)});
    EXPECT_EQ(round({start, got(tp(1, 1), 6, false)}), Tps{tp(1, 0)});
    EXPECT_EQ(round({start, got(tp(1, 1), 6, false)}), Tps{});
}

TEST_F(SessionTest, WhatWasServedIsReadLastNextTime) {
    establish();
    respond(open(build({want(tp(1, 0), 5), want(tp(1, 1), 5)})),
            {got(tp(1, 0), 5, true), got(tp(1, 1), 5, false)});
    FetchRequest next;
    next.session_id = handler_.session_id();
    next.session_epoch = 2;
    EXPECT_EQ(listed(open(next)), (Tps{tp(1, 1), tp(1, 0)}));
}

TEST_F(SessionTest, ErrorsOfTheSessionStartItAnew) {
    establish();
    const std::int32_t id = handler_.session_id();
    FetchRequest request;
    request.session_id = id + 1;
    request.session_epoch = 1;
    EXPECT_EQ(open(request).error, ErrorCode::FetchSessionIdNotFound);
    request.session_id = id;
    request.session_epoch = 2;
    EXPECT_EQ(open(request).error, ErrorCode::InvalidFetchSessionEpoch);
    request.session_epoch = 1;
    EXPECT_EQ(cache_.open(now_, request, 12).error, ErrorCode::FetchSessionTopicIdError);

    // Unknown id: all over. Anything else: the old session is closed by the next full request.
    FetchResponse refused;
    refused.error_code = static_cast<std::int16_t>(ErrorCode::InvalidFetchSessionEpoch);
    EXPECT_FALSE(handler_.answered(refused));
    EXPECT_EQ(handler_.session_id(), id);
    EXPECT_EQ(handler_.session_epoch(), 0);
    const FetchContext context = open(build({want(tp(1, 0), 5)}));
    EXPECT_EQ(context.kind, FetchContext::Kind::Full);
    EXPECT_EQ(cache_.size(), 0U);
    refused.error_code = static_cast<std::int16_t>(ErrorCode::FetchSessionIdNotFound);
    EXPECT_FALSE(handler_.answered(refused));
    EXPECT_EQ(handler_.session_id(), 0);
}

TEST_F(SessionTest, LostRequestIsFollowedByAFullOneThatClosesTheOldSession) {
    establish();
    const std::int32_t id = handler_.session_id();
    build({want(tp(1, 0), 6)});
    handler_.request_failed();
    const FetchRequest again = build({want(tp(1, 0), 6), want(tp(1, 1), 5)});
    EXPECT_EQ(again.session_id, id);
    EXPECT_EQ(again.session_epoch, 0);
    EXPECT_EQ(named(again).size(), 2U);
}

TEST_F(SessionTest, AnswersThatDoNotFitAreRefused) {
    build({want(tp(1, 0), 5), want(tp(1, 1), 5)});
    FetchResponse incomplete;
    auto& topic = incomplete.responses.emplace_back();
    topic.topic_id = Uuid{0, 1};
    topic.partitions.emplace_back().partition_index = 0;
    EXPECT_FALSE(handler_.answered(incomplete));
    establish();
    build({want(tp(1, 0), 5), want(tp(1, 1), 5)});
    FetchResponse stranger;
    stranger.session_id = handler_.session_id();
    auto& other = stranger.responses.emplace_back();
    other.topic_id = Uuid{0, 9};
    other.partitions.emplace_back();
    EXPECT_FALSE(handler_.answered(stranger));
    EXPECT_EQ(handler_.session_epoch(), 0);
}

TEST_F(SessionTest, ForgettingEverythingClosesTheSession) {
    establish();
    FetchRequest request;
    ASSERT_TRUE(handler_.build({}, request));
    const FetchContext context = open(request);
    EXPECT_EQ(context.kind, FetchContext::Kind::Sessionless);
    EXPECT_EQ(cache_.size(), 0U);
    const FetchResponse response = respond(context, {});
    EXPECT_EQ(response.session_id, 0);
    EXPECT_TRUE(handler_.answered(response));
    FetchRequest nothing;
    EXPECT_FALSE(handler_.build({}, nothing));
}

TEST_F(SessionTest, FinalEpochAsksForNoSession) {
    FetchRequest request;
    request.session_epoch = -1;
    const FetchContext context = open(request);
    EXPECT_EQ(context.kind, FetchContext::Kind::Sessionless);
    EXPECT_FALSE(context.from_follower);
    EXPECT_EQ(respond(context, {}).session_id, 0);
}

TEST_F(SessionTest, ParkedAnswerOfAnOvertakenRequestIsRefused) {
    establish();
    const FetchContext parked = open(build({want(tp(1, 0), 5), want(tp(1, 1), 5)}));
    FetchRequest overtaking;
    overtaking.session_id = handler_.session_id();
    overtaking.session_epoch = 2;
    open(overtaking);
    EXPECT_EQ(respond(parked, {got(tp(1, 0), 5, false)}).error_code,
              static_cast<std::int16_t>(ErrorCode::InvalidFetchSessionEpoch));
}

// Fills one slot a shard; the ninth newcomer meets the first shard again.
TEST(FetchSessionCache, EvictsTheStaleThenTheLessWorthy) {
    FetchSessionCache cache(FetchSessionLimits{8, seconds(120)});
    SimTime now(0);
    const auto open_one = [&](bool follower, std::int32_t partitions) {
        FetchRequest request;
        request.session_epoch = 0;
        if (follower)
            request.replica_state.replica_id = 1;
        std::vector<FetchedPartition> results;
        for (std::int32_t i = 0; i < partitions; ++i)
            results.push_back(got(tp(1, i), 0, false));
        const FetchContext context = cache.open(now, request, kVersion);
        FetchResponse response;
        cache.respond(now, context, results, 99, response);
        return response.session_id;
    };
    for (int i = 0; i < 8; ++i)
        EXPECT_NE(open_one(false, 2), 0);
    // Young sessions of consumers are safe from consumers, not from followers.
    EXPECT_EQ(open_one(false, 9), 0);
    EXPECT_NE(open_one(true, 1), 0);
    EXPECT_EQ(cache.size(), 8U);
    // After two minutes without use anything may go.
    now = now + seconds(121);
    EXPECT_NE(open_one(false, 1), 0);
    EXPECT_EQ(cache.size(), 8U);
}

// Both sides against a twin that knows each partition's mark: after each round the fetcher has
// heard of every mark that the leader told.
TEST(FetchSessions, NothingIsMissedWhateverChanges) {
    for (std::uint64_t seed = 1; seed <= 200 && !::testing::Test::HasFailure(); ++seed) {
        std::mt19937_64 random(seed);
        FetchSessionHandler handler;
        FetchSessionCache cache;
        std::vector<std::int64_t> marks(6, 0);
        std::vector<std::int64_t> heard(6, 0);
        std::vector<bool> followed(6, false);
        for (int round = 0; round < 60; ++round) {
            const SimTime now(seconds(round).ns());
            for (std::size_t i = 0; i < marks.size(); ++i) {
                if (random() % 4 == 0)
                    marks[i] += 1;
                if (random() % 8 == 0) {
                    followed[i] = !followed[i];
                    heard[i] = -1;
                }
            }
            std::vector<WantedPartition> wanted;
            for (std::size_t i = 0; i < followed.size(); ++i) {
                if (followed[i])
                    wanted.push_back(want(tp(1, static_cast<std::int32_t>(i)), 0));
            }
            FetchRequest request;
            if (!handler.build(wanted, request))
                continue;
            if (random() % 10 == 0) {
                handler.request_failed();
                continue;
            }
            const FetchContext context = cache.open(now, request, kVersion);
            ASSERT_EQ(context.error, ErrorCode::None);
            std::vector<FetchedPartition> results;
            for (const WantedPartition& part : context.partitions) {
                const auto index = static_cast<std::size_t>(part.tp.partition.value());
                ASSERT_TRUE(followed[index]);
                results.push_back(got(part.tp, marks[index], false));
            }
            FetchResponse response;
            cache.respond(now, context, results, random(), response);
            ASSERT_TRUE(handler.answered(response));
            for (const auto& topic : response.responses) {
                for (const auto& part : topic.partitions) {
                    heard[static_cast<std::size_t>(part.partition_index)] = part.high_watermark;
                }
            }
            for (std::size_t i = 0; i < marks.size(); ++i) {
                if (!followed[i])
                    continue;
                ASSERT_EQ(heard[i], marks[i]) << "seed " << seed;
            }
        }
    }
}

}  // namespace
}  // namespace bsim::replication
