#include <random>

#include "sim/storage/offset_index.h"
#include "sim/storage/time_index.h"
#include "sim/storage/transaction_index.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

TEST_F(StorageTest, NewIndexIsPreallocatedAndTrimmedToItsEntries) {
    OffsetIndex index = must(OffsetIndex::open(*disk_, "a.index", Offset(10), 4096));
    TimeIndex times = must(TimeIndex::open(*disk_, "a.timeindex", Offset(10), 4096));
    EXPECT_EQ(slurp(at("a.index")), Bytes(4096, 0));
    EXPECT_EQ(slurp(at("a.timeindex")), Bytes(4092, 0));
    must(index.append(Offset(13), 300));
    must(times.maybe_append({WallMs(5), Offset(12)}, false));
    must(index.trim());
    must(times.trim());
    EXPECT_EQ(slurp(at("a.index")), (Bytes{0, 0, 0, 3, 0, 0, 1, 44}));
    EXPECT_EQ(slurp(at("a.timeindex")), (Bytes{0, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 2}));
    must(index.resize_to_max());
    EXPECT_EQ(slurp(at("a.index")).size(), 4096U);
    EXPECT_EQ(index.lookup(Offset(12)), (OffsetPosition{Offset(10), 0}));
    EXPECT_EQ(index.lookup(Offset(13)), (OffsetPosition{Offset(13), 300}));
}

TEST_F(StorageTest, OffsetIndexIsFullAtItsLastSlotTheTimeIndexOneBefore) {
    OffsetIndex index = must(OffsetIndex::open(*disk_, "a.index", Offset(0), 24));
    TimeIndex times = must(TimeIndex::open(*disk_, "a.timeindex", Offset(0), 36));
    for (int i = 1; i <= 3; ++i) {
        EXPECT_FALSE(index.is_full());
        must(index.append(Offset(i), i));
    }
    EXPECT_TRUE(index.is_full());
    must(times.maybe_append({WallMs(1), Offset(1)}, false));
    EXPECT_FALSE(times.is_full());
    must(times.maybe_append({WallMs(2), Offset(2)}, false));
    EXPECT_TRUE(times.is_full());
    must(times.maybe_append({WallMs(3), Offset(3)}, true));
    EXPECT_EQ(times.entries(), 3);
}

TEST_F(StorageTest, TimeIndexTakesOnlyRisingTimestamps) {
    TimeIndex times = must(TimeIndex::open(*disk_, "a.timeindex", Offset(0), 1200));
    EXPECT_EQ(times.last_entry(), (TimestampOffset{WallMs(-1), Offset(0)}));
    must(times.maybe_append({WallMs(-1), Offset(4)}, false));
    EXPECT_EQ(times.entries(), 0);
    must(times.maybe_append({WallMs(0), Offset(4)}, false));
    must(times.maybe_append({WallMs(0), Offset(9)}, false));
    EXPECT_EQ(times.entries(), 1);
}

