#include "sim/check/replica_log.h"

#include <map>

#include <gtest/gtest.h>

#include "sim/base/stable_hash.h"

namespace bsim {
namespace {

LoggedBatch batch(std::int64_t base, std::int64_t last, std::uint32_t crc) {
    return {Offset(base), Offset(last), LeaderEpoch(0), crc};
}

TEST(ReplicaLog, ACutTakesABatchThatOnlyPartlyFits) {
    ReplicaLog log;
    std::vector<LoggedBatch> removed;
    log.append(batch(0, 4, 1), removed);
    log.append(batch(5, 9, 2), removed);
    log.set_end(Offset(7), removed);
    EXPECT_EQ(removed, std::vector{batch(5, 9, 2)});
    EXPECT_EQ(log.end(), Offset(7));
    EXPECT_FALSE(log.holds(batch(5, 9, 2)));
    EXPECT_TRUE(log.holds(batch(0, 4, 1)));
}

TEST(ReplicaLog, AGapIsNeitherHeldNorABatchBefore) {
    ReplicaLog log;
    std::vector<LoggedBatch> removed;
    log.append(batch(0, 4, 1), removed);
    log.set_end(Offset(10), removed);
    log.append(batch(10, 10, 3), removed);
    EXPECT_TRUE(removed.empty());
    EXPECT_EQ(log.at(Offset(7)), nullptr);
    EXPECT_EQ(log.before(1), nullptr);
    EXPECT_EQ(log.before(0), nullptr);
}

TEST(ReplicaLog, WhatLiesBelowTheStartCountsAsHeld) {
    ReplicaLog log;
    std::vector<LoggedBatch> removed;
    log.append(batch(0, 4, 1), removed);
    log.append(batch(5, 9, 2), removed);
    log.set_start(Offset(5));
    EXPECT_TRUE(removed.empty());
    EXPECT_TRUE(log.holds(batch(0, 4, 77)));
    EXPECT_EQ(log.batches().size(), 1U);
    log.clear_and_start_at(Offset(20), removed);
    EXPECT_EQ(removed, std::vector{batch(5, 9, 2)});
    EXPECT_EQ(log.start(), Offset(20));
    EXPECT_EQ(log.end(), Offset(20));
}

// The twin maps each offset to the batch that covers it.
TEST(ReplicaLog, AgreesWithAMapOfOffsets) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        std::uint64_t state = seed;
        const auto draw = [&](std::uint64_t below) {
            state = mix64(state);
            return static_cast<std::int64_t>(state % below);
        };
        ReplicaLog log;
        std::map<std::int64_t, LoggedBatch> twin;
        std::vector<LoggedBatch> removed;
        const auto drop = [&](std::int64_t from) {
            std::erase_if(twin, [&](const auto& e) { return e.second.last.value() >= from; });
        };
        for (int step = 0; step < 60; ++step) {
            removed.clear();
            if (draw(3) > 0) {
                const std::int64_t base = draw(4) > 0 ? log.end().value() : draw(30);
                const LoggedBatch fresh =
                    batch(base, base + draw(4), static_cast<std::uint32_t>(step));
                drop(base);
                for (std::int64_t o = base; o <= fresh.last.value(); ++o)
                    twin[o] = fresh;
                log.append(fresh, removed);
            } else {
                const std::int64_t end = draw(static_cast<std::uint64_t>(log.end().value()) + 1);
                drop(end);
                log.set_end(Offset(end), removed);
            }
            for (std::int64_t o = 0; o < 40; ++o) {
                const LoggedBatch* const found = log.at(Offset(o));
                ASSERT_EQ(found != nullptr, twin.contains(o)) << "seed " << seed << " offset " << o;
                if (found != nullptr) {
                    ASSERT_EQ(*found, twin[o]);
                    ASSERT_TRUE(log.holds(*found));
                }
            }
        }
    }
}

}  // namespace
}  // namespace bsim
