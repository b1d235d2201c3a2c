// Java's orders, by hand; the hashes themselves are compared in group_consumer_protocol_test.cpp.

#include "sim/base/java_order.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace bsim {
namespace {

TEST(JavaOrder, ComparesUtf16Units) {
    EXPECT_TRUE(java_less("", "a"));
    EXPECT_TRUE(java_less("a", "ab"));
    EXPECT_FALSE(java_less("ab", "ab"));
    EXPECT_TRUE(java_less("Z", "a"));
    EXPECT_TRUE(java_less("z", "\u00e9"));
    // U+1F600 is d83d de00 in Java, which is before U+FFEE; as bytes it is behind.
    EXPECT_TRUE(java_less("x\U0001F600", "x\uffee"));
    EXPECT_FALSE(java_less("x\uffee", "x\U0001F600"));
    EXPECT_TRUE(java_less("\u4e00", "\U0001F600"));
    EXPECT_TRUE(java_less("\U0001F600", "\U0001F601"));
}

TEST(JavaOrder, WalksBucketsAndInsertionsWithinThem) {
    // Buckets of 16: 1, 0, 15, and again 1.
    EXPECT_EQ(java_hash_order({17, 0, 15, 1}), (std::vector<std::size_t>{1, 0, 3, 2}));
    // The upper half of a hash counts too: 0x10000 is in bucket 1.
    EXPECT_EQ(java_hash_order({2, 0x10000}), (std::vector<std::size_t>{1, 0}));
}

TEST(JavaOrder, TableGrowsBeyondThreeQuarters) {
    std::vector<std::uint32_t> hashes{16};
    for (std::uint32_t i = 0; i < 11; ++i)
        hashes.push_back(i);
    EXPECT_EQ(java_table_capacity(hashes), 16U);
    EXPECT_EQ(java_hash_order(hashes).front(), 0U);  // 16 came before 0 into bucket 0
    hashes.push_back(11);
    EXPECT_EQ(java_table_capacity(hashes), 32U);
    EXPECT_EQ(java_hash_order(hashes).back(), 0U);
}

TEST(JavaOrder, ANinthKeyInOneBucketMakesASmallTableGrow) {
    std::vector<std::uint32_t> hashes;
    for (std::uint32_t i = 0; i < 8; ++i)
        hashes.push_back(64 * i);
    EXPECT_EQ(java_table_capacity(hashes), 16U);
    hashes.push_back(64 * 8);
    EXPECT_EQ(java_table_capacity(hashes), 32U);
    hashes.push_back(64 * 9);
    EXPECT_EQ(java_table_capacity(hashes), 64U);
    hashes.push_back(64 * 10);
    EXPECT_EQ(java_table_capacity(hashes), 64U);
}

}  // namespace
}  // namespace bsim