TEST_F(StorageTest, OffsetLimitIs31BitsAboveTheBase) {
    const OffsetIndex index = must(OffsetIndex::open(*disk_, "a.index", Offset(100), 80));
    EXPECT_TRUE(index.can_append(Offset(100)));
    EXPECT_TRUE(index.can_append(Offset(100 + 2'147'483'647LL)));
    EXPECT_FALSE(index.can_append(Offset(101 + 2'147'483'647LL)));
    EXPECT_FALSE(index.can_append(Offset(99)));
}

TEST_F(StorageTest, OffsetLookupAgreesWithALinearScan) {
    std::mt19937_64 rng(11);
    for (int round = 0; round < 60; ++round) {
        const std::string name = "i" + std::to_string(round);
        const Offset base(static_cast<std::int64_t>(rng() % 1000));
        OffsetIndex index = must(OffsetIndex::open(*disk_, name, base, 8 * 80));
        std::vector<OffsetPosition> twin;
        Offset offset = base;
        std::int64_t position = 0;
        for (int step = 0; step < 120; ++step) {
            if (rng() % 10 == 0) {
                const Offset cut = base + static_cast<std::int64_t>(rng() % 400);
                index.truncate_to(cut);
                std::erase_if(twin, [&](const auto& e) { return e.offset >= cut; });
                offset = twin.empty() ? base : twin.back().offset;
            } else if (!index.is_full()) {
                offset = offset + (1 + static_cast<std::int64_t>(rng() % 9));
                position += 1 + static_cast<std::int64_t>(rng() % 100);
                must(index.append(offset, position));
                twin.push_back({offset, position});
            }
            const Offset target = base + static_cast<std::int64_t>(rng() % 500);
            OffsetPosition expected{base, 0};
            for (const auto& entry : twin) {
                if (entry.offset <= target)
                    expected = entry;
            }
            ASSERT_EQ(index.lookup(target), expected) << "round " << round << " step " << step;
        }
        must(index.trim());
        OffsetIndex again = must(OffsetIndex::open(*disk_, name, base, 8 * 80));
        must(again.load(name, position + 1));
        ASSERT_EQ(again.entries(), static_cast<std::int64_t>(twin.size()));
        for (std::size_t i = 0; i < twin.size(); ++i) {
            ASSERT_EQ(again.entry(static_cast<std::int64_t>(i)), twin[i]);
        }
    }
}

TEST_F(StorageTest, TimeLookupAgreesWithALinearScan) {
    std::mt19937_64 rng(13);
    for (int round = 0; round < 60; ++round) {
        const Offset base(static_cast<std::int64_t>(rng() % 1000));
        TimeIndex times = must(TimeIndex::open(*disk_, "t" + std::to_string(round), base, 12 * 90));
        std::vector<TimestampOffset> twin;
        Offset offset = base;
        for (int step = 0; step < 120; ++step) {
            if (rng() % 10 == 0) {
                const Offset cut = base + static_cast<std::int64_t>(rng() % 400);
                times.truncate_to(cut);
                while (!twin.empty() && twin.back().offset >= cut)
                    twin.pop_back();
                offset = twin.empty() ? base : twin.back().offset;
            } else if (!times.is_full()) {
                offset = offset + static_cast<std::int64_t>(rng() % 9);
                const WallMs time(static_cast<std::int64_t>(rng() % 2000) + step * 10);
                must(times.maybe_append({time, offset}, false));
                if (twin.empty() || time > twin.back().timestamp)
                    twin.push_back({time, offset});
            }
            const WallMs target(static_cast<std::int64_t>(rng() % 3000));
            TimestampOffset expected{WallMs(-1), base};
            for (const auto& entry : twin) {
                if (entry.timestamp <= target)
                    expected = entry;
            }
            ASSERT_EQ(times.lookup(target), expected) << "round " << round << " step " << step;
        }
    }
}

TEST_F(StorageTest, DamagedIndexesAreRefusedNotBelieved) {
    const auto load_offsets = [&](const Bytes& content) {
        spill(at("x.index"), content);
        OffsetIndex index = must(OffsetIndex::open(*disk_, "x.index", Offset(0), 4096));
        return index.load("x.index", 1000).ok();
    };
    EXPECT_TRUE(load_offsets({}));
    EXPECT_TRUE(load_offsets({0, 0, 0, 5, 0, 0, 0, 9}));
    EXPECT_FALSE(load_offsets({0, 0, 0, 5, 0, 0, 0}));
    EXPECT_FALSE(load_offsets({0xff, 0, 0, 5, 0, 0, 0, 9}));
    EXPECT_FALSE(load_offsets({0, 0, 0, 5, 0, 0, 4, 9}));
    EXPECT_FALSE(load_offsets({0, 0, 0, 5, 0, 0, 0, 9, 0, 0, 0, 5, 0, 0, 0, 10}));
    EXPECT_FALSE(load_offsets(Bytes(4096, 0)));
    spill(at("x.timeindex"), Bytes(4092, 0));
    TimeIndex times = must(TimeIndex::open(*disk_, "x.timeindex", Offset(0), 4096));
    EXPECT_FALSE(times.load("x.timeindex").ok());
    spill(at("x.txnindex"), Bytes(35, 0));
    EXPECT_FALSE(TransactionIndex::open(*disk_, "x.txnindex", Offset(0)).ok());
}

TEST_F(StorageTest, TransactionIndexFileAppearsWithItsFirstEntry) {
    TransactionIndex index = must(TransactionIndex::open(*disk_, "x.txnindex", Offset(5)));
    EXPECT_FALSE(must(disk_->exists("x.txnindex")));
    const AbortedTxn first{ProducerId(7), Offset(5), Offset(9), Offset(10)};
    const AbortedTxn second{ProducerId(8), Offset(3), Offset(12), Offset(13)};
    must(index.append(first));
    must(index.append(second));
    EXPECT_FALSE(index.append(second).ok());
    must(posix_->flush());
    EXPECT_EQ(slurp(at("x.txnindex")).size(), 68U);
    TransactionIndex again = must(TransactionIndex::open(*disk_, "x.txnindex", Offset(5)));
    EXPECT_EQ(again.entries(), (std::vector<AbortedTxn>{first, second}));
    const auto found = again.collect(Offset(6), Offset(10));
    EXPECT_EQ(found.found, std::vector<AbortedTxn>{first});
    EXPECT_TRUE(found.complete);
    EXPECT_FALSE(again.collect(Offset(0), Offset(20)).complete);
    must(again.truncate_to(Offset(12)));
    EXPECT_EQ(slurp(at("x.txnindex")).size(), 34U);
}

}  // namespace
}  // namespace bsim::test
