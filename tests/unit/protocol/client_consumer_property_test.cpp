// A consumer under random faults of its brokers: what it is handed agrees with the logs.
#include <gtest/gtest.h>

#include "sim/base/stable_hash.h"
#include "tests/unit/protocol/client_consumer_world.h"

namespace bsim::client_test {
namespace {

constexpr int kPartitions = 3;
constexpr int kBrokers = 3;

class Storm {
  public:
    Storm(std::uint64_t seed, bool truncates) : random_(seed), truncates_(truncates) {
        ConsumerSettings settings;
        settings.auto_offset_reset = OffsetReset::Earliest;
        settings.request_timeout_ms = seconds(2);
        settings.max_poll_records = static_cast<std::int32_t>(1 + draw(7));
        settings.fetch_max_wait_ms = milliseconds(static_cast<std::int64_t>(50 + draw(200)));
        ConsumerWorld::Shape shape;
        shape.brokers = kBrokers;
        shape.partitions = kPartitions;
        shape.work = milliseconds(static_cast<std::int64_t>(draw(30)));
        shape.hints = draw(2) == 0;
        shape.sessions = draw(4) != 0;
        shape.seed = seed;
        world_.emplace(settings, shape);
        world_->record_lines = false;
    }

    ConsumerWorld& rage() {
        world_->start();
        for (int step = 0; step < 150; ++step) {
            strike();
            world_->run_for(milliseconds(static_cast<std::int64_t>(draw(60))));
        }
        world_->metadata_is_fresh = true;
        world_->down.clear();
        for (auto& [index, log] : world_->logs) {
            log.injected.clear();
            if (!log.leader)
                world_->set_leader(index, 1 + index % kBrokers, log.end());
        }
        world_->run_for(seconds(20));
        return *world_;
    }

  private:
    std::uint64_t draw(std::uint64_t bound) {
        random_ = mix64(random_);
        return random_ % bound;
    }

    void strike() {
        const int partition = static_cast<int>(draw(kPartitions));
        const auto broker = static_cast<std::int32_t>(1 + draw(kBrokers));
        FakeLog& log = world_->logs.at(partition);
        switch (draw(10)) {
            case 0:
                return world_->cut(broker);
            case 1:
                return world_->kill(broker);
            case 2:
                world_->down.clear();
                return;
            case 3:
                return world_->forget_sessions(broker);
            case 4:
                world_->metadata_is_fresh = !world_->metadata_is_fresh;
                return;
            case 5:
                log.injected.push_back(kErrors[draw(std::size(kErrors))]);
                return world_->wake_fetches();
            case 6:
                return lead(partition, log);
            default:
                return world_->append(partition, static_cast<int>(1 + draw(5)), {}, draw(300));
        }
    }

    void lead(int partition, const FakeLog& log) {
        std::optional<std::int32_t> leader;
        if (draw(4) != 0)
            leader = static_cast<std::int32_t>(1 + draw(kBrokers));
        std::int64_t end = log.end();
        if (truncates_ && leader && end > 0)
            end = static_cast<std::int64_t>(draw(static_cast<std::uint64_t>(end) + 1));
        world_->set_leader(partition, leader, end);
        // So that no two logs of one epoch differ, as a real leader's first batch would see to.
        if (leader)
            world_->append(partition, 1, {}, 0);
    }

    static constexpr wire::ErrorCode kErrors[] = {
        wire::ErrorCode::UnknownTopicOrPartition, wire::ErrorCode::KafkaStorageError,
        wire::ErrorCode::UnknownServerError,      wire::ErrorCode::ReplicaNotAvailable,
        wire::ErrorCode::UnknownLeaderEpoch,      wire::ErrorCode::FencedLeaderEpoch,
        wire::ErrorCode::NotLeaderOrFollower,     wire::ErrorCode::OffsetNotAvailable};

    std::uint64_t random_;
    bool truncates_;
    std::optional<ConsumerWorld> world_;
};

std::vector<std::pair<std::int64_t, std::string>> contents(const FakeLog& log) {
    std::vector<std::pair<std::int64_t, std::string>> all;
    for (const LogBatch& stored : log.batches) {
        const auto batch = wire::parse_batch(stored.bytes);
        const auto read = wire::for_each_record(*batch, [&](const wire::RecordView& record) {
            all.emplace_back(record.offset, as_text(*record.value));
        });
        EXPECT_TRUE(read.ok());
    }
    return all;
}

TEST(ConsumerProperty, EveryRecordIsHandedOutOnceAndInOrderWhileNoLogIsCut) {
    std::size_t records = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Storm storm(seed, false);
        ConsumerWorld& world = storm.rage();
        EXPECT_TRUE(world.failures.empty()) << "seed " << seed;
        EXPECT_EQ(world.resets.size(), std::size_t{kPartitions}) << "seed " << seed;
        for (const auto& [index, log] : world.logs) {
            EXPECT_EQ(world.handed[index], contents(log)) << "seed " << seed << " t-" << index;
            records += world.handed[index].size();
        }
    }
    EXPECT_GT(records, 5'000U);
}

// What the application keeps if it takes back what a reset declares void.
std::vector<std::pair<std::int64_t, std::string>> kept(
    const std::vector<std::pair<std::int64_t, std::string>>& handed) {
    std::vector<std::pair<std::int64_t, std::string>> kept;
    for (const auto& record : handed) {
        while (!kept.empty() && kept.back().first >= record.first)
            kept.pop_back();
        kept.push_back(record);
    }
    return kept;
}

TEST(ConsumerProperty, ALogThatIsCutIsReadAgainFromWhereItDiffers) {
    int truncations = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        Storm storm(seed, true);
        ConsumerWorld& world = storm.rage();
        EXPECT_TRUE(world.failures.empty()) << "seed " << seed;
        for (const auto& [index, log] : world.logs)
            EXPECT_EQ(kept(world.handed[index]), contents(log))
                << "seed " << seed << " t-" << index;
        for (const PositionReset& reset : world.resets) {
            if (reset.why == ResetReason::Truncated)
                ++truncations;
        }
    }
    EXPECT_GT(truncations, 50);
}

}  // namespace
}  // namespace bsim::client_test
