#include "sim/scenario/quantity.h"

#include <gtest/gtest.h>

#include "sim/scenario/nearest.h"

namespace bsim {
namespace {

std::int64_t ns(std::string_view text) {
    const auto duration = parse_duration(text);
    return duration ? duration->ns() : -1;
}

std::string suggestion(std::string_view text) {
    const auto duration = parse_duration(text);
    return duration ? "" : duration.error().suggestion;
}

TEST(Quantity, DurationsAreExact) {
    EXPECT_EQ(ns("60s"), 60'000'000'000);
    EXPECT_EQ(ns("250ms"), 250'000'000);
    EXPECT_EQ(ns("1.5h"), 5'400'000'000'000);
    EXPECT_EQ(ns("0.000000001s"), 1);
    EXPECT_EQ(ns("0.3us"), 300);
    EXPECT_EQ(ns("1.50000000000000000000000ms"), 1'500'000);
    EXPECT_EQ(ns("007d"), 7 * 86'400'000'000'000);
    EXPECT_EQ(ns("0s"), 0);
    EXPECT_EQ(ns("106652.999999999d"), kDurationEndNs - 86'400);
}

TEST(Quantity, WhatIsNoDurationIsRefused) {
    for (const char* text : {"", "s", "60", "60S", "-1s", "+1s", "1.s", ".5s", "1e3s", "1 s", "1s ",
                             "1,5s", "1.2.3s", "1ss", "١s", "0x10s"}) {
        const auto duration = parse_duration(text);
        ASSERT_FALSE(duration) << text;
        EXPECT_EQ(duration.error().kind, QuantityError::Kind::Malformed) << text;
    }
    for (const char* text : {"1.5ns", "106653d", "9223372036s", "0.0000000001s",
                             "99999999999999999999999999ns", "0.1111111111111111111d"}) {
        const auto duration = parse_duration(text);
        ASSERT_FALSE(duration) << text;
        EXPECT_EQ(duration.error().kind, QuantityError::Kind::OutOfRange) << text;
    }
}

TEST(Quantity, UsualSlipsAreRecognized) {
    EXPECT_EQ(suggestion("60"), "60s");
    EXPECT_EQ(suggestion("60 seconds"), "60s");
    EXPECT_EQ(suggestion("1.5 hours"), "1.5h");
    EXPECT_EQ(suggestion("10min"), "10m");
    EXPECT_EQ(suggestion("5µs"), "5us");
    EXPECT_EQ(suggestion("fast"), "");
    EXPECT_EQ(suggestion("5 parsec"), "");
    EXPECT_EQ(parse_size("10 KB").error().suggestion, "10kB");
    EXPECT_EQ(parse_size("50gib").error().suggestion, "50GiB");
    EXPECT_EQ(parse_record_rate("50rps").error().suggestion, "50/s");
}

TEST(Quantity, NumbersInOtherFormsAreRecognized) {
    EXPECT_EQ(suggestion("8S"), "8s");
    EXPECT_EQ(suggestion("+5s"), "5s");
    EXPECT_EQ(suggestion("1,5s"), "1.5s");
    EXPECT_EQ(suggestion(".5m"), "0.5m");
    EXPECT_EQ(suggestion("20.s"), "20s");
    EXPECT_EQ(suggestion("20\u00a0s"), "20s");
    EXPECT_EQ(suggestion("1m30s"), "90s");
    EXPECT_EQ(suggestion("1h 30min"), "90m");
    EXPECT_EQ(suggestion("2w"), "14d");
    EXPECT_EQ(suggestion("999999w"), "");
    EXPECT_EQ(suggestion("2e1s"), "");
    EXPECT_EQ(suggestion("+"), "");
    EXPECT_EQ(suggestion("   "), "");
}

TEST(Quantity, BitRatesInOtherFormsAreRecognized) {
    for (const auto& [written, meant] :
         {std::pair{"1mbit/s", "1Mbit/s"}, std::pair{"10Gbps", "10Gbit/s"},
          std::pair{"10GBit/s", "10Gbit/s"}, std::pair{"5 Mb/s", "5Mbit/s"},
          std::pair{"5MBps", "5MB/s"}, std::pair{"5mb/s", "5MB/s"}, std::pair{"5Mbit", "5Mbit/s"},
          std::pair{"100/s", ""}}) {
        const auto rate = parse_bit_rate(written);
        ASSERT_FALSE(rate) << written;
        EXPECT_EQ(rate.error().suggestion, meant) << written;
    }
}

TEST(Quantity, DriftsAreExactAndSlipsRecognized) {
    EXPECT_EQ(*parse_drift("-3.5ppm"), (Ratio{-35, 10}));
    for (const auto& [written, meant] :
         {std::pair{"20 ppm", "20ppm"}, std::pair{"20PPM", "20ppm"}, std::pair{"-20", "-20ppm"},
          std::pair{"5s", ""}, std::pair{"", ""}}) {
        const auto drift = parse_drift(written);
        ASSERT_FALSE(drift) << written;
        EXPECT_EQ(drift.error().kind, QuantityError::Kind::Malformed) << written;
        EXPECT_EQ(drift.error().suggestion, meant) << written;
    }
    for (const char* text : {"1000000ppm", "-1000000ppm", "2000000ppm", "0.1234567890123456789ppm"})
        EXPECT_EQ(parse_drift(text).error().kind, QuantityError::Kind::OutOfRange) << text;
}

TEST(Quantity, SizesAreExact) {
    EXPECT_EQ(*parse_size("256B"), 256);
    EXPECT_EQ(*parse_size("1.5KiB"), 1536);
    EXPECT_EQ(*parse_size("1kB"), 1000);
    EXPECT_EQ(*parse_size("2TiB"), std::int64_t{2} << 40);
    EXPECT_FALSE(parse_size("0.5B"));
    EXPECT_FALSE(parse_size("9999999999999TiB"));
    EXPECT_FALSE(parse_size("1KB"));
}

TEST(Quantity, ARecordIsDueAtAnExactTime) {
    const RecordRate rate = *parse_record_rate("3/s");
    EXPECT_EQ(rate.due(0), SimDuration{});
    EXPECT_EQ(rate.due(1).ns(), 333'333'333);
    EXPECT_EQ(rate.due(3), seconds(1));
    EXPECT_EQ(rate.due(3'000'000'000), seconds(1'000'000'000));
    EXPECT_EQ(parse_record_rate("0.5/s")->due(1), seconds(2));
    EXPECT_EQ(parse_record_rate("30/m")->due(1), seconds(2));
    EXPECT_EQ(parse_record_rate("1000000000/s")->due(7), nanoseconds(7));
    EXPECT_FALSE(parse_record_rate("1000000001/s"));
    EXPECT_FALSE(parse_record_rate("0.0/s"));
    EXPECT_FALSE(parse_record_rate("5MB/s"));
    EXPECT_TRUE(is_bit_rate("5MB/s"));
    EXPECT_FALSE(is_bit_rate("5/s"));
}

TEST(Quantity, ARateOfBytesIsOneOfRecords) {
    const auto at = [](std::string_view rate, std::int64_t bytes) {
        return records_at(*parse_bit_rate(rate), bytes);
    };
    EXPECT_EQ(*at("1MB/s", 100), (RecordRate{1, microseconds(100)}));
    EXPECT_EQ(at("8kbit/s", 250)->due(4), seconds(1));
    EXPECT_EQ(at("1B/s", 3)->due(2), seconds(6));
    EXPECT_EQ(at("1bit/s", 1)->due(1), seconds(8));
    EXPECT_EQ(at("3B/s", 100)->due(3), seconds(100));
    EXPECT_EQ(*at("1GB/s", 1), (RecordRate{1, nanoseconds(1)}));
    EXPECT_FALSE(at("1.1GB/s", 1));
    EXPECT_FALSE(at("1kB/s", 0));
    EXPECT_FALSE(at("1bit/s", INT32_MAX));
}

TEST(Nearest, FindsTheWordThatWasMeant) {
    const std::vector<std::string_view> words = {"crash", "pause", "partition", "elect-preferred"};
    EXPECT_EQ(nearest("crahs", words), "crash");
    EXPECT_EQ(nearest("partion", words), "partition");
    EXPECT_EQ(nearest("elect_prefered", words), "elect-preferred");
    EXPECT_EQ(nearest("explode", words), std::nullopt);
    EXPECT_EQ(nearest("", words), std::nullopt);
    EXPECT_EQ(nearest("part", words), "partition");
    EXPECT_EQ(nearest(std::string(100'000, 'x'), words), std::nullopt);
    EXPECT_EQ(nearest("a", std::vector<std::string_view>{"b"}), std::nullopt);
}

TEST(Nearest, PassesOverCaseAndSeparators) {
    constexpr std::string_view kWords[] = {"restart_after", "replication", "NOT_COORDINATOR",
                                           "min.insync.replicas", "acked-records-durable"};
    EXPECT_EQ(nearest("restartAfter", kWords), "restart_after");
    EXPECT_EQ(nearest("not_coordinator", kWords), "NOT_COORDINATOR");
    EXPECT_EQ(nearest("MIN_INSYNC_REPLICA", kWords), "min.insync.replicas");
    EXPECT_EQ(nearest("replication_factor", kWords), "replication");
    EXPECT_EQ(nearest("replicationFactor", kWords), "replication");
    EXPECT_EQ(nearest("durable", kWords), "acked-records-durable");
    EXPECT_EQ(nearest("durab", kWords), std::nullopt);
    EXPECT_EQ(nearest("replications-", kWords), "replication");
    EXPECT_EQ(nearest("", kWords), std::nullopt);
}

TEST(Nearest, PrefersTheExactCase) {
    constexpr std::string_view kWords[] = {"Stabel", "stabil"};
    EXPECT_EQ(nearest("stabl", kWords), "stabil");
}

TEST(Nearest, CountsASwapOfNeighboursOnce) {
    EXPECT_EQ(edit_distance("crahs", "crash"), 1U);
    EXPECT_EQ(edit_distance("abc", ""), 3U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
}

}  // namespace
}  // namespace bsim
