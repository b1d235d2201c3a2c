#include "sim/report/run_directory.h"

#include <sstream>

#include <gtest/gtest.h>

#include "sim/trace/run_hash.h"
#include "tests/support/temp_dir.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

class RunDirectory : public testing::Test {
  protected:
    static std::string read(const fs::path& path) {
        std::ostringstream text;
        text << std::ifstream(path).rdbuf();
        return text.str();
    }

    test::TempDir temp_;
    const fs::path root_ = temp_.path();
};

TEST_F(RunDirectory, IsNamedAfterScenarioSeedAndFile) {
    EXPECT_EQ(run_directory_name("leader-failover", 42, xxh3_128_hex("")),
              "leader-failover-s42-99aa06d3");
}

TEST_F(RunDirectory, FilesAreReplacedAsAWhole) {
    const fs::path file = root_ / "results.json";
    ASSERT_TRUE(write_file_atomically(file, "one").ok());
    ASSERT_TRUE(write_file_atomically(file, "two").ok());
    EXPECT_EQ(read(file), "two");
    EXPECT_EQ(std::distance(fs::directory_iterator(root_), fs::directory_iterator()), 1);
    const auto failed = write_file_atomically(root_ / "missing" / "x", "three");
    ASSERT_FALSE(failed.ok());
    EXPECT_NE(failed.error().find("missing"), std::string::npos) << failed.error();
}

TEST_F(RunDirectory, LatestPointsAtTheNewest) {
    for (const char* name : {"a-s1-00000000", "b-s2-11111111"}) {
        ASSERT_TRUE(prepare_run_directory(root_ / name).ok());
        ASSERT_TRUE(point_latest_at(root_ / name).ok());
        EXPECT_EQ(fs::read_symlink(root_ / "latest"), fs::path(name));
    }
    ASSERT_TRUE(point_latest_at(root_ / "a-s1-00000000" / "").ok());
    EXPECT_EQ(fs::read_symlink(root_ / "latest"), fs::path("a-s1-00000000"));
}

TEST_F(RunDirectory, AnOlderRunGivesWayAndForeignFilesStay) {
    const fs::path run = root_ / "run";
    ASSERT_TRUE(prepare_run_directory(run).ok());
    fs::create_directories(run / "data" / "broker-1");
    for (const char* name : {"trace.jsonl", "manifest.json", "my-notes.txt"}) {
        std::ofstream(run / name) << R"({"brokersim":1)";
    }
    ASSERT_TRUE(prepare_run_directory(run).ok());
    EXPECT_FALSE(fs::exists(run / "data"));
    EXPECT_FALSE(fs::exists(run / "trace.jsonl"));
    EXPECT_TRUE(fs::exists(run / "my-notes.txt"));
}

TEST_F(RunDirectory, ADirectoryOfSomethingElseIsRefused) {
    std::ofstream(root_ / "thesis.tex") << "dear";
    EXPECT_FALSE(prepare_run_directory(root_).ok());
    EXPECT_EQ(read(root_ / "thesis.tex"), "dear");
}

TEST_F(RunDirectory, AManifestOfSomethingElseMakesNoRun) {
    std::ofstream(root_ / "manifest.json") << R"({"name":"a web page"})";
    fs::create_directory(root_ / "data");
    std::ofstream(root_ / "data" / "photo") << "dear";
    const auto refused = prepare_run_directory(root_);
    ASSERT_FALSE(refused.ok());
    EXPECT_NE(refused.error().find("holds no run"), std::string::npos) << refused.error();
    EXPECT_EQ(read(root_ / "data" / "photo"), "dear");
}

TEST_F(RunDirectory, DataOfAnEarlierRunGiveWay) {
    const fs::path data = root_ / "data";
    ASSERT_TRUE(prepare_data_directory(data).ok());
    for (const char* name : {"broker-1", "controller-100", "broker-x", "notes"}) {
        fs::create_directory(data / name);
    }
    ASSERT_TRUE(prepare_data_directory(data).ok());
    EXPECT_FALSE(fs::exists(data / "broker-1"));
    EXPECT_FALSE(fs::exists(data / "controller-100"));
    EXPECT_TRUE(fs::exists(data / "broker-x"));
    EXPECT_TRUE(fs::exists(data / "notes"));
}

TEST_F(RunDirectory, DataOfSomethingElseAreRefused) {
    fs::create_directory(root_ / "broker-1");
    std::ofstream(root_ / "broker-1" / "meta.properties") << "of a real broker";
    EXPECT_FALSE(prepare_data_directory(root_).ok());
    EXPECT_TRUE(fs::exists(root_ / "broker-1" / "meta.properties"));
}

}  // namespace
}  // namespace bsim
