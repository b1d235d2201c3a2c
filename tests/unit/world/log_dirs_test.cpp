// Brokers with several log directories (JBOD, KIP-858): where partitions go, that the metadata says
// so, and that restarts find everything again.
#include <algorithm>
#include <gmock/gmock.h>
#include <map>

#include <gtest/gtest.h>

#include "tests/unit/world/world_lab.h"

namespace bsim::test {
namespace {

using testing::Contains;
using testing::IsSupersetOf;
using testing::Not;

std::string scenario(const std::string& brokers, const std::string& more) {
    return R"({"version": 1, "name": "t", "duration": "100s",
        "cluster": {"controllers": [100], "brokers": )" +
           brokers + R"(}, "topics": {"orders": {"partitions": 7, "replication": 2}},
        "producers": {"p": {"topic": "orders", "rate": "50/s"}})" +
           more + "}";
}

const char* const kTwo =
    R"({"1": {"disk": {"log_dirs": 3}}, "2": {"config": {"log.dirs": "a,b"}}})";

std::size_t count_partitions(const std::vector<std::string>& names) {
    return static_cast<std::size_t>(std::count_if(
        names.begin(), names.end(), [](const auto& name) { return name.starts_with("orders-"); }));
}

TEST(LogDirectories, HoldAsManyPartitionsAsTheOthersAndTheMetadataSaysWhich) {
    WorldLab lab(scenario(kTwo, ""));
    lab.run_to(seconds(10));
    EXPECT_THAT(lab.files(1), testing::UnorderedElementsAre("d0", "d1", "d2"));
    EXPECT_THAT(lab.files(1, "d0"),
                IsSupersetOf({"meta.properties", "bootstrap.checkpoint", "__cluster_metadata-0"}));
    EXPECT_THAT(lab.files(1, "d1"), Contains("meta.properties"));
    EXPECT_THAT(lab.files(1, "d1"), Not(Contains("bootstrap.checkpoint")));
    EXPECT_EQ(3U, count_partitions(lab.files(1, "d0")));
    EXPECT_EQ(2U, count_partitions(lab.files(1, "d1")));
    EXPECT_EQ(2U, count_partitions(lab.files(1, "d2")));
    EXPECT_EQ(4U, count_partitions(lab.files(2, "d0")));
    EXPECT_EQ(3U, count_partitions(lab.files(2, "d1")));
    for (const std::int32_t broker : {1, 2}) {
        for (std::int32_t i = 0; i < 7; ++i) {
            const Replica& replica = lab.replica(broker, "orders", i);
            EXPECT_EQ(lab.broker(broker).log_dirs().id(replica.log_dir),
                      lab.partition("orders", i).directory_of(BrokerId(broker)));
        }
    }
    EXPECT_EQ(0U, lab.violations());
}

TEST(LogDirectories, AreFoundAgainAfterAKillAndAfterALossOfPower) {
    WorldLab lab(scenario(kTwo, ""));
    lab.run_to(seconds(10));
    std::map<std::int32_t, std::size_t> before;
    for (std::int32_t i = 0; i < 7; ++i)
        before[i] = lab.replica(1, "orders", i).log_dir;
    lab.lose_power(1);
    lab.run_to(seconds(12));
    lab.start(1);
    lab.run_to(seconds(35));
    for (std::int32_t i = 0; i < 7; ++i) {
        EXPECT_EQ(before[i], lab.replica(1, "orders", i).log_dir);
        EXPECT_EQ(2U, lab.partition("orders", i).isr.size());
    }
    EXPECT_EQ(7U, count_partitions(lab.files(1, "d0")) + count_partitions(lab.files(1, "d1")) +
                      count_partitions(lab.files(1, "d2")));
    EXPECT_EQ(0U, lab.violations());
}

}  // namespace
}  // namespace bsim::test
