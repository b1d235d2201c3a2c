#include "sim/model/partition_name.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

TEST(PartitionName, SplitsAtTheLastDash) {
    EXPECT_EQ(parse_partition_name("orders-0"), (TopicPartition{"orders", PartitionIndex(0)}));
    EXPECT_EQ(parse_partition_name("a-1-12"), (TopicPartition{"a-1", PartitionIndex(12)}));
    EXPECT_EQ(parse_partition_name("t--1"), (TopicPartition{"t-", PartitionIndex(1)}));
    EXPECT_EQ(parse_partition_name("t-2147483647"),
              (TopicPartition{"t", PartitionIndex(INT32_MAX)}));
}

TEST(PartitionName, NeedsATopicAndANumber) {
    for (const char* odd : {"", "-", "orders", "orders-", "-1", "orders-x", "orders-1x",
                            "orders-+1", "orders- 1", "orders-2147483648", "orders-0.abc-delete"}) {
        EXPECT_EQ(parse_partition_name(odd), std::nullopt) << odd;
    }
}

}  // namespace
}  // namespace bsim
