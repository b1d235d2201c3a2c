// Members of a group on a whole simulated cluster: who owns what, when, and what is read.
#include <gmock/gmock.h>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sim/world/judged_run.h"
#include "tests/support/temp_dir.h"

namespace bsim {
namespace {

constexpr std::int32_t kPartitions = 6;

// What the members told, in order.
class MemberEvents : public EventSink {
  public:
    struct Change {
        SimTime at;
        std::string node;
        std::string why;
        std::vector<TopicPartition> owned;
    };

    void on(const Event& event, std::string_view) override {
        if (const auto* changed = as<AssignmentChanged>(event)) {
            changes.push_back({event.t, event.n.text(), changed->why, changed->owned});
            owned[event.n.text()] = {changed->owned.begin(), changed->owned.end()};
            count_owners();
        } else if (as<NodeStopped>(event) != nullptr) {
            owned.erase(event.n.text());
        } else if (const auto* failed = as<CommitFailed>(event)) {
            commit_failures.push_back(failed->error);
        } else if (const auto* consumed = as<RecordsConsumed>(event)) {
            for (Offset at = consumed->from; at < consumed->to; at = at + 1)
                ++times[{consumed->p, at}];
        } else if (const auto* acked = as<ProduceAcked>(event)) {
            records_acked += acked->count;
        } else if (const auto* left = as<MemberLeft>(event)) {
            leavers.push_back(left->why);
        } else if (const auto* committed = as<OffsetCommitted>(event)) {
            ++commits;
            committed_to[committed->p] = committed->offset;
        }
    }

    // From when to the last change of that cause.
    SimTime last(const std::string& why) const {
        SimTime at;
        for (const Change& change : changes) {
            if (change.why == why)
                at = change.at;
        }
        return at;
    }
    std::int64_t read_twice() const {
        std::int64_t count = 0;
        for (const auto& [record, seen] : times)
            count += seen > 1 ? 1 : 0;
        return count;
    }

    std::vector<Change> changes;
    std::map<std::string, std::set<TopicPartition>> owned;
    std::map<std::pair<TopicPartition, Offset>, int> times;
    std::vector<std::string> commit_failures;
    std::vector<std::string> leavers;
    std::map<TopicPartition, Offset> committed_to;
    std::int64_t records_acked = 0;
    std::int64_t commits = 0;
    std::int64_t double_owners = 0;

  private:
    void count_owners() {
        std::map<TopicPartition, int> owners;
        for (const auto& [node, partitions] : owned) {
            for (const TopicPartition& p : partitions)
                double_owners += ++owners[p] > 1 ? 1 : 0;
        }
    }
};

class GroupMembers : public testing::Test {
  protected:
    // `consumer` and `faults` are JSON.
    void run(const std::string& consumer, const std::string& faults) {
        const std::string text = R"json({"version": 1, "name": "t", "duration": "60s",
            "cluster": {"controllers": [100], "brokers": {"1": {}, "2": {}, "3": {}}},
            "topics": {"orders": {"partitions": 6, "replication": 3}},
            "producers": {"shop": {"topic": "orders", "rate": "50/s", "value": "50B",
                                   "stop": "50s"}},
            "consumers": {"billing": )json" +
                                 consumer + R"json(}, "faults": )json" + faults + "}";
        const auto parsed = parse_scenario(text, "test.json", vocabulary());
        ASSERT_TRUE(parsed.ok()) << parsed.error().front().message;
        run_ = std::make_unique<JudgedRun>(
            *parsed,
            JudgedRun::Setup{
                7, SimTime() + parsed->duration, directory_.path(), history_, {&events_}, nullptr});
        EXPECT_TRUE(run_->execute([](SimTime, std::uint64_t) { return true; }));
        history_.flush();
        for (const CheckResult& check : run_->checks()) {
            const bool expected =
                churns_ && (check.name == "churn-budget" || check.name == "unseen");
            EXPECT_EQ(check.violation_count > 0, expected) << check.name;
        }
    }

    bool churns_ = false;  // the group never comes to rest
    test::TempDir directory_;
    StringSink history_text_;
    HistoryWriter history_{history_text_};
    MemberEvents events_;
    std::unique_ptr<JudgedRun> run_;
};

constexpr const char* kSettings = R"json("config": {"auto.offset.reset": "earliest",
    "session.timeout.ms": 6000, "heartbeat.interval.ms": 1000, "auto.commit.interval.ms": 500)json";

std::string members(int count, const std::string& commit, const std::string& config = "") {
    return R"({"topics": ["orders"], "process": "1ms", "members": )" + std::to_string(count) +
           R"(, "commit": ")" + commit + "\", " + kSettings + config + "}}";
}

