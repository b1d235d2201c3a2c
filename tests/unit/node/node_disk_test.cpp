// A node's disk in simulated time, and what formatting leaves on it.

#include "sim/node/node_disk.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdlib.h>

#include <gtest/gtest.h>

#include "sim/node/format.h"
#include "sim/node/must.h"
#include "sim/node/wall_clock.h"
#include "sim/wire/record_batch.h"

namespace bsim {
namespace {

using Bytes = std::vector<std::uint8_t>;

class NodeDisks : public testing::Test {
  protected:
    NodeDisks() {
        std::string pattern = testing::TempDir() + "bsim-node-XXXXXX";
        root = ::mkdtemp(pattern.data());
        disk = open();
    }
    ~NodeDisks() override {
        std::error_code ignored;
        std::filesystem::remove_all(root, ignored);
    }

    std::unique_ptr<NodeDisk> open() const {
        return must(NodeDisk::open(root + "/data/node", Rng(1, 0).stream("fsync")));
    }
    File file(const std::string& name) const {
        return must(File::open(disk->disk(), name, OpenMode::Create));
    }
    void write(const File& to, std::size_t bytes) const { must(to.write(0, Bytes(bytes, 7))); }
    Bytes slurp(const std::string& name) const {
        std::ifstream in(root + "/data/node/" + name, std::ios::binary);
        return Bytes(std::istreambuf_iterator<char>(in), {});
    }

    std::string root;
    std::unique_ptr<NodeDisk> disk;
    const SimTime now = SimTime() + seconds(5);
};

TEST_F(NodeDisks, ItsDirectoryIsMadeAndOutlivesIt) {
    write(file("a"), 3);
    disk.reset();
    disk = open();
    EXPECT_EQ(must(file("a").size()), 3u);
}

TEST_F(NodeDisks, WithoutWorkNoTimePasses) {
    disk->settle(now);
    EXPECT_EQ(disk->settle(now), now);
}

TEST_F(NodeDisks, WritingIntoThePageCacheCostsTheCallAndTheCopy) {
    const File a = file("a");
    disk->settle(now);
    write(a, 4'000'000);
    // 4 us for the call, 4 MB at 4 GB/s.
    EXPECT_EQ(disk->settle(now) - now, microseconds(4) + milliseconds(1));
    EXPECT_EQ(disk->settle(now), now) << "each window is charged once";
}

TEST_F(NodeDisks, AnFsyncWaitsForTheDevice) {
    const File a = file("a");
    disk->settle(now);
    write(a, 1'000'000);
    disk->settle(now);
    must(a.sync());
    // A megabyte at 500 MB/s, and a flush that is drawn.
    EXPECT_GT(disk->settle(now) - now, milliseconds(2) + microseconds(100));
}

TEST_F(NodeDisks, AnFsyncQueuesBehindTheOneBeforeButWritesDoNot) {
    const File a = file("a");
    const File b = file("b");
    disk->settle(now);
    write(a, 50'000'000);
    must(a.sync());
    const SimTime first = disk->settle(now);
    EXPECT_GT(first - now, milliseconds(100));
    write(b, 4'000);
    EXPECT_EQ(disk->settle(now) - now, microseconds(5));
    must(b.sync());
    const SimTime second = disk->settle(now);
    EXPECT_GT(second, first);
    must(b.sync());
    const SimTime idle = second + seconds(1);
    const SimTime third = disk->settle(idle);
    EXPECT_GT(third, idle);
    EXPECT_LT(third - idle, milliseconds(50)) << "nothing is queued any more";
}

TEST_F(NodeDisks, FlushesAreDrawnAroundTwoMilliseconds) {
    const File a = file("a");
    disk->settle(now);
    std::vector<std::int64_t> drawn;
    SimTime at = now;
    for (int i = 0; i < 2001; ++i) {
        must(a.sync());
        const SimTime done = disk->settle(at);
        drawn.push_back((done - at).ns() / 1000);
        at = done;
    }
    std::sort(drawn.begin(), drawn.end());
    EXPECT_NEAR(static_cast<int>(drawn[1000]), 2000, 100);
    EXPECT_NEAR(static_cast<int>(drawn[1980]), 8000, 2000);
}

TEST_F(NodeDisks, TheSameStreamGivesTheSameTimes) {
    const auto story = [this](const std::string& name) {
        const auto fresh = must(NodeDisk::open(root + "/" + name, Rng(3, 0).stream("fsync")));
        const File a = must(File::open(fresh->disk(), "a", OpenMode::Create));
        std::vector<SimTime> times;
        for (int i = 0; i < 10; ++i) {
            must(a.sync());
            times.push_back(fresh->settle(now));
        }
        return times;
    };
    EXPECT_EQ(story("one"), story("two"));
}

const MetaProperties kMeta{BrokerId(7), Uuid{11, 12}, "T3JhY2xlS1JhZnRLYWZrYQ"};

TEST_F(NodeDisks, FormattingSaysWhoseDirectoryItIs) {
    format_directory(*disk, kMeta, wall_clock(SimTime()));
    EXPECT_EQ(must(read_meta_properties(disk->disk(), "")), kMeta);
}

// Kafka stamped each of its batches when it came to it, so the times are made equal first.
TEST_F(NodeDisks, FormattingLeavesTheBootstrapCheckpointOfKafka39) {
    const WallMs stamp = wall_clock(SimTime() + milliseconds(1234));
    std::ifstream in(BSIM_TEST_DATA "/golden/broker1/bootstrap.checkpoint", std::ios::binary);
    Bytes real(std::istreambuf_iterator<char>(in), {});
    ASSERT_EQ(real.size(), 249u);
    wire::BatchReader batches{ByteView(real)};
    wire::BatchView batch;
    std::size_t at = 0;
    int count = 0;
    while (batches.next(batch)) {
        wire::BatchHeader header = *wire::read_batch_header_fields(ByteView(real).subspan(at));
        header.base_timestamp = stamp.value();
        header.max_timestamp = stamp.value();
        wire::seal_batch(header, std::span(real).subspan(at, header.size_in_bytes()));
        at = batches.position();
        ++count;
    }
    ASSERT_EQ(count, 3);
    format_directory(*disk, kMeta, stamp);
    EXPECT_EQ(slurp("bootstrap.checkpoint"), real);
}

TEST_F(NodeDisks, AFormattedDirectoryIsLeftAlone) {
    format_directory(*disk, kMeta, wall_clock(SimTime()));
    const Bytes meta = slurp("meta.properties");
    const Bytes checkpoint = slurp("bootstrap.checkpoint");
    format_directory(*disk, MetaProperties{BrokerId(8), Uuid{1, 2}, "other"},
                     wall_clock(SimTime() + seconds(100)));
    EXPECT_EQ(slurp("meta.properties"), meta);
    EXPECT_EQ(slurp("bootstrap.checkpoint"), checkpoint);
}

}  // namespace
}  // namespace bsim
