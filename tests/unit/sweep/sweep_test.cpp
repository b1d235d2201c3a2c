#include "sim/sweep/sweep.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "sim/report/run_directory.h"
#include "sim/sweep/sweep_text.h"
#include "sim/world/judged_run.h"
#include "tests/support/temp_dir.h"

namespace bsim {
namespace {

namespace fs = std::filesystem;

constexpr const char* kScenario = R"({"version": 1, "name": "tiny", "duration": "1s",
    "cluster": {"brokers": {"1": {}}}})";

RunReport passed(std::uint64_t seed) {
    RunReport report;
    report.hash = "h" + std::to_string(seed);
    report.events = seed * 10;
    report.end_ns = 1'000'000'000;
    report.checks["durable"] = {seed, 0};
    return report;
}

RunReport failed(std::uint64_t seed) {
    RunReport report = passed(seed);
    report.verdict = RunVerdict::Fail;
    report.complaints.push_back({"durable", "batch 3 < 4 & \"lost\"", 17});
    report.checks["durable"].violations = 1;
    return report;
}

// Gives up to the others what it has of the processor, so that runs end out of order.
void take_long() {
    volatile std::uint64_t sum = 0;
    for (std::uint64_t i = 0; i < 20'000'000; ++i)
        sum = sum + i;
}

class SweepRuns : public testing::Test {
  protected:
    void SetUp() override {
        fs::create_directories(root_ / "out");
        fs::create_directories(root_ / "scratch");
        for (std::uint64_t seed = 1; seed <= 12; ++seed)
            order_.seeds.push_back(seed);
        order_.cells.push_back({{}, kScenario, *parse_scenario(kScenario, "tiny", vocabulary())});
        order_.directory = root_ / "out";
        order_.scratch = root_ / "scratch";
        host_.interrupted = [] { return false; };
        host_.reported = [this](const RunRecord& record) {
            told_ += run_lines(kHead, order_, record);
        };
        host_.progress = [](auto, auto, auto) {};
    }

    // Every text that a sweep gives.
    std::string run(std::size_t workers) {
        order_.workers = workers;
        told_.clear();
        fs::remove_all(root_ / "out");
        fs::create_directories(root_ / "out");
        outcome_ = run_sweep(order_, host_);
        return told_ + sweep_summary(kHead, order_, outcome_) +
               sweep_json(kHead, order_, outcome_) + sweep_junit(kHead, order_, outcome_);
    }
    std::vector<std::string> kept() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(root_ / "out"))
            names.push_back(entry.path().filename().string());
        std::sort(names.begin(), names.end());
        return names;
    }
    std::vector<std::uint64_t> seeds_reported() const {
        std::vector<std::uint64_t> seeds;
        for (const RunRecord& record : outcome_.records)
            seeds.push_back(record.seed);
        return seeds;
    }

    static inline const SweepHead kHead{"tiny", "1..12", "out", "brokersim"};
    test::TempDir temp_;
    const fs::path root_ = temp_.path();
    SweepOrder order_;
    SweepHost host_;
    std::string told_;
    SweepOutcome outcome_;
};

// Early seeds take long, every fifth fails, and leaves its directory.
RunReport some_fail(const RunRequest& request) {
    if (request.seed < 4)
        take_long();
    if (request.directory) {
        fs::create_directories(*request.directory);
        std::ofstream(*request.directory / "scenario.json") << request.source.text;
    }
    return request.seed % 5 == 0 ? failed(request.seed) : passed(request.seed);
}

TEST_F(SweepRuns, TheNumberOfWorkersChangesNoByte) {
    host_.run = some_fail;
    const std::string alone = run(1);
    EXPECT_EQ(run(4), alone);
    EXPECT_EQ(outcome_.end, SweepEnd::Completed);
    EXPECT_EQ(outcome_.exit_code(), ExitCode::Fail);
    EXPECT_EQ(outcome_.failed(), 2U);
    EXPECT_EQ(outcome_.checks.at("durable").tally.evaluations, 78U);
    EXPECT_EQ(outcome_.checks.at("durable").first_seed, 5U);
    ASSERT_EQ(kept().size(), 2U);
    std::ifstream file(root_ / "out" / kept()[1] / "scenario.json");
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const auto scenario = parse_scenario(text, "kept", vocabulary());
    ASSERT_TRUE(scenario.ok()) << text;
    EXPECT_EQ(scenario->seed, 5U) << "what is kept needs no --seed";
}

TEST_F(SweepRuns, StopAfterCountsInTheOrderOfSeeds) {
    host_.run = some_fail;
    order_.stop_after = 1;
    const std::string alone = run(1);
    EXPECT_EQ(run(4), alone);
    EXPECT_EQ(outcome_.end, SweepEnd::StoppedAfter);
    EXPECT_EQ(seeds_reported(), (std::vector<std::uint64_t>{1, 2, 3, 4, 5}));
    EXPECT_EQ(outcome_.not_run, (std::vector<std::uint64_t>{6, 7, 8, 9, 10, 11, 12}));
    EXPECT_EQ(kept().size(), 1U) << "seed 10 may have run, but nobody hears of it";
}

