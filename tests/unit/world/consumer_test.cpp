// Consumers in a whole simulated cluster.
#include <gmock/gmock.h>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/world/judged_run.h"
#include "tests/support/temp_dir.h"

namespace bsim {
namespace {

// What consumers told, in order.
class ConsumerEvents : public EventSink {
  public:
    void on(const Event& event, std::string_view) override {
        if (const auto* consumed = as<RecordsConsumed>(event)) {
            records += consumed->count;
            consumed_to[{event.n, consumed->p}] = consumed->to;
        } else if (const auto* reset = as<PositionReset>(event)) {
            resets.push_back(*reset);
        } else if (const auto* failed = as<ConsumeFailed>(event)) {
            failures.push_back(*failed);
        } else if (const auto* acked = as<ProduceAcked>(event)) {
            records_acked += acked->count;
        } else if (const auto* stopped = as<NodeStopped>(event)) {
            if (event.n.text().starts_with("consumer-"))
                consumers_ended.push_back(stopped->how);
        }
    }

    std::int64_t records = 0;
    std::int64_t records_acked = 0;
    std::map<std::pair<NodeName, TopicPartition>, Offset> consumed_to;
    std::vector<PositionReset> resets;
    std::vector<ConsumeFailed> failures;
    std::vector<StopMode> consumers_ended;
};

Scenario scenario_of(const std::string& text) {
    const auto parsed = parse_scenario(text, "test.json", vocabulary());
    EXPECT_TRUE(parsed.ok()) << parsed.error().front().message;
    return *parsed;
}

class ConsumersTest : public testing::Test {
  protected:
    void run(const Scenario& scenario) {
        run_ = std::make_unique<JudgedRun>(scenario, JudgedRun::Setup{7,
                                                                      SimTime() + scenario.duration,
                                                                      directory_.path(),
                                                                      history_,
                                                                      {&events_},
                                                                      nullptr});
        EXPECT_TRUE(run_->execute([](SimTime, std::uint64_t) { return true; }));
        history_.flush();
    }

    const CheckResult& check(const std::string& name) const {
        for (const CheckResult& result : run_->checks()) {
            if (result.name == name)
                return result;
        }
        ADD_FAILURE() << name;
        return run_->checks().front();
    }

    static std::size_t count(const std::string& text, const std::string& part) {
        std::size_t found = 0;
        for (std::size_t at = text.find(part); at != std::string::npos;
             at = text.find(part, at + 1)) {
            ++found;
        }
        return found;
    }

    test::TempDir directory_;
    StringSink history_text_;
    HistoryWriter history_{history_text_};
    ConsumerEvents events_;
    std::unique_ptr<JudgedRun> run_;
};

ConsumerSpec consumer(const std::string& name, int partitions) {
    ConsumerSpec spec;
    spec.name = name;
    for (int p = 0; p < partitions; ++p)
        spec.assign.push_back({"orders", PartitionIndex(p)});
    spec.members.resize(1);
    spec.members.front().settings["auto.offset.reset"] = "earliest";
    return spec;
}

TEST_F(ConsumersTest, ReadEveryRecordThroughAFailover) {
    Scenario scenario = scenario_of(R"json({
        "version": 1, "name": "t", "duration": "30s",
        "cluster": {"controllers": [100], "brokers": {"1": {}, "2": {}, "3": {}}},
        "topics": {"orders": {"partitions": 2, "replication": 3,
                              "assignment": {"0": [1, 2, 3], "1": [2, 3, 1]},
                              "config": {"min.insync.replicas": 2}}},
        "producers": {"shop": {"topic": "orders", "rate": "50/s", "value": "50B", "stop": "25s"}},
        "faults": [{"id": "kill", "fault": "crash", "target": "leader(orders-0)", "at": "8s",
                    "restart_after": "10s"}]
    })json");
    scenario.consumers.push_back(consumer("billing", 2));
    scenario.consumers.back().members.front().process = ConstantDist{milliseconds(1)};
    scenario.consumers.back().members.push_back(scenario.consumers.back().members.front());
    run(scenario);

