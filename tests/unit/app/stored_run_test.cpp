#include "sim/app/stored_run.h"

#include <filesystem>

#include <gtest/gtest.h>

#include "tests/support/temp_dir.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

class StoredRun : public testing::Test {
  protected:
    StoredRun() {
        fs::create_directories(root_ / "run/data");
        std::ofstream(root_ / "run/trace.jsonl") << "a line\n";
        std::ofstream(root_ / "run/manifest.json") << "{}";
        std::ofstream(root_ / "run/data/mine") << "";
    }

    StoredRunOptions named(const std::string& run) {
        StoredRunOptions options;
        options.run = (root_ / run).string();
        return options;
    }
    // Whether the disk of the nodes' files is the one with that file.
    static bool holds(const std::unique_ptr<Disk>& disk, const std::string& file) {
        return disk != nullptr && *disk->exists(file);
    }

    test::TempDir temp_;
    const fs::path root_ = temp_.path();
};

TEST_F(StoredRun, TheDirectoryAndItsTraceNameTheSameRun) {
    for (const char* run : {"run", "run/trace.jsonl"}) {
        const StoredRunOptions options = named(run);
        EXPECT_EQ(options.trace_path(), (root_ / "run/trace.jsonl").string());
        EXPECT_EQ(read_manifest(options), "{}");
        EXPECT_TRUE(holds(open_data(options), "mine"));
        auto trace = open_trace(options);
        ASSERT_TRUE(trace.has_value());
        std::string line;
        std::getline(*trace, line);
        EXPECT_EQ(line, "a line");
    }
}

TEST_F(StoredRun, TheNodesFilesMayLieElsewhere) {
    fs::create_directories(root_ / "elsewhere");
    std::ofstream(root_ / "elsewhere/other") << "";
    StoredRunOptions options = named("run");
    options.data = (root_ / "elsewhere").string();
    EXPECT_TRUE(holds(open_data(options), "other"));
    // What is not there is not made.
    options.data = (root_ / "nowhere").string();
    EXPECT_EQ(open_data(options), nullptr);
    EXPECT_FALSE(fs::exists(options.data));
}

TEST_F(StoredRun, WhatIsNoRunIsRefused) {
    EXPECT_FALSE(open_trace(named("")).has_value());
    EXPECT_FALSE(open_trace(named("missing")).has_value());
    EXPECT_EQ(read_manifest(named("missing/trace.jsonl")), "");
}

TEST_F(StoredRun, TheMomentIsATimeOfTheRun) {
    StoredRunOptions options;
    EXPECT_EQ(options.moment(), std::nullopt);
    options.at = "1500ms";
    EXPECT_EQ(options.moment(), SimTime(1'500'000'000));
}

}  // namespace
}  // namespace bsim
