// A node's disk in simulated time.

#include "sim/node/node_disk.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "sim/node/must.h"
#include "tests/support/temp_dir.h"
#include "tests/unit/node/node_lab.h"

namespace bsim {
namespace {

using Bytes = std::vector<std::uint8_t>;

class NodeDisks : public testing::Test {
  protected:
    NodeDisks() { disk = open(); }

    std::unique_ptr<NodeDisk> open() const { return open("node", {}); }
    std::unique_ptr<NodeDisk> open(const std::string& name, const DiskSpec& spec) const {
        return must(NodeDisk::open({scheduler, rng, "node", root / "data/" + name, spec}));
    }
    File file(const std::string& name) const {
        return must(File::open(disk->disk(), name, OpenMode::Create));
    }
    void write(const File& to, std::size_t bytes) const { must(to.write(0, Bytes(bytes, 7))); }
    Bytes slurp(const std::string& name) const {
        std::ifstream in(root / "data/node/" + name, std::ios::binary);
        return Bytes(std::istreambuf_iterator<char>(in), {});
    }
    SimTime settled(SimTime at) const { return disk->settle(at).done; }

    mutable Scheduler scheduler;
    Rng rng{1, 0};
    test::TempDir root;
    std::unique_ptr<NodeDisk> disk;
    const SimTime now = SimTime() + seconds(5);
    int rounds = 0;
};

TEST_F(NodeDisks, ItsDirectoryIsMadeAndOutlivesIt) {
    write(file("a"), 3);
    disk.reset();
    disk = open();
    EXPECT_EQ(must(file("a").size()), 3u);
}

TEST_F(NodeDisks, WithoutWorkNoTimePasses) {
    disk->settle(now);
    EXPECT_EQ(settled(now), now);
}

TEST_F(NodeDisks, WritingIntoThePageCacheCostsTheCallAndTheCopy) {
    const File a = file("a");
    disk->settle(now);
    write(a, 4'000'000);
    // 4 us for the call, 4 MB at 4 GB/s.
    EXPECT_EQ(settled(now) - now, microseconds(4) + milliseconds(1));
    EXPECT_EQ(settled(now), now) << "each window is charged once";
}

TEST_F(NodeDisks, AnFsyncWaitsForTheDevice) {
    const File a = file("a");
    disk->settle(now);
    write(a, 10'000'000);
    disk->settle(now);
    must(a.sync());
    // Ten megabytes at 500 MB/s, and a flush that is drawn.
    EXPECT_GT(settled(now) - now, milliseconds(20) + microseconds(100));
    must(a.sync());
    const SimTime idle = now + seconds(1);
    EXPECT_LT(settled(idle) - idle, microseconds(100)) << "there is nothing to bring over";
}

TEST_F(NodeDisks, AnFsyncQueuesBehindTheOneBeforeButWritesDoNot) {
    const File a = file("a");
    const File b = file("b");
    disk->settle(now);
    write(a, 50'000'000);
    must(a.sync());
    const SimTime first = settled(now);
    EXPECT_GT(first - now, milliseconds(100));
    write(b, 4'000);
    EXPECT_EQ(settled(now) - now, microseconds(5));
    must(b.sync());
    EXPECT_GT(settled(now), first);
    write(b, 4'000);
    must(b.sync());
    const SimTime idle = first + seconds(1);
    EXPECT_LT(settled(idle) - idle, milliseconds(100)) << "nothing is queued any more";
}

TEST_F(NodeDisks, FlushesAreDrawnAroundTheMedianOfTheModel) {
    const File a = file("a");
    std::vector<std::int64_t> drawn;
    SimTime at = now;
    for (int i = 0; i < 2001; ++i) {
        write(a, 10);
        must(a.sync());
        const SimTime done = settled(at);
        drawn.push_back((done - at).ns() / 1000);
        at = done;
    }
    std::sort(drawn.begin(), drawn.end());
    const std::int64_t median = DeviceModel{}.fsync_median.ns() / 1000;
    EXPECT_NEAR(static_cast<double>(drawn[1000]), static_cast<double>(median),
                static_cast<double>(median) / 10);
    EXPECT_GT(drawn[1980], 3 * median);
    EXPECT_LT(drawn[1980], 6 * median);
}

TEST_F(NodeDisks, AConfiguredLatencyTakesThePlaceOfTheModels) {
    DiskSpec spec;
    spec.write = ConstantDist{milliseconds(3)};
    spec.fsync = ConstantDist{milliseconds(70)};
    disk = open("slow", spec);
    const File a = file("a");
    disk->settle(now);
    write(a, 4'000);
    EXPECT_EQ(settled(now) - now, milliseconds(3) + microseconds(5));
    must(a.sync());
    EXPECT_EQ(settled(now) - now, milliseconds(70) + microseconds(8));
}

TEST_F(NodeDisks, TheSameSeedGivesTheSameTimes) {
    const auto story = [this](const std::string& name) {
        disk = open(name, {});
        const File a = file("a");
        std::vector<SimTime> times;
        for (int i = 0; i < 10; ++i) {
            write(a, 10);
            must(a.sync());
            times.push_back(settled(now));
        }
        return times;
    };
    EXPECT_EQ(story("one"), story("two"));
}

TEST_F(NodeDisks, SlownessAddsUpAndGoesByKindOfWork) {
    DiskSpec spec;
    spec.fsync = ConstantDist{milliseconds(1)};
    disk = open("slow", spec);
    const File a = file("a");
    disk->settle(now);
    const auto cost = [&](bool synced) {
        const SimTime start = now + seconds(++rounds);
        write(a, 4'000);
        if (synced)
            must(a.sync());
        return settled(start) - start;
    };
    const LatencyDist fifty = ConstantDist{milliseconds(50)};
    const LatencyDist seven = ConstantDist{milliseconds(7)};
    const SimDuration plain = cost(true);
    disk->begin_slow(DiskOp::Fsync, fifty);
    EXPECT_EQ(cost(true), plain + milliseconds(50));
    EXPECT_EQ(cost(false), microseconds(5)) << "only fsyncs are slow";
    disk->begin_slow(std::nullopt, seven);
    EXPECT_EQ(cost(false), microseconds(5) + milliseconds(7));
    EXPECT_EQ(cost(true), plain + milliseconds(50 + 7 + 7)) << "the write and the fsync";
    disk->end_slow(DiskOp::Fsync, fifty);
    disk->end_slow(std::nullopt, seven);
    EXPECT_EQ(cost(true), plain);
}

TEST_F(NodeDisks, TheKernelWritesBackWhatIsThirtySecondsOld) {
    std::vector<std::string> files;
    disk->on_write_back([&](const std::vector<std::string>& written, const DiskTicket& ticket) {
        EXPECT_GT(ticket.done, scheduler.now());
        files.insert(files.end(), written.begin(), written.end());
    });
    write(file("a"), 100);
    disk->settle(scheduler.now());
    scheduler.run_until(SimTime() + seconds(29));
    EXPECT_TRUE(files.empty());
    EXPECT_TRUE(disk->cache().is_dirty("a"));
    scheduler.run_until(SimTime() + seconds(36));
    EXPECT_EQ(files, std::vector<std::string>{"a"});
    EXPECT_FALSE(disk->cache().is_dirty("a"));
}

TEST_F(NodeDisks, WhatWasSyncedOrWrittenBackSurvivesALossOfPower) {
    const File old = file("old");
    write(old, 100);
    disk->settle(scheduler.now());
    scheduler.run_until(SimTime() + seconds(40));
    const File synced = file("synced");
    write(synced, 100);
    must(synced.sync());
    scheduler.run_until(settled(scheduler.now()));
    disk->lose_power(scheduler.now());
    EXPECT_EQ(slurp("old"), Bytes(100, 7));
    EXPECT_EQ(slurp("synced"), Bytes(100, 7));
}

TEST_F(NodeDisks, WhatWasOnlyWrittenCanBeLost) {
    int whole = 0;
    constexpr int kRounds = 64;
    for (int round = 0; round < kRounds; ++round) {
        const std::string name = "f" + std::to_string(round);
        write(file(name), 4'000);
        disk->settle(scheduler.now());
        disk->lose_power(scheduler.now());
        whole += slurp(name) == Bytes(4'000, 7);
    }
    EXPECT_GT(whole, 0);
    EXPECT_LT(whole, kRounds / 2);
}

class StalledDisks : public test::NodeLab {
  protected:
    StalledDisks() : disk_(must(NodeDisk::open({scheduler, rng, "m", root_.path(), {}}))) {
        machine.start(EventNumber{});
    }
    // Writes and, if asked, syncs at once; notes when the disk is done.
    void work(const std::string& name, bool synced) {
        const File file = must(File::open(disk_->disk(), name, OpenMode::Create));
        must(file.write(0, Bytes(100, 7)));
        if (synced)
            must(file.sync());
        disk_->when_done(machine, disk_->settle(scheduler.now()),
                         [this, told = std::string(name)] { note(told); });
    }
    test::Machine& machine = add_machine("m");
    test::TempDir root_;
    std::unique_ptr<NodeDisk> disk_;
};

TEST_F(StalledDisks, WorkBeginsButEndsNotBeforeTheStall) {
    at(milliseconds(100), [this] { disk_->begin_stall(DiskOp::Fsync); });
    at(milliseconds(200), [this] { work("synced", true); });
    at(milliseconds(300), [this] { work("written", false); });
    at(milliseconds(900), [this] { disk_->end_stall(DiskOp::Fsync); });
    run_until(seconds(2));
    EXPECT_THAT(notes, testing::ElementsAre("300 written", "900 synced"));
}

TEST_F(StalledDisks, WhatIsSlowEndsWithTheOperationAtWork) {
    const LatencyDist two = ConstantDist{seconds(2)};
    at(milliseconds(100), [&] { disk_->begin_slow(std::nullopt, two); });
    for (const int begin : {200, 300, 400})
        at(milliseconds(begin), [this] { work("synced", true); });
    at(milliseconds(500), [this] { work("written", false); });
    at(milliseconds(1'000), [&] { disk_->end_slow(std::nullopt, two); });
    at(milliseconds(1'500), [this] { work("late", false); });
    at(milliseconds(3'500), [this] { work("last", true); });
    run_until(seconds(20));
    EXPECT_THAT(notes,
                testing::ElementsAre("1500 late", "2500 written", "3000 synced", "3000 synced",
                                     "3000 synced", testing::StartsWith("350")));
}

TEST_F(StalledDisks, WhoDiesMeanwhileHearsNothing) {
    at(milliseconds(100), [this] { disk_->begin_stall(std::nullopt); });
    at(milliseconds(200), [this] { work("mine", true); });
    at(milliseconds(300), [this] {
        machine.kill(EventNumber{});
        disk_->process_ended();
        machine.start(EventNumber{});
    });
    at(milliseconds(400), [this] { disk_->end_stall(std::nullopt); });
    run_until(seconds(2));
    EXPECT_TRUE(notes.empty());
}

TEST_F(StalledDisks, TwoStallsEndWithTheLaterOne) {
    at(milliseconds(100), [this] { disk_->begin_stall(std::nullopt); });
    at(milliseconds(150), [this] { disk_->begin_stall(DiskOp::Write); });
    at(milliseconds(200), [this] { work("mine", false); });
    at(milliseconds(400), [this] { disk_->end_stall(std::nullopt); });
    at(milliseconds(600), [this] { disk_->end_stall(DiskOp::Write); });
    run_until(seconds(2));
    EXPECT_THAT(notes, testing::ElementsAre("600 mine"));
}

}  // namespace
}  // namespace bsim
