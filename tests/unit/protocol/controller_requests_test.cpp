// What scripts tell badly: old request versions, standbys, waiting, indexes.

#include <gtest/gtest.h>

#include "tests/unit/protocol/controller_bench.h"

namespace bsim::controller {
namespace {

using wire::ErrorCode;

std::int16_t code(ErrorCode error) {
    return static_cast<std::int16_t>(error);
}

// Three unfenced brokers and the topic orders with one partition on 1, 2, 3.
class ThreeBrokers : public testing::Test {
  protected:
    explicit ThreeBrokers(ControllerConfig config = bench_config()) : bench_(std::move(config)) {
        bench_.activate(1);
        for (const std::int32_t broker : {1, 2, 3}) {
            bench_.request(4, registration(broker, 1));
            bench_.commit();
            bench_.request(1, beat(broker, epoch_of(broker), bench_.end().value() - 1));
        }
        bench_.request(7, creation("orders", {{1, 2, 3}}));
        bench_.commit();
    }

    std::int64_t epoch_of(std::int32_t broker) {
        return bench_.controller().current().broker(BrokerId(broker))->epoch.value();
    }
    const MetadataImage& now() { return bench_.controller().current(); }
    const PartitionRegistration& orders() {
        return *now().partition(TopicPartition{"orders", PartitionIndex(0)});
    }
    wire::AlterPartitionResponse::PartitionData alter(std::int16_t version,
                                                      wire::AlterPartitionRequest request) {
        const RequestToken token = bench_.request(version, std::move(request));
        bench_.commit();
        const auto* reply = bench_.reply<wire::AlterPartitionResponse>(token);
        EXPECT_NE(nullptr, reply);
        return reply->topics.at(0).partitions.at(0);
    }
    wire::AlterPartitionRequest wish(const std::vector<std::int32_t>& isr) {
        return proposal(now(), {"orders", PartitionIndex(0)}, isr);
    }
    // As before version 2: by name, and before version 3: without broker epochs.
    wire::AlterPartitionRequest old_wish(const std::vector<std::int32_t>& isr) {
        auto request = wish(isr);
        request.topics[0].topic_name = "orders";
        request.topics[0].partitions[0].new_isr = isr;
        request.topics[0].partitions[0].new_isr_with_epochs.clear();
        return request;
    }

