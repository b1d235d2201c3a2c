#include "sim/storage/leader_epoch_cache.h"

#include <map>
#include <random>

#include "sim/storage/atomic_file.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

class LeaderEpochCacheTest : public StorageTest {
  protected:
    LeaderEpochCacheTest() { must(disk_->make_dirs("p")); }
    LeaderEpochCache cache() { return must(LeaderEpochCache::open(*disk_, "p")); }
    static EpochEntry entry(int epoch, std::int64_t start) {
        return {LeaderEpoch(epoch), Offset(start)};
    }
};

TEST_F(LeaderEpochCacheTest, EpochWithoutAWriteGivesWayToTheNext) {
    LeaderEpochCache c = cache();
    must(c.assign(LeaderEpoch(2), Offset(12)));
    must(c.assign(LeaderEpoch(3), Offset(17)));
    must(c.assign(LeaderEpoch(5), Offset(17)));
    EXPECT_EQ(c.entries(), (std::vector{entry(2, 12), entry(5, 17)}));
    EXPECT_EQ(must(read_file(*disk_, "p/leader-epoch-checkpoint")), "0\n2\n2 12\n5 17\n");
}

TEST_F(LeaderEpochCacheTest, RepeatingTheLatestEpochWritesNothing) {
    LeaderEpochCache c = cache();
    must(c.assign(LeaderEpoch(1), Offset(5)));
    disk_->take_cost();
    must(c.assign(LeaderEpoch(1), Offset(5)));
    must(c.assign(LeaderEpoch(1), Offset(9)));
    EXPECT_TRUE(disk_->take_cost().is_zero());
    must(c.assign(LeaderEpoch(1), Offset(3)));
    EXPECT_EQ(c.entries(), std::vector{entry(1, 3)});
}

TEST_F(LeaderEpochCacheTest, AnOlderEpochDropsWhatContradictsIt) {
    LeaderEpochCache c = cache();
    must(c.assign(LeaderEpoch(1), Offset(0)));
    must(c.assign(LeaderEpoch(4), Offset(10)));
    must(c.assign(LeaderEpoch(6), Offset(20)));
    must(c.assign(LeaderEpoch(3), Offset(15)));
    EXPECT_EQ(c.entries(), (std::vector{entry(1, 0), entry(3, 15)}));
}

TEST_F(LeaderEpochCacheTest, EndOffsetsFollowKip279) {
    LeaderEpochCache c = cache();
    EXPECT_EQ(c.end_offset_for(LeaderEpoch(0), Offset(0)), std::nullopt);
    must(c.assign(LeaderEpoch(2), Offset(5)));
    must(c.assign(LeaderEpoch(4), Offset(9)));
    const Offset leo(30);
    EXPECT_EQ(c.end_offset_for(LeaderEpoch(4), leo), (EpochEnd{LeaderEpoch(4), leo}));
    EXPECT_EQ(c.end_offset_for(LeaderEpoch(3), leo), (EpochEnd{LeaderEpoch(2), Offset(9)}));
    EXPECT_EQ(c.end_offset_for(LeaderEpoch(2), leo), (EpochEnd{LeaderEpoch(2), Offset(9)}));
    EXPECT_EQ(c.end_offset_for(LeaderEpoch(0), leo), (EpochEnd{LeaderEpoch(0), Offset(5)}));
    EXPECT_EQ(c.end_offset_for(LeaderEpoch(5), leo), std::nullopt);
    EXPECT_EQ(c.end_offset_for(LeaderEpoch(-1), leo), std::nullopt);
}

TEST_F(LeaderEpochCacheTest, TruncationFromTheStartKeepsTheEpochThatCoversIt) {
    LeaderEpochCache c = cache();
    must(c.assign(LeaderEpoch(2), Offset(5)));
    must(c.assign(LeaderEpoch(4), Offset(9)));
    must(c.assign(LeaderEpoch(7), Offset(20)));
    must(c.truncate_from_start(Offset(12)));
    EXPECT_EQ(c.entries(), (std::vector{entry(4, 12), entry(7, 20)}));
    must(c.truncate_from_start(Offset(3)));
    EXPECT_EQ(c.entries(), (std::vector{entry(4, 12), entry(7, 20)}));
    must(c.truncate_from_end(Offset(20)));
    EXPECT_EQ(c.entries(), std::vector{entry(4, 12)});
    EXPECT_EQ(cache().entries(), c.entries());
    must(c.clear());
    EXPECT_EQ(must(read_file(*disk_, "p/leader-epoch-checkpoint")), "0\n0\n");
}

// The twin: a map from every offset to the epoch that wrote it.
TEST_F(LeaderEpochCacheTest, AgreesWithAnEpochForEveryOffset) {
    std::mt19937_64 rng(3);
    for (int round = 0; round < 40; ++round) {
        must(remove_if_exists(*disk_, "p/leader-epoch-checkpoint"));
        LeaderEpochCache c = cache();
        std::vector<int> written;
        int epoch = 0;
        std::size_t start = 0;
        for (int step = 0; step < 60; ++step) {
            const auto action = rng() % 8;
            if (action == 0 && written.size() > start) {
                const std::size_t cut = start + rng() % (written.size() - start + 1);
                written.resize(cut);
                must(c.truncate_from_end(Offset(static_cast<std::int64_t>(cut))));
                // A log cut to its start knows no epoch any more.
            } else if (action == 1 && !written.empty()) {
                start += rng() % (written.size() - start + 1);
                must(c.truncate_from_start(Offset(static_cast<std::int64_t>(start))));
            } else {
                if (rng() % 3 == 0)
                    ++epoch;
                must(c.assign(LeaderEpoch(epoch),
                              Offset(static_cast<std::int64_t>(written.size()))));
                written.push_back(epoch);
            }
            for (std::size_t at = start; at < written.size(); ++at) {
                ASSERT_EQ(c.epoch_for_offset(Offset(static_cast<std::int64_t>(at))),
                          LeaderEpoch(written[at]))
                    << "round " << round << " step " << step << " offset " << at;
            }
            // Where an epoch that is in the log ends, counted by hand.
            if (written.size() > start) {
                const int asked = written[start + rng() % (written.size() - start)];
                std::size_t end = written.size();
                for (std::size_t at = start; at < written.size(); ++at) {
                    if (written[at] > asked) {
                        end = at;
                        break;
                    }
                }
                const Offset leo(static_cast<std::int64_t>(written.size()));
                ASSERT_EQ(c.end_offset_for(LeaderEpoch(asked), leo),
                          (EpochEnd{LeaderEpoch(asked), Offset(static_cast<std::int64_t>(end))}));
            }
            ASSERT_EQ(cache().entries(), c.entries());
        }
    }
}

}  // namespace
}  // namespace bsim::test
