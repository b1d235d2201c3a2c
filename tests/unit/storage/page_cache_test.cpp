// What the page cache remembers, what a power failure takes of it, and what it must not take.

#include <functional>
#include <random>
#include <set>

#include "sim/storage/atomic_file.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

constexpr SimTime kNow{1'000'000'000};
constexpr SimTime kLater{2'000'000'000};

Bytes text(std::string_view t) {
    return Bytes(t.begin(), t.end());
}

class PageCacheTest : public StorageTest {
  protected:
    // Each power failure of a test goes by its own numbers.
    void lose_power(std::uint64_t seed) {
        std::mt19937_64 rng(seed);
        must(disk_->lose_power(
            kNow, [&](std::uint64_t bound) -> std::uint64_t { return rng() % bound; }));
    }
    void settle() { disk_->window_ends(kNow, kNow); }
    void write(const std::string& path, std::uint64_t at, std::string_view what) {
        const File file = must(File::open(*disk_, path, OpenMode::Create));
        must(file.write(at, text(what)));
    }
    void sync(const std::string& path) {
        must(must(File::open(*disk_, path, OpenMode::Existing)).sync());
        settle();
    }
    std::string content(const std::string& path) {
        return must(disk_->exists(path)) ? must(read_file(*disk_, path)) : "(absent)";
    }
    // What a story leaves behind over many power failures.
    std::set<std::string> outcomes(const std::function<void()>& story, const std::string& path) {
        std::set<std::string> seen;
        for (std::uint64_t seed = 0; seed < 300; ++seed) {
            start_over();
            story();
            lose_power(seed);
            seen.insert(content(path));
        }
        return seen;
    }
    void start_over() {
        disk_.reset();
        for (const auto& entry : std::filesystem::directory_iterator(temp_.path()))
            std::filesystem::remove_all(entry);
        posix_->forget_names();
        disk_ = std::make_unique<PageCacheDisk>(*posix_);
    }
};

using Outcomes = std::set<std::string>;

TEST_F(PageCacheTest, WhatIsSyncedSurvivesAPowerLoss) {
    const auto story = [this] {
        write("f", 0, "abcdef");
        sync("f");
    };
    EXPECT_EQ(outcomes(story, "f"), Outcomes{"abcdef"});
}

TEST_F(PageCacheTest, ANewFileIsThereInPartOrNotAtAll) {
    const auto seen = outcomes([this] { write("f", 0, "abc"); }, "f");
    EXPECT_EQ(seen, (Outcomes{"(absent)", "", "a", "ab", "abc", std::string(3, '\0')}));
}

TEST_F(PageCacheTest, WhatWasAppendedIsLostFromTheEnd) {
    const auto story = [this] {
        write("f", 0, "12345");
        sync("f");
        write("f", 5, "67");
        write("f", 7, "8");
    };
    EXPECT_EQ(outcomes(story, "f"),
              (Outcomes{"12345", "123456", "1234567", "12345678", std::string("12345\0\0\0", 8)}));
}

TEST_F(PageCacheTest, WhatWasWrittenOverComesBack) {
    const auto story = [this] {
        write("f", 0, "abcd");
        sync("f");
        write("f", 1, "X");
        write("f", 1, "YZ");
    };
    EXPECT_EQ(outcomes(story, "f"), (Outcomes{"abcd", "aYZd"})) << "a sector arrives as a whole";
}

TEST_F(PageCacheTest, SectorsAreLostOneByOne) {
    const std::string big(4 * 512, 'n');
    std::set<std::string> shapes;
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        start_over();
        write("f", 0, std::string(4 * 512, 'o'));
        sync("f");
        write("f", 0, big);
        lose_power(seed);
        const std::string left = content("f");
        ASSERT_EQ(left.size(), big.size());
        std::string shape;
        for (int sector = 0; sector < 4; ++sector)
            shape += left[static_cast<std::size_t>(sector) * 512];
        shapes.insert(shape);
    }
    EXPECT_TRUE(shapes.contains("nono") && shapes.contains("onon"));
    EXPECT_EQ(shapes.size(), 16U);
}

TEST_F(PageCacheTest, TornGrowthMayLeaveZeros) {
    bool zeros = false;
    for (std::uint64_t seed = 0; seed < 300 && !zeros; ++seed) {
        start_over();
        write("f", 0, "x");
        sync("f");
        write("f", 1, std::string(3000, 'y'));
        lose_power(seed);
        const std::string left = content("f");
        zeros = left.size() == 3001 && left[2999] == '\0' && left.find('y') != std::string::npos;
    }
    EXPECT_TRUE(zeros);
}

TEST_F(PageCacheTest, ARenameUndoneBringsTheOldFileBack) {
    const auto story = [this] {
        must(write_file_atomically(*disk_, "f", "old"));
        settle();
        write("g", 0, "new!");
        sync("g");
        must(disk_->rename("g", "f"));
    };
    EXPECT_EQ(outcomes(story, "f"), (Outcomes{"old", "new!"}));
    EXPECT_EQ(outcomes(story, "g"), (Outcomes{"(absent)", "new!"}));
}

// The device is still at it when the power goes.
TEST_F(PageCacheTest, AnAtomicWriteUnderWayLeavesTheOldOrTheNewContent) {
    const auto story = [this] {
        must(write_file_atomically(*disk_, "f", "old"));
        settle();
        must(write_file_atomically(*disk_, "f", "new!"));
        disk_->window_ends(kNow, kLater);
    };
    EXPECT_EQ(outcomes(story, "f"), (Outcomes{"old", "new!"}));
}

TEST_F(PageCacheTest, NothingThatFollowsASyncOutlivesIt) {
    for (std::uint64_t seed = 0; seed < 300; ++seed) {
        start_over();
        write("log", 0, "records");
        must(must(File::open(*disk_, "log", OpenMode::Existing)).sync());
        write("marker", 0, "clean");
        must(must(File::open(*disk_, "marker", OpenMode::Existing)).sync());
        disk_->window_ends(kNow, kLater);
        lose_power(seed);
        if (content("marker") != "(absent)") {
            ASSERT_EQ(content("log"), "records") << seed;
        }
    }
}

TEST_F(PageCacheTest, ASyncThatIsOverInTimeCounts) {
    const auto story = [this] {
        write("f", 0, "abc");
        must(must(File::open(*disk_, "f", OpenMode::Existing)).sync());
        disk_->window_ends(SimTime(0), kNow);
    };
    EXPECT_EQ(outcomes(story, "f"), Outcomes{"abc"});
}

TEST_F(PageCacheTest, AStalledSyncCountsOnlyWhenItHasArrived) {
    const auto begin = [this] {
        write("f", 0, "abc");
        must(must(File::open(*disk_, "f", OpenMode::Existing)).sync());
        disk_->window_ends(SimTime(0), std::nullopt);
    };
    EXPECT_TRUE(outcomes(begin, "f").contains("(absent)"));
    EXPECT_EQ(outcomes(
                  [&] {
                      begin();
                      settle();
                  },
                  "f"),
              Outcomes{"abc"});
}

TEST_F(PageCacheTest, ARemovedFileMayComeBack) {
    const auto story = [this] {
        write("f", 0, "abc");
        sync("f");
        must(disk_->remove("f"));
    };
    EXPECT_EQ(outcomes(story, "f"), (Outcomes{"(absent)", "abc"}));
}

TEST_F(PageCacheTest, ACutFileMayComeBackWhole) {
    const auto story = [this] {
        write("f", 0, "abcdef");
        sync("f");
        const File file = must(File::open(*disk_, "f", OpenMode::Existing));
        must(file.resize(2));
        must(file.write(2, text("X")));
    };
    EXPECT_EQ(outcomes(story, "f"), (Outcomes{"abcdef", "ab", "abX", std::string("ab\0", 3)}));
}

TEST_F(PageCacheTest, NamesAreLostFromTheEnd) {
    const auto both = [this] {
        must(disk_->make_dirs("d"));
        write("d/a", 0, "");
        must(disk_->rename("d", "e"));
        write("e/b", 0, "");
    };
    std::set<std::string> seen;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        start_over();
        both();
        lose_power(seed);
        std::string names;
        for (const char* name : {"d", "d/a", "e", "e/a", "e/b"})
            names += must(disk_->exists(name)) ? std::string(" ") + name : "";
        seen.insert(names);
    }
    EXPECT_EQ(seen, (Outcomes{"", " d", " d d/a", " e e/a", " e e/a e/b"}));
}

