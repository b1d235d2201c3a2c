// Requests that are refused and answers that are lost, in whole runs: what clients do about it.
#include <algorithm>
#include <filesystem>
#include <gmock/gmock.h>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/world/judged_run.h"
#include "tests/support/temp_dir.h"

namespace bsim {
namespace {

class ClientLog : public EventSink {
  public:
    void on(const Event& event, std::string_view) override {
        if (const auto* sent = as<MessageSent>(event)) {
            messages.push_back({event.t, event.n.text(), sent->to.text(), sent->api});
            // What a server says because of the fault.
            if (!faults.empty() && event.c == faults && event.n.text().starts_with("broker-"))
                refused.push_back(sent->api);
        }
        if (as<FaultStarted>(event) != nullptr)
            faults = {event.i};
        if (as<MessageDropped>(event) != nullptr)
            ++dropped;
        if (const auto* acked = as<ProduceAcked>(event))
            records_acked += acked->count;
        if (as<ProduceFailed>(event) != nullptr)
            ++failed;
        if (const auto* appended = as<LogAppended>(event)) {
            if (event.n.text() == "broker-1" && appended->p.topic == "orders")
                log_end = appended->last + 1;
        }
        if (as<OffsetCommitted>(event) != nullptr)
            committed_at.push_back(event.t);
        if (const auto* failure = as<CommitFailed>(event))
            commit_failures.push_back(failure->error);
        if (const auto* closed = as<ConnectionClosed>(event))
            closings.push_back({event.t, event.n.text(), closed->peer.text(), closed->why});
    }

    struct Line {
        SimTime at;
        std::string from;
        std::string to;
        std::string what;
    };
    int sent(const std::string& from,
             const std::string& api,
             SimDuration begin,
             SimDuration end) const {
        int count = 0;
        for (const Line& line : messages) {
            count += line.from == from && line.what == api && SimTime() + begin <= line.at &&
                             line.at < SimTime() + end
                         ? 1
                         : 0;
        }
        return count;
    }

    std::vector<EventNumber> faults;  // the last one
    std::vector<std::string> refused;
    std::vector<Line> messages;
    std::vector<Line> closings;
    std::vector<SimTime> committed_at;
    std::vector<std::string> commit_failures;
    std::int64_t records_acked = 0;
    Offset log_end{0};
    int dropped = 0;
    int failed = 0;
};

class ApiFaults : public testing::Test {
  protected:
    // `more` are members of the scenario. All safety checks must hold.
    void run(const std::string& more) {
        std::filesystem::remove_all(directory_);
        log_ = ClientLog();
        const std::string text = R"json({"version": 1, "name": "t", "duration": "20s",
            "cluster": {"controllers": [100], "brokers": {"1": {}, "2": {}, "3": {}}},
            "record": {"messages": "headers"},
            "topics": {"orders": {"partitions": 1, "replication": 3,
                                  "assignment": {"0": [1, 2, 3]}}}, )json" +
                                 more + "}";
        const auto parsed = parse_scenario(text, "test.json", vocabulary());
        ASSERT_TRUE(parsed.ok()) << parsed.error().front().message;
        StringSink history_text;
        HistoryWriter history(history_text);
        JudgedRun run(*parsed,
                      {7, SimTime() + parsed->duration, directory_, history, {&log_}, nullptr});
        EXPECT_TRUE(run.execute([](SimTime, std::uint64_t) { return true; }));
        for (const CheckResult& check : run.checks()) {
            const bool judged = check.kind == CheckKind::Safety;
            EXPECT_EQ(judged ? check.violation_count : 0, 0U) << check.name;
        }
    }
    static std::string producer(const std::string& config) {
        return R"json("producers": {"p": {"topic": "orders", "rate": "50/s", "stop": "14s",
                      "config": {)json" +
               config + "}}}";
    }
    static constexpr const char* kGroup = R"json("consumers": {"billing": {"topics": ["orders"],
        "members": 1, "commit": "sync", "config": {"auto.offset.reset": "earliest"}}})json";

    test::TempDir temp_;
    const std::string directory_ = temp_ / "data";
    ClientLog log_;
};

TEST_F(ApiFaults, AMemberThatIsToldNotCoordinatorFindsItAgainAndCommits) {
    run(producer("") + ", " + kGroup + R"json(,
        "faults": [{"fault": "api-error", "api": "OffsetCommit", "error": "NOT_COORDINATOR",
                    "from": "group:billing", "at": "10s"}])json");
    const std::string member = "consumer-billing-0";
    EXPECT_EQ(log_.refused.at(0), "OffsetCommit");
    EXPECT_EQ(std::count(log_.refused.begin(), log_.refused.end(), "OffsetCommit"), 1);
    EXPECT_EQ(log_.sent(member, "FindCoordinator", seconds(8), seconds(10)), 0);
    // The first answer names the broker from which the member has just disconnected: it waits out
    // reconnect.backoff.ms, so the coordinator counts as unavailable and is looked for once more.
    EXPECT_EQ(log_.sent(member, "FindCoordinator", seconds(10), seconds(12)), 2);
    int after = 0;
    for (const SimTime at : log_.committed_at)
        after += at > SimTime() + seconds(11) ? 1 : 0;
    EXPECT_GT(after, 100);
    EXPECT_THAT(log_.commit_failures, testing::IsEmpty());
}

