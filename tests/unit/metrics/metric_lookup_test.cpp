// What metric() in expressions sees.

#include "sim/metrics/metric_lookup.h"

#include <algorithm>

#include <gtest/gtest.h>

#include "sim/trace/tracer.h"

namespace bsim {
namespace {

class MetricLookupTest : public testing::Test {
  protected:
    MetricLookupTest() { tracer_.subscribe(lookup_); }

    void holds(int second, const std::string& node, const std::vector<int>& owned) {
        AssignmentChanged changed{node.substr(0, 1), {}, GenerationId(1), "assigned", ""};
        for (const int index : owned)
            changed.owned.push_back({"t", PartitionIndex(index)});
        tracer_.emit(SimTime() + seconds(second), NodeName(node), std::move(changed));
    }
    // "AMOUNT/DECIMALS", "none".
    std::string value(const std::string& name, const metrics::MetricLookup::Labels& labels = {}) {
        const auto found = lookup_.value(name, labels);
        return found ? std::to_string(found->amount) + "/" + std::to_string(found->decimals)
                     : "none";
    }

    const std::string pauses_ = "brokersim_group_partition_pause_seconds_total";
    metrics::MetricLookup lookup_{metrics::Settings{}};
    Tracer tracer_{RecordMessages::No};
};

TEST_F(MetricLookupTest, SumsTheSamplesThatHaveTheLabels) {
    EXPECT_EQ(value(pauses_), "none");
    holds(1, "g-0", {0, 1});
    holds(1, "h-0", {0});
    holds(5, "g-0", {0});
    holds(5, "h-0", {});
    holds(8, "h-0", {});
    EXPECT_EQ(value(pauses_, {{"consumergroup", "g"}}), "3000000000/9");
    EXPECT_EQ(value(pauses_, {{"consumergroup", "h"}}), "3000000000/9");
    EXPECT_EQ(value(pauses_), "6000000000/9");
    EXPECT_EQ(value(pauses_, {{"consumergroup", "i"}}), "none");
    EXPECT_EQ(value(pauses_, {{"topic", "t"}}), "none");
}

TEST_F(MetricLookupTest, KnowsTheNodeAsInstance) {
    tracer_.emit(SimTime(), NodeName("broker-1"), NodeStarted{});
    tracer_.emit(SimTime(), NodeName("broker-2"), NodeStarted{});
    EXPECT_EQ(value("brokersim_node_up"), "2/0");
    EXPECT_EQ(value("brokersim_node_up", {{"instance", "broker-2"}}), "1/0");
    EXPECT_EQ(value("brokersim_node_up", {{"instance", "broker-3"}}), "none");
}

TEST_F(MetricLookupTest, WantsTheNameOfTheSample) {
    holds(1, "g-0", {0});
    EXPECT_EQ(value(pauses_), "0/9");
    EXPECT_EQ(value("brokersim_group_partition_pause_seconds"), "none");
    EXPECT_EQ(value("brokersim_group_partition_pause_seconds_sum"), "none");
    EXPECT_EQ(value("brokersim"), "none");
}

TEST_F(MetricLookupTest, WhatIsCountedForAllCountsOnce) {
    tracer_.emit(SimTime(), NodeName("broker-1"), NodeStarted{});
    for (const char* const topic : {"a", "b"}) {
        const TopicPartition p{topic, PartitionIndex(0)};
        tracer_.emit(SimTime(), NodeName("broker-1"), BecameLeader{p, LeaderEpoch(1), Offset(0)});
        LogAppended appended;
        appended.p = p;
        appended.last = Offset(9);
        tracer_.emit(SimTime(), NodeName("broker-1"), appended);
    }
    const std::string name = "kafka_server_brokertopicmetrics_messagesin_total";
    EXPECT_EQ(value(name), "20/0");
    EXPECT_EQ(value(name, {{"instance", "broker-1"}}), "20/0");
    EXPECT_EQ(value(name, {{"topic", "a"}}), "10/0");
}

TEST(MetricNames, HaveTheLabelsThatSamplesHave) {
    const auto labels = metrics::sample_labels();
    EXPECT_EQ(labels.size(), metrics::sample_names().size());
    EXPECT_EQ(labels.at("brokersim_produce_latency_seconds"),
              (std::vector<std::string>{"topic", "quantile"}));
    EXPECT_EQ(labels.at("brokersim_node_up"), std::vector<std::string>{});
}

TEST(MetricNames, AreThoseOfSamplesAndSorted) {
    const auto names = metrics::sample_names();
    EXPECT_TRUE(std::is_sorted(names.begin(), names.end()));
    const auto has = [&](const std::string& name) {
        return std::binary_search(names.begin(), names.end(), name);
    };
    EXPECT_TRUE(has("brokersim_group_partition_pause_seconds_total"));
    EXPECT_FALSE(has("brokersim_group_partition_pause_seconds"));
    EXPECT_TRUE(has("brokersim_produce_latency_seconds_count"));
    EXPECT_TRUE(has("kafka_consumergroup_lag"));
}

}  // namespace
}  // namespace bsim
