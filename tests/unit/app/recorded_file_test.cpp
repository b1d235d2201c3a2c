// Recordings of real clusters: the forms that are read, and what is said of what is none.

#include "sim/app/recorded_file.h"

#include <gtest/gtest.h>

namespace bsim {
namespace {

std::string complaint(const std::string& text) {
    const auto read = parse_recording(text, "r.json");
    if (read.ok())
        return "";
    const Diagnostic& first = read.error().front();
    return first.pointer + ": " + first.message;
}

constexpr const char* kState = R"({"leader": 1, "leaderEpoch": 0, "isr": [1, 2]})";

std::string story(const std::string& steps) {
    return std::string(R"({"scenario": "s", "mode": "kraft", "initial": {"t-0": )") + kState +
           R"(}, "steps": [)" + steps + "]}";
}

TEST(RecordedFile, AStoryHasItsStatesAfterStepsAndItsChanges) {
    const auto read = parse_recording(
        story(R"({"step": "kill 1", "state_after": {"leader": 2, "leaderEpoch": 1, "isr": [2]},
                  "metadata_log": [{"type": "BrokerRegistrationChangeRecord"},
                    {"partition": "t-0", "after": {"leader": 2, "leaderEpoch": 1,
                                                   "partitionEpoch": 1, "isr": [2]}},
                    {"partition": "u-0", "after": {"leader": 3, "leaderEpoch": 1, "isr": [3]}}]},
                 {"step": "start 1", "state_after": {"leader": -1, "leaderEpoch": 2, "isr": []}})"),
        "r.json");
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read->size(), 1U);
    const RecordedStory& one = read->front();
    EXPECT_EQ(one.p.to_string(), "t-0");
    ASSERT_EQ(one.steps.size(), 2U);
    ASSERT_EQ(one.steps[0].changes.size(), 1U);
    EXPECT_EQ(one.steps[0].changes[0].partition_epoch, PartitionEpoch(1));
    EXPECT_TRUE(one.steps[1].changes.empty());
    ASSERT_TRUE(one.steps[1].after);
    EXPECT_FALSE(one.steps[1].after->leader);
}

TEST(RecordedFile, StoriesMayStandInListsOfAnyName) {
    const std::string one = story(R"({"step": "x", "state_after": )" + std::string(kState) + "}");
    const auto read =
        parse_recording("{\"about\": \"mine\", \"a\": [" + one + "], \"b\": [" + one + "]}", "r");
    ASSERT_TRUE(read.ok());
    EXPECT_EQ(read->size(), 2U);
}

TEST(RecordedFile, ZnodesAreReadAsWell) {
    const std::string znode =
        R"j({\"leader\":2,\"version\":1,\"leader_epoch\":1,\"isr\":[2]} zkVersion=7)j";
    const auto read = parse_recording(
        story(R"j({"step": "kill 1", "observed": [
            {"source": "zk", "partition": "/brokers/topics/t/partitions/0/state",
             "text": ")j" +
              znode + R"j("}, {"source": "zk", "partition": "/brokers/ids", "text": "[2]"}]})j"),
        "r.json");
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read->front().steps[0].changes.size(), 1U);
    EXPECT_EQ(read->front().steps[0].changes[0].partition_epoch, PartitionEpoch(7));
}

TEST(RecordedFile, ARecordingWithoutStepsIsCutByItsStates) {
    const auto read = parse_recording(
        R"({"scenario": "kill",
            "state_before": {"t-0": {"leader": 1, "leaderEpoch": 2, "isr": [1, 2]}},
            "state_after_fault": {"t-0": {"leader": 2, "leaderEpoch": 3, "isr": [2]}},
            "state_after_restart": {"t-0": {"leader": 2, "leaderEpoch": 3, "isr": [2, 1]}},
            "metadata_log": [
              {"partition": "t-0", "after": {"leader": 2, "leaderEpoch": 3, "isr": [2]}},
              {"partition": "t-0", "after": {"leader": 2, "leaderEpoch": 3, "isr": [2, 1]}}]})",
        "r.json");
    ASSERT_TRUE(read.ok());
    ASSERT_EQ(read->front().steps.size(), 2U);
    EXPECT_EQ(read->front().steps[0].name, "fault");
    EXPECT_EQ(read->front().steps[1].changes.size(), 1U);
}

TEST(RecordedFile, MistakesAreLocated) {
    EXPECT_EQ(complaint("{"), ": expected a key in quotation marks, found the end of the text");
    EXPECT_EQ(complaint("[]"), ": there is no story in the recording");
    EXPECT_EQ(complaint("[7]"), "/0: expected a story, got a number");
    EXPECT_EQ(complaint(R"({"steps": []})"), ": \"initial\" is missing");
    EXPECT_EQ(complaint(story("7")), "/steps/0: a step is an object");
    EXPECT_EQ(complaint(story(R"({"step": "x"})")),
              "/steps/0: the step tells neither changes nor the state after it");
    EXPECT_EQ(complaint(story(R"({"step": "x", "state_after": {"leader": "1", "isr": [1]}})")),
              "/steps/0/state_after/leader: \"leader\" is a string");
    EXPECT_EQ(complaint(story(R"({"step": "x", "state_after":
                {"leader": 1.5, "leaderEpoch": 0, "isr": [1]}})")),
              "/steps/0/state_after/leader: expected a whole number, got 1.5");
    EXPECT_EQ(complaint(R"({"initial": {"t": {}}, "steps": []})"),
              "/initial/t: \"t\" is no partition");
}

TEST(RecordedFile, ALineAndAColumnSayWhere) {
    const auto read = parse_recording("{\n \"initial\": 3,\n \"steps\": []\n}", "r.json");
    ASSERT_FALSE(read.ok());
    EXPECT_EQ(read.error().front().line, 2);
    EXPECT_EQ(read.error().front().column, 13);
    EXPECT_EQ(read.error().front().file, "r.json");
}

}  // namespace
}  // namespace bsim
