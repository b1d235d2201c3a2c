// The example that the scenario format is told with, without its streams.
#include <algorithm>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "sim/world/judged_run.h"

namespace bsim {
namespace {

TEST(ExampleScenario, IsTaken) {
    std::ifstream in(std::string(BSIM_TEST_DATA) + "/scenarios/leader-failover.json");
    std::ostringstream text;
    text << in.rdbuf();
    Vocabulary words = vocabulary();
    for (const char* const check : {"per-partition-order", "no-produce-errors"}) {
        if (std::find(words.checks.begin(), words.checks.end(), check) == words.checks.end())
            words.checks.emplace_back(check);
    }
    const auto parsed = parse_scenario(text.str(), "leader-failover.json", words);
    ASSERT_TRUE(parsed) << parsed.error().front().message;
    EXPECT_EQ(parsed->snapshot_every, seconds(5));
    ASSERT_EQ(parsed->producers.size(), 1U);
    EXPECT_EQ(parsed->producers[0].key->dist, KeySpec::Dist::Zipf);
    EXPECT_EQ(parsed->brokers[0].hardware.disk.capacity_bytes, std::int64_t{50} << 30);
    EXPECT_EQ(parsed->expect.size(), 8U);
}

}  // namespace
}  // namespace bsim
