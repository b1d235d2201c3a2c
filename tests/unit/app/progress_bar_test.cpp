#include "sim/app/progress_bar.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

using std::chrono::milliseconds;

constexpr SimTime kMinute{60'000'000'000};

TEST(ProgressLine, TellsTimesSpeedFaultsAndViolations) {
    const RunProgress progress{SimTime(18'430'000'000), 848'000, 1, 0};
    EXPECT_EQ(progress_line(progress, kMinute, milliseconds(4000), 80),
              "sim 18.4s/60s ▕███████                 ▏ 212k ev/s  1 fault  0 violations");
}

TEST(ProgressLine, CountsInThePlural) {
    const RunProgress progress{SimTime(0), 500, 2, 1};
    EXPECT_EQ(progress_line(progress, SimTime(1'500'000'000), milliseconds(100), 80),
              "sim 0.0s/1.5s ▕                        ▏ 5000 ev/s  2 faults  1 violation");
}

TEST(ProgressLine, IsFullAtTheEndAndOfARunOfNoLength) {
    const std::string full = "▕████████████████████████▏";
    EXPECT_NE(progress_line({kMinute, 1, 0, 0}, kMinute, milliseconds(1), 80).find(full),
              std::string::npos);
    EXPECT_NE(progress_line({SimTime(0), 1, 0, 0}, SimTime(0), milliseconds(0), 80).find(full),
              std::string::npos);
}

TEST(ProgressLine, TheBarGivesWayOnANarrowTerminal) {
    const RunProgress progress{SimTime(30'000'000'000), 0, 0, 0};
    const auto line = [&](std::int64_t columns) {
        return progress_line(progress, kMinute, milliseconds(1), columns);
    };
    EXPECT_EQ(line(54), "sim 30.0s/60s ▕███   ▏ 0 ev/s  0 faults  0 violations");
    EXPECT_EQ(line(48), "sim 30.0s/60s 0 ev/s  0 faults  0 violations");
    EXPECT_EQ(line(20), "sim 30.0s/60s 0 ev/");
    EXPECT_EQ(line(0), "");
}

}  // namespace
}  // namespace bsim