TEST_F(SweepRuns, ACrashIsAFailureOfItsSeed) {
    host_.run = [](const RunRequest& request) {
        if (request.seed == 3)
            std::raise(SIGKILL);
        if (request.seed == 4)
            _exit(9);
        return passed(request.seed);
    };
    run(2);
    ASSERT_EQ(outcome_.records.size(), 12U);
    EXPECT_EQ(outcome_.verdicts.at(RunVerdict::Crashed), 2U);
    EXPECT_EQ(outcome_.records[2].report.complaints[0].detail,
              "its process ended by signal 9 (Killed)");
    EXPECT_EQ(outcome_.records[3].report.complaints[0].detail, "its process ended by exit code 9");
    EXPECT_EQ(outcome_.exit_code(), ExitCode::Fail);
}

TEST_F(SweepRuns, ASecondRunThatDiffersIsTold) {
    host_.run = [](const RunRequest& request) {
        RunReport report = failed(request.seed);
        if (request.directory)
            report.hash += "x";
        return report;
    };
    order_.seeds = {8};
    run(1);
    EXPECT_EQ(outcome_.records[0].report.verdict, RunVerdict::NotDeterministic);
    EXPECT_EQ(outcome_.records[0].report.complaints.back().detail,
              "a second run gave fail hash h8x");
}

TEST_F(SweepRuns, ABudgetAndAnInterruptSayWhatWasNotRun) {
    host_.run = some_fail;
    order_.budget_ms = 0;
    run(2);
    EXPECT_EQ(outcome_.end, SweepEnd::Budget);
    EXPECT_EQ(outcome_.exit_code(), ExitCode::Inconclusive);
    EXPECT_EQ(outcome_.runs_missing, 12U);
    order_.budget_ms.reset();
    bool stop = false;
    host_.interrupted = [&] { return stop; };
    host_.progress = [&](std::uint64_t ended, auto, auto) { stop = ended >= 2; };
    run(1);
    EXPECT_EQ(outcome_.exit_code(), ExitCode::Interrupted);
    EXPECT_EQ(seeds_reported(), (std::vector<std::uint64_t>{1, 2}));
    EXPECT_EQ(outcome_.not_run.front(), 3U);
}

TEST_F(SweepRuns, AHostThatRefusesEndsTheSweep) {
    host_.run = [](const RunRequest& request) {
        RunReport report = passed(request.seed);
        if (request.seed == 3)
            report.host_trouble = "/x: disk full";
        return report;
    };
    run(1);
    EXPECT_EQ(outcome_.exit_code(), ExitCode::IoError);
    EXPECT_EQ(outcome_.host_trouble, "/x: disk full");
    EXPECT_EQ(seeds_reported(), (std::vector<std::uint64_t>{1, 2}));
}

TEST_F(SweepRuns, CellsAreRunSeedBySeed) {
    host_.run = [](const RunRequest& request) {
        return request.scenario.duration == seconds(2) ? failed(request.seed)
                                                       : passed(request.seed);
    };
    SweepCell other = order_.cells[0];
    other.scenario.duration = seconds(2);
    order_.cells[0].values = {"/duration=1s"};
    other.values = {"/duration=2s"};
    order_.cells.push_back(other);
    order_.seeds = {1, 2};
    run(3);
    ASSERT_EQ(outcome_.records.size(), 4U);
    EXPECT_EQ(outcome_.records[1].seed, 1U);
    EXPECT_EQ(outcome_.records[1].cell, 1U);
    EXPECT_EQ(outcome_.failed(), 2U);
    EXPECT_NE(sweep_summary(kHead, order_, outcome_).find("       2        2            0  1"),
              std::string::npos)
        << sweep_summary(kHead, order_, outcome_);
}

TEST_F(SweepRuns, JUnitNamesSeedsAndEscapes) {
    host_.run = [](const RunRequest& request) {
        return request.seed == 1 ? passed(1) : failed(request.seed);
    };
    order_.seeds = {1, 2};
    run(1);
    outcome_.records[1].directory = "tiny-s2-x";
    EXPECT_EQ(
        sweep_junit(kHead, order_, outcome_),
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<testsuite name=\"tiny\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">\n"
        "  <testcase classname=\"tiny\" name=\"seed 1\"/>\n"
        "  <testcase classname=\"tiny\" name=\"seed 2\">\n"
        "    <failure type=\"fail\" message=\"durable: batch 3 &lt; 4 &amp; &quot;lost&quot;\">"
        "seed 2      fail         h2                                     20 events&#10;"
        "  durable: batch 3 &lt; 4 &amp; &quot;lost&quot; (event 17)&#10;"
        "  replay: brokersim replay out/tiny-s2-x&#10;</failure>\n"
        "  </testcase>\n"
        "</testsuite>\n");
}

TEST(RunReport, SurvivesTheWayFromItsProcess) {
    RunReport report = failed(7);
    report.fired["crash"] = 2;
    EXPECT_EQ(*report_from_json(to_json_line(report)), report);
    EXPECT_FALSE(report_from_json("{\"verdict\":").ok());
    EXPECT_FALSE(report_from_json("{}").ok());
}

}  // namespace
}  // namespace bsim