TEST_F(GroupMembers, ShareATopicAndReadEachRecordOnce) {
    run(members(3, "auto"), "[]");
    EXPECT_EQ(events_.owned.size(), 3U);
    for (const auto& [node, partitions] : events_.owned)
        EXPECT_EQ(partitions.size(), 2U) << node;
    EXPECT_GT(events_.records_acked, 2000);
    EXPECT_EQ(static_cast<std::int64_t>(events_.times.size()), events_.records_acked);
    EXPECT_EQ(events_.read_twice(), 0);
    EXPECT_EQ(events_.double_owners, 0);
    EXPECT_GT(events_.commits, 100);
    EXPECT_EQ(events_.committed_to.size(), static_cast<std::size_t>(kPartitions));
    EXPECT_THAT(history_text_.text(), testing::HasSubstr(R"("f":"commit")"));
}

TEST_F(GroupMembers, TakeOverFromOneThatCrashedWhenItsSessionIsOver) {
    run(members(2, "auto"),
        R"([{"id": "kill", "fault": "crash", "target": "consumer:billing-0", "at": "30s"}])");
    ASSERT_EQ(events_.owned.size(), 1U);
    EXPECT_EQ(events_.owned.begin()->second.size(), static_cast<std::size_t>(kPartitions));
    const std::int64_t took = (events_.last("assigned") - seconds(30) - SimTime()).ms();
    EXPECT_GT(took, 4900);
    EXPECT_LT(took, 7200);
    EXPECT_EQ(static_cast<std::int64_t>(events_.times.size()), events_.records_acked);
    EXPECT_EQ(events_.double_owners, 0);
    EXPECT_THAT(events_.leavers, testing::ElementsAre("session_timeout"));
}

TEST_F(GroupMembers, TakeOverAtOnceFromOneThatCloses) {
    run(members(2, "auto"),
        R"([{"id": "bye", "fault": "crash", "mode": "graceful", "target": "consumer:billing-0",
             "at": "30s"}])");
    const std::int64_t took = (events_.last("assigned") - seconds(30) - SimTime()).ms();
    EXPECT_LT(took, 1300);
    EXPECT_EQ(static_cast<std::int64_t>(events_.times.size()), events_.records_acked);
    EXPECT_EQ(events_.read_twice(), 0);
    EXPECT_EQ(events_.double_owners, 0);
    EXPECT_THAT(events_.leavers, testing::ElementsAre("leave"));
}

TEST_F(GroupMembers, OfACooperativeGroupKeepWhatStaysTheirs) {
    run(members(2, "sync",
                R"(, "partition.assignment.strategy":
                   "org.apache.kafka.clients.consumer.CooperativeStickyAssignor")"),
        R"([{"id": "kill", "fault": "crash", "target": "consumer:billing-0", "at": "20s",
             "restart_after": "15s"}])");
    EXPECT_EQ(events_.owned.size(), 2U);
    for (const auto& [node, partitions] : events_.owned)
        EXPECT_EQ(partitions.size(), 3U) << node;
    EXPECT_EQ(static_cast<std::int64_t>(events_.times.size()), events_.records_acked);
    EXPECT_EQ(events_.double_owners, 0);
    for (const MemberEvents::Change& change : events_.changes) {
        if (change.why == "revoked") {
            EXPECT_EQ(change.owned.size(), 3U) << "the others are read on";
        }
    }
}

TEST_F(GroupMembers, ThatWorkTooLongAreThrownOutAndCannotCommit) {
    churns_ = true;
    run(R"json({"topics": ["orders"], "process": "40ms", "members": 2, "commit": "sync",
                "config": {"auto.offset.reset": "earliest", "session.timeout.ms": 6000,
                           "heartbeat.interval.ms": 1000, "max.poll.interval.ms": 4000}})json",
        "[]");
    EXPECT_THAT(events_.leavers, testing::Contains("poll_timeout"));
    EXPECT_THAT(events_.commit_failures, testing::Contains("COMMIT_FAILED"));
}

TEST_F(GroupMembers, FindTheirCoordinatorAgainAfterItsBrokerDied) {
    run(members(2, "auto"),
        R"json([{"id": "kill", "fault": "crash", "target": "coordinator(group:billing)",
             "at": "30s",
             "restart_after": "10s"}])json");
    EXPECT_EQ(events_.owned.size(), 2U);
    EXPECT_EQ(static_cast<std::int64_t>(events_.times.size()), events_.records_acked);
    EXPECT_EQ(events_.double_owners, 0);
}

}  // namespace
}  // namespace bsim
