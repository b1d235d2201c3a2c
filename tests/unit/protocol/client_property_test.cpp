// A producer against brokers that fail at random, then heal. Seeded; on failure the trace names the
// seed. BSIM_CLIENT_SEEDS widens the search.
#include <cstdlib>

#include <gtest/gtest.h>

#include "tests/unit/protocol/client_world.h"

namespace bsim::client_test {
namespace {

enum class Mode { Idempotent, IdempotentImpatient, OneInFlight, Anything };

class Storm {
  public:
    Storm(Mode mode, std::uint64_t seed)
        : patient_(mode == Mode::Idempotent), dice_(seed * 7919 + 17), world_(make(mode)) {
        world_.record_lines = false;
        world_.forgets_broken_requests = mode == Mode::OneInFlight;
    }

    void run() {
        world_.start();
        while (world_.now < SimTime(seconds(15).ns())) {
            if (dice(100) < 70)
                send_some();
            if (dice(100) < 30)
                trouble();
            world_.run_for(milliseconds(dice(40)));
        }
        heal();
        world_.run_for(seconds(400));
    }

    World& world() { return world_; }
    std::uint64_t sent() const { return next_id_ - 1; }

  private:
    std::int32_t dice(std::uint64_t bound) {
        dice_ = mix64(dice_);
        return static_cast<std::int32_t>(dice_ % bound);
    }

    World make(Mode mode) {
        ProducerSettings s;
        s.enable_idempotence = mode == Mode::Idempotent || mode == Mode::IdempotentImpatient;
        if (mode == Mode::OneInFlight)
            s.max_in_flight_requests_per_connection = 1;
        if (mode == Mode::Anything) {
            s.acks = static_cast<Acks>(dice(3) - 1);
            s.max_in_flight_requests_per_connection = 1 + dice(8);
            s.retries = dice(2) == 0 ? 3 : s.retries;
        }
        s.linger_ms = milliseconds(dice(2) * dice(30));
        s.batch_size = 100 + dice(2000);
        s.buffer_memory = 8000 + dice(20000);
        s.request_timeout_ms = milliseconds(300 + dice(1000));
        s.delivery_timeout_ms = s.request_timeout_ms + s.linger_ms + milliseconds(dice(6000));
        if (mode == Mode::Idempotent)
            s.delivery_timeout_ms = seconds(120);
        s.max_block_ms = milliseconds(200 + dice(5000));
        s.max_request_size = 500 + dice(3000);
        s.partitioner_availability_timeout_ms = milliseconds(dice(2) * 100);
        World::Shape shape;
        shape.partitions = 1 + dice(6);
        shape.brokers = 1 + dice(4);
        shape.hints = dice(2) == 0;
        shape.delay = microseconds(100 + dice(5000));
        shape.seed = dice_;
        return World(s, shape);
    }

    void send_some() {
        for (int n = 1 + dice(6); n > 0; --n) {
            const auto id = next_id_++;
            const auto size = static_cast<std::size_t>(8 + dice(400));
            switch (dice(3)) {
                case 0:
                    world_.send(id, dice(world_.partitions.size()), std::nullopt, size);
                    break;
                case 1:
                    world_.send(id, std::nullopt, "key" + std::to_string(dice(20)), size);
                    break;
                default:
                    world_.send(id, std::nullopt, std::nullopt, size);
                    break;
            }
        }
    }

    std::int32_t any_broker() { return 1 + dice(world_.settings.bootstrap_servers.size()); }

    // Only an impatient producer gets what it has to take as final: see the test about epochs.
    wire::ErrorCode before_append() {
        static const wire::ErrorCode kErrors[] = {
            wire::ErrorCode::NotEnoughReplicas, wire::ErrorCode::NotLeaderOrFollower,
            wire::ErrorCode::UnknownTopicOrPartition, wire::ErrorCode::KafkaStorageError,
            wire::ErrorCode::InvalidRecord};
        return kErrors[dice(patient_ ? 4 : 5)];
    }

    // Only with acks=all does a leader wait after the append, and so may lose its office.
    wire::ErrorCode after_append() {
        static const wire::ErrorCode kErrors[] = {wire::ErrorCode::NotEnoughReplicasAfterAppend,
                                                  wire::ErrorCode::RequestTimedOut,
                                                  wire::ErrorCode::NotLeaderOrFollower};
        return kErrors[dice(world_.settings.acks == Acks::All ? 3 : 2)];
    }

    void trouble() {
        const std::int32_t broker = any_broker();
        const std::int32_t partition = dice(world_.partitions.size());
        switch (dice(11)) {
            case 0:
                return world_.cut(broker);
            case 1:
                return world_.kill(broker);
            case 2:
            case 3:
                return world_.restart(broker);
            case 4:
                return world_.pause(broker);
            case 5:
            case 6:
                return world_.resume(broker);
            case 7:
                return world_.set_leader(partition, any_broker());
            case 8:
                return world_.inject(partition, before_append(), 1 + dice(4), false);
            case 9: {
                // Who waits in vain for followers does so for every batch.
                auto& sick = world_.partitions.at(partition).sick;
                sick = sick ? std::nullopt : std::optional(after_append());
                return;
            }
            default:
                world_.metadata_sees_leaders = !world_.metadata_sees_leaders;
                return;
        }
    }

    void heal() {
        world_.metadata_sees_leaders = true;
        for (std::int32_t b = 1; b <= 4; ++b) {
            world_.restart(b);
            world_.resume(b);
        }
        for (auto& [index, partition] : world_.partitions) {
            partition.injected.clear();
            partition.sick.reset();
        }
    }