TEST_F(PageCacheTest, ASyncOfOneFileCommitsTheNamesOfAll) {
    const auto story = [this] {
        must(disk_->make_dirs("d"));
        write("d/a", 0, "");
        write("x", 0, "x");
        sync("x");
    };
    EXPECT_EQ(outcomes(story, "d/a"), Outcomes{""});
}

TEST_F(PageCacheTest, WriteBackTakesWhatIsOldEnoughAsAWhole) {
    write("old", 0, "a");
    disk_->window_ends(SimTime(5), SimTime(5));
    write("young", 0, "b");
    write("old", 1, "c");
    disk_->window_ends(SimTime(9), SimTime(9));
    const auto batch = disk_->write_back(SimTime(8));
    EXPECT_EQ(batch.files, std::vector<std::string>{"old"});
    EXPECT_EQ(batch.bytes, 2);
    EXPECT_TRUE(batch.journal);
    EXPECT_FALSE(disk_->is_dirty("old"));
    EXPECT_TRUE(disk_->is_dirty("young"));
    disk_->window_ends(SimTime(9), kNow);
    lose_power(3);
    EXPECT_EQ(content("old"), "ac");
    EXPECT_NE(content("young"), "(absent)") << "names are committed whatever the age";
}

TEST_F(PageCacheTest, AfterAPowerLossReadsComeFromTheDeviceOnce) {
    write("f", 0, std::string(300'000, 'x'));
    sync("f");
    disk_->take_cost();
    must(read_file(*disk_, "f"));
    EXPECT_EQ(disk_->take_cost().device_reads, 0);
    lose_power(1);
    {
        const File file = must(File::open(*disk_, "f", OpenMode::Existing));
        Bytes some(10);
        must(file.read(140'000, some));
    }
    IoCost cost = disk_->take_cost();
    EXPECT_EQ(cost.device_reads, 1);
    EXPECT_EQ(cost.device_bytes_read, 128 * 1024) << "it reads ahead";
    must(read_file(*disk_, "f"));
    EXPECT_GT(disk_->take_cost().device_reads, 0);
    must(read_file(*disk_, "f"));
    EXPECT_EQ(disk_->take_cost().device_reads, 0);
}

TEST_F(PageCacheTest, WhatWouldTakeTooMuchMemoryToUndoIsDurableEarly) {
    const std::string big(PageCacheDisk::kMaxSavedAtOnce + 1, 'x');
    const auto story = [&] {
        write("f", 0, big);
        must(disk_->remove("f"));
    };
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        start_over();
        story();
        lose_power(seed);
        EXPECT_EQ(content("f"), "(absent)");
    }
}

// A twin that knows what each file held at its last sync: what survives is at each byte either that
// or something written since, and a synced file is whole.
TEST_F(PageCacheTest, EachByteIsTheSyncedOneOrALaterOne) {
    for (std::uint64_t seed = 0; seed < 400; ++seed) {
        start_over();
        std::mt19937_64 rng(seed);
        std::vector<std::set<char>> may(2000, {'\0'});
        std::uint64_t size = 0;
        std::uint64_t least = 0;
        write("f", 0, "");
        sync("f");
        for (int step = 0; step < 30; ++step) {
            const std::uint64_t at = rng() % (size + 1);
            const std::uint64_t count = 1 + rng() % 700;
            if (rng() % 8 == 0) {
                sync("f");
                const std::string now = content("f");
                for (std::size_t i = 0; i < may.size(); ++i)
                    may[i] = {i < now.size() ? now[i] : '\0'};
                least = size;
            } else if (at + count < 2000) {
                const char mark = static_cast<char>('a' + step);
                write("f", at, std::string(count, mark));
                for (std::uint64_t i = at; i < at + count; ++i)
                    may[i].insert(mark);
                size = std::max(size, at + count);
            }
        }
        lose_power(seed);
        const std::string left = content("f");
        ASSERT_GE(left.size(), least) << seed;
        ASSERT_LE(left.size(), size) << seed;
        for (std::size_t i = 0; i < left.size(); ++i)
            ASSERT_TRUE(may[i].contains(left[i])) << seed << " at " << i;
    }
}

}  // namespace
}  // namespace bsim::test
