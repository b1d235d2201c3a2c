// A node's log directories, and what formatting leaves in them.

#include "sim/node/log_dirs.h"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "sim/node/format.h"
#include "sim/node/must.h"
#include "sim/node/wall_clock.h"
#include "sim/storage/node_files.h"
#include "sim/wire/record_batch.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/node/node_lab.h"

namespace bsim {
namespace {

using Bytes = std::vector<std::uint8_t>;
using testing::ElementsAre;

const char* const kCluster = "T3JhY2xlS1JhZnRLYWZrYQ";

class LogDirectories : public test::NodeLab {
  protected:
    LogDirectories() { machine.start(EventNumber{}); }
    std::unique_ptr<LogDirs> open(std::int32_t count) {
        DiskSpec spec;
        spec.log_dirs = count;
        return must(LogDirs::open({scheduler, rng, "m", root_.path(), spec}));
    }
    static void format(LogDirs& dirs, SimTime at) {
        format_log_dirs(dirs, BrokerId(7), kCluster, wall_clock(at));
    }
    Bytes slurp(const std::string& name) const {
        std::ifstream in(root_ / name, std::ios::binary);
        return Bytes(std::istreambuf_iterator<char>(in), {});
    }
    static void write(LogDirs& dirs, std::size_t dir, std::size_t bytes) {
        const File file = must(File::open(dirs[dir].disk(), "f", OpenMode::Create));
        must(file.write(0, Bytes(bytes, 7)));
        must(file.sync());
    }

    test::Machine& machine = add_machine("m");
    test::TempDir root_;
};

TEST_F(LogDirectories, FormattingSaysWhoseTheyAre) {
    const auto dirs = open(2);
    format(*dirs, SimTime());
    for (const std::size_t dir : {0U, 1U}) {
        EXPECT_EQ(must(read_meta_properties((*dirs)[dir].disk(), "")),
                  (MetaProperties{BrokerId(7), dirs->id(dir), kCluster}));
    }
    EXPECT_NE(dirs->id(0), dirs->id(1));
    EXPECT_EQ(dirs->find(dirs->id(1)), 1U);
    EXPECT_EQ(dirs->find(Uuid{1, 2}), std::nullopt);
}

TEST_F(LogDirectories, OnlyTheFirstOfThemHoldsMetadata) {
    const auto dirs = open(2);
    format(*dirs, SimTime());
    EXPECT_FALSE(slurp("d0/bootstrap.checkpoint").empty());
    EXPECT_TRUE(must((*dirs)[1].disk().exists("meta.properties")));
    EXPECT_FALSE(must((*dirs)[1].disk().exists("bootstrap.checkpoint")));
}

TEST_F(LogDirectories, TheOnlyOneIsTheNodesOwn) {
    const auto dirs = open(1);
    format(*dirs, SimTime());
    EXPECT_EQ(dirs->name(0), "");
    EXPECT_FALSE(slurp("meta.properties").empty());
}

// Kafka stamped each of its batches when it came to it, so the times are made equal first.
TEST_F(LogDirectories, FormattingLeavesTheBootstrapCheckpointOfKafka39) {
    const SimTime at = SimTime() + milliseconds(1234);
    std::ifstream in(BSIM_TEST_DATA "/golden/broker1/bootstrap.checkpoint", std::ios::binary);
    Bytes real(std::istreambuf_iterator<char>(in), {});
    ASSERT_EQ(real.size(), 249u);
    wire::BatchReader batches{ByteView(real)};
    wire::BatchView batch;
    std::size_t start = 0;
    int count = 0;
    while (batches.next(batch)) {
        wire::BatchHeader header = *wire::read_batch_header_fields(ByteView(real).subspan(start));
        header.base_timestamp = wall_clock(at).value();
        header.max_timestamp = wall_clock(at).value();
        wire::seal_batch(header, std::span(real).subspan(start, header.size_in_bytes()));
        start = batches.position();
        ++count;
    }
    ASSERT_EQ(count, 3);
    const auto dirs = open(1);
    format(*dirs, at);
    EXPECT_EQ(slurp("bootstrap.checkpoint"), real);
}

TEST_F(LogDirectories, WhatIsFormattedIsLeftAlone) {
    const auto dirs = open(1);
    format(*dirs, SimTime());
    const Bytes meta = slurp("meta.properties");
    const Bytes checkpoint = slurp("bootstrap.checkpoint");
    format(*dirs, SimTime() + seconds(100));
    EXPECT_EQ(slurp("meta.properties"), meta);
    EXPECT_EQ(slurp("bootstrap.checkpoint"), checkpoint);
}

TEST_F(LogDirectories, AreFormattedAnewWithOtherIdsAfterAWipe) {
    const auto dirs = open(2);
    format(*dirs, SimTime());
    const auto before = dirs->ids();
    dirs->wipe(SimTime());
    EXPECT_TRUE(must((*dirs)[1].disk().list("")).empty());
    format(*dirs, SimTime());
    for (const Uuid& id : before)
        EXPECT_EQ(dirs->find(id), std::nullopt);
}

TEST_F(LogDirectories, WorkIsDoneWhenEachDeviceThatItConcernsIsDone) {
    const auto dirs = open(2);
    const auto work = [&](const std::string& what) {
        dirs->when_done(machine, dirs->settle(scheduler.now()),
                        [this, told = std::string(what)] { note(told); });
    };
    at(milliseconds(1), [&] {
        write(*dirs, 1, 50'000'000);  // 100 ms for the device
        work("both");
    });
    at(milliseconds(20), [&] { (*dirs)[0].begin_stall(std::nullopt); });
    at(milliseconds(30), [&] {
        write(*dirs, 0, 100);
        work("first");
    });
    at(milliseconds(40), [&] {
        write(*dirs, 1, 100);
        work("second");
    });
    at(milliseconds(9000), [&] { (*dirs)[0].end_stall(std::nullopt); });
    run_until(seconds(20));
    ASSERT_EQ(notes.size(), 3U);
    EXPECT_THAT(notes[0], testing::EndsWith("both"));
    EXPECT_THAT(notes[1], testing::EndsWith("second"));
    EXPECT_EQ(notes[2], "9000 first");
}

}  // namespace
}  // namespace bsim
