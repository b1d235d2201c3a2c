#include "sim/app/where_check.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

std::string complaint(const std::string& text) {
    const auto where = parse_where(text);
    return where.ok() ? where_complaint(*where) : where.error();
}

TEST(WhereCheck, WhatATraceCanHoldIsTaken) {
    EXPECT_EQ(complaint("k=LeaderElected and p=orders-0 or n=broker-1,hw>10"), "");
    EXPECT_EQ(complaint("t>5s and t<=6000000000"), "");
    EXPECT_EQ(complaint("k=ProduceAcked and latency_ns>200ms"), "");
    EXPECT_EQ(complaint("i=9"), "");
}

TEST(WhereCheck, WhatNoTraceHoldsIsNamed) {
    EXPECT_EQ(complaint("k=PartitionChangd"),
              "there is no kind of events \"PartitionChangd\"; did you mean \"PartitionChanged\"?");
    EXPECT_EQ(complaint("clen=false"),
              "no such event has an attribute \"clen\"; did you mean \"clean\"?");
    EXPECT_EQ(complaint("k=LeaderElected and hw=3"),
              "no such event has an attribute \"hw\"; there are: clean, epoch, from, i, isr, k, n, "
              "p, t, to");
    EXPECT_EQ(complaint("hw>abc"), "\"abc\" is no whole number");
    EXPECT_EQ(complaint("t>5"), "");
    EXPECT_EQ(complaint("t>soon"),
              "\"soon\" is no whole number of nanoseconds and no duration such as 5s");
}

TEST(WhereCheck, TimesMayHaveUnits) {
    auto where = parse_where("t>5s,latency_ns<=1ms,hw=5");
    ASSERT_TRUE(where.ok());
    take_units(*where);
    EXPECT_EQ(where->front()[0].value, "5000000000");
    EXPECT_EQ(where->front()[1].value, "1000000");
    EXPECT_EQ(where->front()[2].value, "5");
}

}  // namespace
}  // namespace bsim
