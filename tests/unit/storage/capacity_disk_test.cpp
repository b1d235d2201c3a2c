// A device that is full, and what makes room on it.

#include "sim/storage/capacity_disk.h"

#include <map>
#include <random>

#include "sim/storage/atomic_file.h"
#include "tests/unit/storage/storage_fixture.h"

namespace bsim::test {
namespace {

constexpr std::uint64_t kBlock = CapacityDisk::kBlockBytes;

class CapacityTest : public StorageTest {
  protected:
    Stored<Done> write(const std::string& path, std::uint64_t at, std::size_t bytes) {
        const File file = must(File::open(full_, path, OpenMode::Create));
        return file.write(at, Bytes(bytes, 'x'));
    }
    std::uint64_t size(const std::string& path) {
        return must(must(File::open(full_, path, OpenMode::Existing)).size());
    }

    CapacityDisk full_{*posix_, 10 * kBlock};
};

TEST_F(CapacityTest, AWriteThatDoesNotFitIsDoneInPartAndRefused) {
    EXPECT_TRUE(write("a", 0, 9 * kBlock).ok());
    EXPECT_FALSE(full_.refused());
    const auto refused = write("b", 0, 2 * kBlock);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().kind, StorageErrorKind::NoSpace);
    EXPECT_TRUE(refused.error().is_disk_failure());
    EXPECT_TRUE(full_.refused());
    EXPECT_EQ(size("b"), kBlock);
    EXPECT_EQ(full_.used(), 10 * kBlock);
    EXPECT_FALSE(write("c", 0, 1).ok());
    EXPECT_EQ(size("c"), 0U);
}

TEST_F(CapacityTest, RoomIsGivenInBlocksAndABlockOnceGivenTakesMore) {
    EXPECT_TRUE(write("a", 0, 1).ok());
    EXPECT_EQ(full_.used(), kBlock);
    EXPECT_TRUE(write("b", 0, 9 * kBlock).ok());
    EXPECT_TRUE(write("a", 1, kBlock - 1).ok()) << "into the block that it has";
    EXPECT_TRUE(write("a", 0, kBlock).ok()) << "over what is there";
    EXPECT_FALSE(write("a", kBlock, 1).ok());
}

TEST_F(CapacityTest, RemovingCuttingAndRenamingOverGiveRoomBack) {
    EXPECT_TRUE(write("a", 0, 6 * kBlock).ok());
    EXPECT_TRUE(write("b", 0, 4 * kBlock).ok());
    must(full_.remove("b"));
    EXPECT_EQ(full_.used(), 6 * kBlock);
    EXPECT_TRUE(write("c", 0, 2 * kBlock).ok());
    must(full_.rename("c", "a"));
    EXPECT_EQ(full_.used(), 2 * kBlock);
    must(must(File::open(full_, "a", OpenMode::Existing)).resize(kBlock));
    EXPECT_EQ(full_.used(), kBlock);
    must(must(File::open(full_, "a", OpenMode::Existing)).resize(100 * kBlock));
    EXPECT_EQ(full_.used(), kBlock) << "a hole takes no room";
    EXPECT_TRUE(File::open(full_, "a", OpenMode::Truncate).ok());
    EXPECT_EQ(full_.used(), 0U);
}

TEST_F(CapacityTest, AFileFollowsItsDirectory) {
    must(full_.make_dirs("t-0"));
    must(full_.make_dirs("t-01"));
    EXPECT_TRUE(write("t-0/log", 0, kBlock).ok());
    EXPECT_TRUE(write("t-01/log", 0, kBlock).ok());
    must(full_.rename("t-0", "t-0-delete"));
    must(full_.remove("t-0-delete/log"));
    EXPECT_EQ(full_.used(), kBlock);
    must(full_.remove("t-01/log"));
    EXPECT_EQ(full_.used(), 0U);
}

TEST_F(CapacityTest, WithoutALimitNothingIsRefused) {
    full_.limit(false);
    EXPECT_TRUE(write("a", 0, 20 * kBlock).ok());
    full_.limit(true);
    EXPECT_FALSE(write("b", 0, 1).ok());
    EXPECT_TRUE(write("a", 0, 20 * kBlock).ok());
}

// The dumb twin knows the sizes of all files.
TEST_F(CapacityTest, UsedIsTheSumOfAllFilesInBlocks) {
    std::mt19937_64 rng(5);
    std::map<std::string, std::uint64_t> sizes;
    const auto name = [&] { return std::string(1, static_cast<char>('a' + rng() % 5)); };
    for (int round = 0; round < 3000; ++round) {
        const std::string path = name();
        const auto choice = rng() % 10;
        if (choice < 6) {
            const std::uint64_t at = sizes.contains(path) ? sizes[path] : 0;
            const bool ok = write(path, at, 1 + rng() % (2 * kBlock)).ok();
            sizes[path] = size(path);
            if (!ok) {
                ASSERT_EQ(full_.used(), 10 * kBlock);
            }
        } else if (choice < 8 && sizes.contains(path)) {
            must(full_.remove(path));
            sizes.erase(path);
        } else if (sizes.contains(path)) {
            const std::string to = name();
            must(full_.rename(path, to));
            const std::uint64_t moved = sizes[path];
            sizes.erase(path);
            sizes[to] = moved;
        }
        std::uint64_t blocks = 0;
        for (const auto& [file, bytes] : sizes)
            blocks += (bytes + kBlock - 1) / kBlock;
        ASSERT_EQ(full_.used(), blocks * kBlock) << "round " << round;
        ASSERT_LE(full_.used(), 10 * kBlock);
    }
}

}  // namespace
}  // namespace bsim::test