TEST_F(ApiFaults, AnIdempotentProducerWhoseAnswerWasLostWritesNothingTwice) {
    const std::string lost = R"json(, "faults": [{"fault": "response-drop", "api": "Produce",
        "from": "leader(orders-0)", "nth": 5, "at": "6s"}])json";
    run(producer(R"("request.timeout.ms": 2000)") + lost);
    EXPECT_GT(log_.dropped, 0);
    EXPECT_EQ(log_.failed, 0);
    EXPECT_EQ(log_.records_acked, log_.log_end - Offset(0));
    int timed_out = 0;
    for (const auto& line : log_.closings) {
        timed_out += line.from == "producer-p-0" && line.at >= SimTime() + seconds(8) &&
                             line.at < SimTime() + milliseconds(8500)
                         ? 1
                         : 0;
    }
    EXPECT_EQ(timed_out, 1) << "the request.timeout.ms after the answer that did not come";

    run(producer(R"("request.timeout.ms": 2000, "enable.idempotence": false)") + lost);
    EXPECT_LT(log_.records_acked, log_.log_end - Offset(0)) << "what idempotence is for";
}

TEST_F(ApiFaults, AReaderThatIsToldNotLeaderAsksWhoIs) {
    const auto with = [](const std::string& error) {
        return producer("") + ", " + kGroup + R"json(,
            "faults": [{"fault": "api-error", "api": "Fetch", "error": ")json" +
               error + R"json(", "from": "group:billing", "count": 1, "nth": 1,
               "match": {"partition": "orders-0"}, "at": "10s"}])json";
    };
    const std::string reader = "consumer-billing-0";
    run(with("NOT_LEADER_OR_FOLLOWER"));
    EXPECT_EQ(log_.sent(reader, "Metadata", seconds(8), seconds(10)), 0);
    EXPECT_EQ(log_.sent(reader, "Metadata", seconds(10), seconds(11)), 1);
    EXPECT_GT(log_.sent(reader, "Fetch", seconds(12), seconds(14)), 20) << "and reads on";
}

TEST_F(ApiFaults, AProducerTriesAgainAfterAnErrorThatPasses) {
    run(producer("") + R"json(, "faults": [{"fault": "api-error", "api": "Produce",
        "error": "NOT_ENOUGH_REPLICAS", "to": "broker:1", "count": 10, "probability": 0.5,
        "at": "6s"}])json");
    EXPECT_EQ(log_.failed, 0);
    EXPECT_EQ(log_.records_acked, log_.log_end - Offset(0));
    EXPECT_GT(log_.refused.size(), 0U);
    EXPECT_LT(log_.refused.size(), 10U) << "the draw spares some";
}

TEST_F(ApiFaults, EveryApiCanBeRefusedByEveryoneForAWhile) {
    // None of these errors may trip anything in the program; the cluster heals afterwards.
    const std::vector<std::string> apis = {"Fetch",
                                           "Produce",
                                           "Metadata",
                                           "ApiVersions",
                                           "OffsetCommit",
                                           "JoinGroup",
                                           "SyncGroup",
                                           "Heartbeat",
                                           "FindCoordinator",
                                           "OffsetFetch",
                                           "Vote",
                                           "ListOffsets",
                                           "BrokerHeartbeat",
                                           "AlterPartition",
                                           "BrokerRegistration",
                                           "InitProducerId",
                                           "OffsetForLeaderEpoch",
                                           "CreateTopics",
                                           "AllocateProducerIds"};
    for (const char* error : {"UNKNOWN_SERVER_ERROR", "NOT_LEADER_OR_FOLLOWER"}) {
        std::string faults;
        for (const std::string& api : apis) {
            faults += R"({"fault": "api-error", "api": ")" + api + R"(", "error": ")" + error +
                      R"(", "count": 3, "at": "4s", "for": "4s"}, )";
        }
        run(producer(R"("delivery.timeout.ms": 120000)") + ", " + kGroup + ", \"faults\": [" +
            faults + R"({"fault": "crash", "target": "broker:2", "at": "5s",
                         "restart_after": "1s"}])");
    }
}

}  // namespace
}  // namespace bsim