    bool patient_;
    std::uint64_t dice_;
    std::uint64_t next_id_ = 1;
    World world_;
};

std::uint64_t seeds() {
    const char* wanted = std::getenv("BSIM_CLIENT_SEEDS");
    return wanted != nullptr ? std::stoull(wanted) : 100;
}

// What holds for every producer: each record one outcome, nothing left behind, and what is said of
// the log is true.
void expect_sound(Storm& storm) {
    World& world = storm.world();
    for (std::uint64_t id = 1; id <= storm.sent(); ++id) {
        ASSERT_EQ(world.outcomes[id], 1) << "record " << id;
    }
    EXPECT_EQ(world.producer.buffer_used(), 0);
    EXPECT_TRUE(world.producer.sender().accumulator().batches().empty());
    EXPECT_EQ(world.producer.waiting(), 0U);
    EXPECT_EQ(world.producer.sender().network().in_flight_count(), 0U);

    std::map<std::uint64_t, int> copies;
    for (const auto& [index, partition] : world.partitions) {
        for (const LoggedRecord& record : partition.log)
            ++copies[record.id];
    }
    for (const std::uint64_t id : world.acked) {
        if (world.settings.acks == Acks::None)
            continue;
        EXPECT_GE(copies[id], 1) << "acked " << id;
    }
    for (const std::uint64_t id : world.surely_lost)
        EXPECT_EQ(copies[id], 0) << "lost " << id;
}

void expect_first_copies_in_order(const World& world) {
    for (const auto& [index, partition] : world.partitions) {
        std::set<std::uint64_t> seen;
        std::uint64_t last = 0;
        for (const LoggedRecord& record : partition.log) {
            if (!seen.insert(record.id).second)
                continue;
            ASSERT_GT(record.id, last) << "partition " << index;
            last = record.id;
        }
    }
}

void expect_no_duplicates(const World& world) {
    for (const auto& [index, partition] : world.partitions) {
        std::set<std::uint64_t> seen;
        for (const LoggedRecord& record : partition.log) {
            ASSERT_TRUE(seen.insert(record.id).second)
                << "record " << record.id << " twice in partition " << index;
        }
    }
}

TEST(ProducerInAStorm, WithIdempotenceNothingIsDoubledOrReordered) {
    int acked = 0;
    int unknown = 0;
    for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Storm storm(Mode::Idempotent, seed);
        storm.run();
        expect_sound(storm);
        expect_no_duplicates(storm.world());
        expect_first_copies_in_order(storm.world());
        for (const auto& [id, outcomes] : storm.world().outcomes) {
            const bool told = storm.world().acked.contains(id);
            if (!told && !storm.world().surely_lost.contains(id))
                ++unknown;
        }
        acked += static_cast<int>(storm.world().acked.size());
        if (testing::Test::HasFailure())
            return;
    }
    EXPECT_GT(acked, 1000);
    // A batch that more than five others overtook (its leader moved and its answer was lost) is
    // unknown to the broker's memory of five: it is refused until it expires.
    EXPECT_LT(unknown * 100, acked);
}

// A batch given up for good makes Kafka's producer renumber those behind it under a new epoch,
// although one of them may have been appended and only its acknowledgement be missing. So records
// may be doubled, but never under one epoch.
TEST(ProducerInAStorm, WithShortDeliveryTimeoutsRecordsMayBeDoubledAcrossEpochs) {
    for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Storm storm(Mode::IdempotentImpatient, seed);
        storm.run();
        expect_sound(storm);
        for (const auto& [index, partition] : storm.world().partitions) {
            std::map<std::int16_t, std::uint64_t> last_of_epoch;
            for (const LoggedRecord& record : partition.log) {
                std::uint64_t& last = last_of_epoch[record.producer_epoch];
                ASSERT_GT(record.id, last) << "partition " << index;
                last = record.id;
            }
        }
        if (testing::Test::HasFailure())
            return;
    }
}

TEST(ProducerInAStorm, WithOneRequestInFlightNothingIsReordered) {
    for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Storm storm(Mode::OneInFlight, seed);
        storm.run();
        expect_sound(storm);
        expect_first_copies_in_order(storm.world());
        if (testing::Test::HasFailure())
            return;
    }
}

TEST(ProducerInAStorm, WithAnySettingsEachRecordGetsOneTrueOutcome) {
    for (std::uint64_t seed = 0; seed < seeds(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Storm storm(Mode::Anything, seed);
        storm.run();
        expect_sound(storm);
        if (testing::Test::HasFailure())
            return;
    }
}

// The harness must be able to see what idempotence prevents.
TEST(ProducerInAStorm, WithoutIdempotenceTheStormDoesDoubleAndReorder) {
    int doubled = 0;
    int reordered = 0;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        Storm storm(Mode::Anything, seed);
        storm.run();
        for (const auto& [index, partition] : storm.world().partitions) {
            std::set<std::uint64_t> seen;
            std::uint64_t last = 0;
            for (const LoggedRecord& record : partition.log) {
                const bool first = seen.insert(record.id).second;
                if (!first)
                    ++doubled;
                if (first && record.id < last)
                    ++reordered;
                if (first)
                    last = record.id;
            }
        }
    }
    EXPECT_GT(doubled, 0);
    EXPECT_GT(reordered, 0);
}

TEST(ProducerInAStorm, TheSameDrawsGiveTheSameStory) {
    Storm one(Mode::Idempotent, 5);
    Storm two(Mode::Idempotent, 5);
    one.world().record_lines = two.world().record_lines = true;
    one.run();
    two.run();
    EXPECT_FALSE(one.world().lines.empty());
    EXPECT_EQ(one.world().lines, two.world().lines);
}

}  // namespace
}  // namespace bsim::client_test