    ControllerBench bench_;
};

TEST_F(ThreeBrokers, OldVersionsOfAlterPartitionNameTopicsAndHaveOtherErrors) {
    auto by_name = old_wish({1, 2});
    by_name.topics[0].topic_id = Uuid{};
    EXPECT_EQ(code(ErrorCode::None), alter(1, by_name).error_code);
    EXPECT_EQ(to_broker_ids({1, 2}), orders().isr);

    EXPECT_EQ(code(ErrorCode::None), alter(2, old_wish({1, 2, 3})).error_code);
    auto unknown = old_wish({1, 2});
    unknown.topics[0].topic_name = "nothing";
    EXPECT_EQ(code(ErrorCode::UnknownTopicOrPartition), alter(1, unknown).error_code);
    unknown.topics[0].topic_id = Uuid{9, 9};
    EXPECT_EQ(code(ErrorCode::UnknownTopicId), alter(2, unknown).error_code);

    bench_.request(1, [&] {
        auto leaving = beat(3, epoch_of(3), bench_.end().value() - 1);
        leaving.want_fence = true;
        return leaving;
    }());
    EXPECT_EQ(code(ErrorCode::OperationNotAttempted), alter(1, old_wish({1, 2, 3})).error_code);
    EXPECT_EQ(code(ErrorCode::IneligibleReplica), alter(2, old_wish({1, 2, 3})).error_code);
    EXPECT_EQ(code(ErrorCode::IneligibleReplica), alter(3, wish({1, 2, 3})).error_code);
}

TEST_F(ThreeBrokers, ABrokerEpochOfAnEarlierLifeIsIneligibleForTheIsr) {
    EXPECT_EQ(code(ErrorCode::None), alter(3, wish({1, 2})).error_code);
    auto stale = wish({1, 2, 3});
    bench_.wait(seconds(8));
    for (const std::int32_t broker : {1, 2}) {
        bench_.request(1, beat(broker, epoch_of(broker), bench_.end().value() - 1));
    }
    bench_.wait(seconds(2));
    bench_.request(4, registration(3, 2));
    bench_.request(1, beat(3, epoch_of(3), bench_.end().value() - 1));
    bench_.commit();
    ASSERT_TRUE(now().is_active(BrokerId(3)));
    EXPECT_EQ(code(ErrorCode::IneligibleReplica), alter(3, stale).error_code);
    EXPECT_EQ(code(ErrorCode::None), alter(3, wish({1, 2, 3})).error_code);
}

TEST_F(ThreeBrokers, AnAnswerWithoutRecordsWaitsForWhatIsPending) {
    const RequestToken written = bench_.request(3, wish({1, 2}));
    const RequestToken read = bench_.request(1, beat(1, epoch_of(1), bench_.end().value() - 1));
    const RequestToken refused = bench_.request(1, beat(1, 12345, 0));
    EXPECT_EQ(nullptr, bench_.reply<wire::AlterPartitionResponse>(written));
    EXPECT_EQ(nullptr, bench_.reply<wire::BrokerHeartbeatResponse>(read));
    EXPECT_NE(nullptr, bench_.reply<wire::BrokerHeartbeatResponse>(refused));
    bench_.commit();
    EXPECT_NE(nullptr, bench_.reply<wire::AlterPartitionResponse>(written));
    EXPECT_NE(nullptr, bench_.reply<wire::BrokerHeartbeatResponse>(read));
    const RequestToken idle = bench_.request(1, beat(1, epoch_of(1), bench_.end().value() - 1));
    EXPECT_NE(nullptr, bench_.reply<wire::BrokerHeartbeatResponse>(idle));
}

TEST_F(ThreeBrokers, CommittedAndCurrentDifferByWhatIsPending) {
    bench_.request(3, wish({1, 2}));
    EXPECT_EQ(to_broker_ids({1, 2}), orders().isr);
    const auto* committed =
        bench_.controller().committed().partition(TopicPartition{"orders", PartitionIndex(0)});
    EXPECT_EQ(to_broker_ids({1, 2, 3}), committed->isr);
    bench_.resign();
    EXPECT_EQ(to_broker_ids({1, 2, 3}), orders().isr);
}

TEST_F(ThreeBrokers, RequestsForNothingAreAnsweredEvenByAStandby) {
    bench_.resign();
    const RequestToken token = bench_.request(7, wire::CreateTopicsRequest{});
    ASSERT_NE(nullptr, bench_.reply<wire::CreateTopicsResponse>(token));
    wire::ElectLeadersRequest none;
    none.topic_partitions.emplace();
    ASSERT_NE(nullptr, bench_.reply<wire::ElectLeadersResponse>(bench_.request(2, none)));
}

TEST_F(ThreeBrokers, AStandbyThatLeadsTheLogAnnouncesWhatTheOldControllerWrote) {
    ControllerBench standby;
    standby.follow(bench_, false);
    EXPECT_TRUE(standby.notices().empty());
    EXPECT_EQ(bench_.controller().committed(), standby.controller().committed());

    bench_.request(3, wish({1, 2}));
    bench_.wait(seconds(10));
    bench_.commit();
    standby.follow(bench_, true);
    std::vector<std::string> reasons;
    int elected = 0;
    for (const ControllerEffect& notice : standby.notices()) {
        if (const auto* changed = std::get_if<PartitionChanged>(&notice)) {
            reasons.emplace_back(name(changed->reason));
        }
        elected += std::holds_alternative<LeaderElected>(notice) ? 1 : 0;
    }
    // 1 goes and 2 leads; 2 goes and nobody does; 3, outside the ISR, changes nothing.
    EXPECT_EQ((std::vector<std::string>{"alter-partition", "fenced", "fenced"}), reasons);
    EXPECT_EQ(1, elected);
    EXPECT_EQ(bench_.controller().committed(), standby.controller().committed());

    standby.activate(2);
    EXPECT_EQ(bench_.controller().committed(), standby.controller().current());
}

TEST_F(ThreeBrokers, TheLogOfACommittedClusterReadsBackFromItsBytes) {
    MetadataImage replayed;
    std::int64_t offset = 0;
    for (const wire::VersionedRecord& record : bench_.log()) {
        const auto read = wire::decode_metadata_record(wire::encode_metadata_record(record));
        ASSERT_TRUE(read.ok());
        EXPECT_EQ(record, *read);
        replayed.apply(read->record, Offset(offset++));
    }
    EXPECT_EQ(now(), replayed);
}

ControllerConfig idle_config() {
    ControllerConfig config = bench_config();
    config.max_idle_interval = milliseconds(500);
    return config;
}

class IdleCluster : public ThreeBrokers {
  protected:
    IdleCluster() : ThreeBrokers(idle_config()) {}
};

TEST_F(IdleCluster, ANoOpRecordHoldsTheHeartbeatsAnswerBack) {
    bench_.wait(milliseconds(500));
    ASSERT_TRUE(std::holds_alternative<wire::NoOpRecord>(bench_.log().back().record));
    const RequestToken token = bench_.request(1, beat(1, epoch_of(1), bench_.end().value() - 1));
    EXPECT_EQ(nullptr, bench_.reply<wire::BrokerHeartbeatResponse>(token));
    bench_.commit();
    EXPECT_NE(nullptr, bench_.reply<wire::BrokerHeartbeatResponse>(token));
    // Every half second, whatever else is written.
    const std::size_t before = bench_.log().size();
    bench_.wait(seconds(5));
    EXPECT_EQ(before + 10, bench_.log().size());
}

TEST_F(ThreeBrokers, WithoutHeartbeatsNothingWakesAnIdleController) {
    bench_.wait(seconds(60));
    EXPECT_FALSE(now().is_active(BrokerId(1)));
    bench_.commit();
    // Leaderless partitions are looked at, but without unclean elections nothing is written.
    const std::size_t before = bench_.log().size();
    bench_.wait(seconds(3600));
    EXPECT_EQ(before, bench_.log().size());
}

TEST(ControllerScale, AFencedBrokerLeavesTenThousandPartitionsInOneBatch) {
    ControllerBench bench;
    bench.activate(1);
    for (const std::int32_t broker : {1, 2}) {
        bench.request(4, registration(broker, 1));
        bench.request(
            1, beat(broker, bench.controller().current().broker(BrokerId(broker))->epoch.value(),
                    bench.end().value() - 1));
    }
    for (int t = 0; t < 5; ++t) {
        bench.request(7, creation("t" + std::to_string(t),
                                  std::vector<std::vector<std::int32_t>>(2000, {1, 2})));
    }
    bench.commit();
    bench.wait(seconds(5));
    bench.request(1, beat(2, bench.controller().current().broker(BrokerId(2))->epoch.value(),
                          bench.end().value() - 1));
    const std::size_t before = bench.log().size();
    bench.wait(seconds(5));
    EXPECT_EQ(before + 10'001, bench.log().size());
    bench.commit();
    for (const auto& [name, id] : bench.controller().committed().topic_ids()) {
        for (const auto& [index, partition] :
             bench.controller().committed().topic(id)->partitions) {
            ASSERT_EQ(BrokerId(2), partition.leader);
        }
    }
}

}  // namespace
}  // namespace bsim::controller
