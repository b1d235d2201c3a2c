#include "sim/metrics/metric.h"

#include <array>
#include <limits>

#include <gtest/gtest.h>

#include "sim/metrics/csv_rows.h"
#include "sim/metrics/open_metrics_text.h"

namespace bsim::metrics {
namespace {

std::string text_of(Decimal value) {
    std::string text = "=";
    append_decimal(text, value);
    return text;
}

TEST(Decimal, IsWrittenExactlyWithoutZerosAtTheEnd) {
    EXPECT_EQ(text_of({0, 0}), "=0");
    EXPECT_EQ(text_of({0, 9}), "=0");
    EXPECT_EQ(text_of({-1, 0}), "=-1");
    EXPECT_EQ(text_of({1200, 0}), "=1200");
    EXPECT_EQ(text_of({7, 9}), "=0.000000007");
    EXPECT_EQ(text_of({215'089'224, 9}), "=0.215089224");
    EXPECT_EQ(text_of({1'500'000'000, 9}), "=1.5");
    EXPECT_EQ(text_of({60'000'000'000, 9}), "=60");
    EXPECT_EQ(text_of({-1'050, 3}), "=-1.05");
    EXPECT_EQ(text_of({std::numeric_limits<std::int64_t>::min(), 0}), "=-9223372036854775808");
    EXPECT_EQ(text_of({std::numeric_limits<std::int64_t>::max(), 9}), "=9223372036.854775807");
}

constexpr MetricInfo kSeen{MetricType::Counter, "zoo_seen", "", "Animals; \"all\"\nof them."};
constexpr MetricInfo kEmpty{MetricType::Gauge, "zoo_empty", "", "Nothing."};
constexpr MetricInfo kWait{MetricType::Summary, "zoo_wait_seconds", "seconds", "Queue."};

TEST(OpenMetricsText, DescribesMetricsThatHaveSamples) {
    OpenMetricsText text(SimTime(2'500'000'000), WallMs(1'704'067'200'000));
    text.start(kEmpty);
    text.start(kSeen);
    const std::array<Label, 2> labels{{{"topic", "a\"b\\c\nd"}, {"partition", "0"}}};
    text.add({"_total", "broker-1", labels, {5, 0}, SimTime(1'000'000'000)});
    text.add({"_total", "", {}, {6, 0}, SimTime(0)});
    text.start(kWait);
    const Label half{"quantile", "0.5"};
    text.add({"", "", {&half, 1}, {25, 1}, {}});
    text.add({"_count", "", {}, {1, 0}, {}});
    EXPECT_EQ(text.finish(),
              "# TYPE zoo_seen counter\n"
              "# HELP zoo_seen Animals; \\\"all\\\"\\nof them.\n"
              "zoo_seen_total{instance=\"broker-1\",topic=\"a\\\"b\\\\c\\nd\",partition=\"0\"} 5 "
              "1704067202.5\n"
              "zoo_seen_created{instance=\"broker-1\",topic=\"a\\\"b\\\\c\\nd\",partition=\"0\"} "
              "1704067201 1704067202.5\n"
              "zoo_seen_total 6 1704067202.5\n"
              "zoo_seen_created 1704067200 1704067202.5\n"
              "# TYPE zoo_wait_seconds summary\n"
              "# UNIT zoo_wait_seconds seconds\n"
              "# HELP zoo_wait_seconds Queue.\n"
              "zoo_wait_seconds{quantile=\"0.5\"} 2.5 1704067202.5\n"
              "zoo_wait_seconds_count 1 1704067202.5\n"
              "# EOF\n");
}

TEST(CsvRows, HoldOneSampleEachAndQuoteWhatMustBe) {
    std::string rows;
    CsvRows csv(SimTime(3'000'000'000), rows);
    csv.start(kEmpty);
    csv.start(kSeen);
    const std::array<Label, 2> plain{{{"topic", "orders"}, {"partition", "0"}}};
    csv.add({"_total", "broker-1", plain, {5, 0}, SimTime(0)});
    const Label odd{"error", "say \"no\", twice"};
    csv.add({"_total", "", {&odd, 1}, {15, 1}, SimTime(0)});
    EXPECT_EQ(rows,
              "3000000000,broker-1,zoo_seen_total,topic=orders;partition=0,5\n"
              "3000000000,,zoo_seen_total,\"error=say \"\"no\"\", twice\",1.5\n");
}

}  // namespace
}  // namespace bsim::metrics