    EXPECT_GT(events_.records_acked, 900);
    EXPECT_EQ(events_.records, 2 * events_.records_acked);
    EXPECT_EQ(events_.resets.size(), 4U);
    EXPECT_TRUE(events_.failures.empty());
    for (const auto& [key, to] : events_.consumed_to)
        EXPECT_EQ(to, *run_->view().partition(key.second)->leader_hw) << key.second.to_string();
    EXPECT_EQ(check("consumer-positions").violation_count, 0U);
    EXPECT_EQ(check("consumer-positions").permitted_count, 0U);
    EXPECT_GT(check("consumer-positions").evaluations, 1000U);
    EXPECT_EQ(check("hw-monotonic").violation_count, 0U);

    const std::string& history = history_text_.text();
    EXPECT_EQ(count(history, "\"type\":\"ok\",\"f\":\"poll\""),
              count(history, "\"type\":\"invoke\",\"f\":\"poll\"") - 2)
        << "the last calls wait for ever";
    EXPECT_THAT(history, testing::HasSubstr("\"type\":\"invoke\",\"f\":\"poll\",\"time\":"));
    EXPECT_THAT(history, testing::HasSubstr(R"("value":[["poll",{"orders-)"));
}

// CATALOGUE case 04. Broker 2 leaves the ISR, lags, and becomes leader by an unclean election while
// the application works on one record for so long that the log has regrown past its position.
Scenario truncation_while_the_consumer_works() {
    Scenario scenario = scenario_of(R"json({
        "version": 1, "name": "t", "duration": "45s",
        "cluster": {"controllers": [100], "brokers": {"1": {}, "2": {}},
                    "defaults": {"config": {"replica.lag.time.max.ms": 1000,
                                            "broker.session.timeout.ms": 3000}}},
        "topics": {"orders": {"partitions": 1, "replication": 2, "assignment": {"0": [1, 2]},
                              "config": {"unclean.leader.election.enable": true}}},
        "producers": {"shop": {"topic": "orders", "rate": "100/s", "value": "50B",
                               "config": {"acks": "1", "enable.idempotence": false}}},
        "faults": [
            {"id": "cut", "fault": "partition", "between": ["broker:1", "broker:2"], "at": "1s"},
            {"id": "kill", "fault": "crash", "target": "broker:1", "at": "10s"}]
    })json");
    scenario.consumers.push_back(consumer("billing", 1));
    // What was written before the ISR shrank becomes visible at once, and comes in one poll.
    scenario.consumers.back().members.front().settings["auto.offset.reset"] = "earliest";
    scenario.consumers.back().members.front().process = ConstantDist{milliseconds(100)};
    return scenario;
}

TEST_F(ConsumersTest, ATruncationIsNoticedAndDeclared) {
    run(truncation_while_the_consumer_works());
    EXPECT_EQ(check("consumer-positions").violation_count, 0U);
    ASSERT_EQ(events_.resets.size(), 2U);
    EXPECT_EQ(events_.resets[0].why, "initial");
    EXPECT_EQ(events_.resets[1].why, "truncated");
    EXPECT_LT(events_.resets[1].to + 100, events_.resets[1].from);
    EXPECT_EQ(check("consumer-positions").permitted_count, 1U);
}

TEST_F(ConsumersTest, WithoutTheCheckWhatWasWrittenAnewIsSkippedInSilence) {
    Scenario scenario = truncation_while_the_consumer_works();
    scenario.switches.consumer_truncation_check = false;
    run(scenario);
    EXPECT_EQ(events_.resets.size(), 1U);
    ASSERT_EQ(check("consumer-positions").violation_count, 1U);
    EXPECT_THAT(check("consumer-positions").violations.front().detail,
                testing::HasSubstr("never reach it"));
}

TEST_F(ConsumersTest, WithoutAResetPolicyTheApplicationEndsOnATruncation) {
    Scenario scenario = truncation_while_the_consumer_works();
    scenario.consumers.back().members.front().settings["auto.offset.reset"] = "none";
    run(scenario);
    ASSERT_EQ(events_.resets.size(), 1U);
    EXPECT_EQ(events_.resets[0].why, "seek");
    ASSERT_EQ(events_.failures.size(), 1U);
    EXPECT_EQ(events_.failures[0].error, "LOG_TRUNCATION");
    EXPECT_GT(events_.failures[0].offset, events_.failures[0].divergence);
    EXPECT_THAT(events_.consumers_ended, testing::ElementsAre(StopMode::Graceful));
    EXPECT_THAT(history_text_.text(), testing::HasSubstr(R"("type":"fail","f":"poll")"));
}

}  // namespace
}  // namespace bsim
