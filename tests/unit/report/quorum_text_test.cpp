// `brokersim quorum` against what kafka-metadata-quorum.sh of Kafka 3.9.1 printed of a real quorum
// (tests/data/cli), told by events.

#include "sim/report/quorum_text.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "tests/unit/report/cluster_story.h"

namespace bsim {
namespace {

constexpr std::int64_t kEpochMs = 1'704'067'200'000;

SimTime at_wall(std::int64_t ms) {
    return SimTime() + milliseconds(ms - kEpochMs);
}

std::string golden(const std::string& name) {
    std::string text = golden_cli(name);
    for (const char* n : {"1", "2", "3"}) {
        const std::string number(n);
        text = with_replaced(text, "CONTROLLER://127.0.0.1:2110" + number,
                             "CONTROLLER://controller-10" + number + ":9093");
    }
    return text;
}

class QuorumText : public testing::Test {
  protected:
    void role(const std::string& node, RaftRoleName role, int epoch, std::optional<int> leader) {
        std::optional<BrokerId> id;
        if (leader)
            id = BrokerId(*leader);
        story_.tell(node, RaftRole{role, LeaderEpoch(epoch), id}, now_);
    }
    void append(const std::string& node, int last, SimTime at) {
        story_.tell(node,
                    LogAppended{{"__cluster_metadata", PartitionIndex(0)},
                                Offset(last),
                                Offset(last),
                                LeaderEpoch(1),
                                91,
                                0},
                    at);
    }
    // The quorum of the recorded cluster.
    void recorded(int hw) {
        for (const char* n : {"1", "2", "3"}) {
            story_.cluster.processes[NodeName("controller-10" + std::string(n))] = ProcessState::Up;
        }
        auto& dirs = story_.cluster.stored.dirs;
        dirs[NodeName("broker-1")] = {{"broker-1", *Uuid::parse("JwGmMAtLOehDYqVz1peGzw")}};
        dirs[NodeName("broker-2")] = {{"broker-2", *Uuid::parse("r0jwsIeAr_j3VwldG1yb-Q")}};
        dirs[NodeName("broker-3")] = {{"broker-3", *Uuid::parse("GZg7NqFSXcSK0BuViIebLQ")}};
        story_.cluster.stored.cluster_id = "T3JhY2xlS1JhZnRLYWZrYQ";
        role("controller-101", RaftRoleName::Leader, 1, 101);
        append("controller-101", 398, at_wall(1795207943000));
        append("controller-102", 398, at_wall(1795207943138));
        append("controller-103", 398, at_wall(1795207943140));
        for (const char* broker : {"broker-1", "broker-2", "broker-3"})
            append(broker, 398, at_wall(1795207943137));
        story_.tell("controller-101", RaftHw{Offset(hw), LeaderEpoch(1)});
        story_.cluster.at = at_wall(1795207943352);
    }
    // Three voters, led by 101 in epoch 1, all of them at `leo`.
    void three_voters(int leo) {
        for (const char* n : {"1", "2", "3"}) {
            const std::string node = "controller-10" + std::string(n);
            story_.cluster.processes[NodeName(node)] = ProcessState::Up;
            role(node, *n == '1' ? RaftRoleName::Leader : RaftRoleName::Follower, 1, 101);
            append(node, leo - 1, now_);
        }
        story_.cluster.at = now_;
    }
    std::string line(const std::string& label) {
        const std::string text = quorum_status(story_.cluster);
        const std::size_t from = text.find(label);
        return text.substr(from, text.find('\n', from) - from);
    }

    ClusterStory story_;
    SimTime now_ = SimTime() + seconds(1);
};

TEST_F(QuorumText, TheStatusIsShownAsByTheRealTool) {
    recorded(398);
    EXPECT_EQ(quorum_status(story_.cluster), golden("metadata-quorum-status.txt"));
}

TEST_F(QuorumText, TheReplicationIsShownAsByTheRealTool) {
    recorded(398);
    EXPECT_EQ(quorum_replication(story_.cluster, false), golden("metadata-quorum-replication.txt"));
}

TEST_F(QuorumText, MomentsAreCountedBackIfAskedFor) {
    recorded(398);
    const std::string text = quorum_replication(story_.cluster, true);
    EXPECT_NE(text.find("\t214 ms ago        \t214 ms ago           \tFollower\t\n"),
              std::string::npos)
        << text;
}

TEST_F(QuorumText, TheSlowestVoterMakesTheLag) {
    three_voters(10);
    append("controller-101", 19, now_ + seconds(1));
    append("controller-102", 19, now_ + seconds(1));
    story_.cluster.at = now_ + seconds(3);
    EXPECT_EQ(line("MaxFollowerLag: "), "MaxFollowerLag:         10");
    EXPECT_EQ(line("MaxFollowerLagTimeMs"), "MaxFollowerLagTimeMs:   3000");
}

TEST_F(QuorumText, ANewLeaderKnowsNobodyUntilTheyFetch) {
    three_voters(10);
    role("controller-102", RaftRoleName::Leader, 2, 102);
    story_.cluster.at = now_ + seconds(2);
    EXPECT_EQ(line("LeaderId"), "LeaderId:               102");
    EXPECT_EQ(line("LeaderEpoch"), "LeaderEpoch:            2");
    EXPECT_EQ(line("HighWatermark"), "HighWatermark:          -1");
    const auto json = quorum_json(story_.cluster);
    EXPECT_EQ(json["voters"][0]["log_end_offset"], -1);
    EXPECT_EQ(json["voters"][0]["last_fetch_ms"], -1);
    EXPECT_EQ(json["voters"][1]["log_end_offset"], 10);
    EXPECT_EQ(json["max_follower_lag"], 11);
    EXPECT_EQ(json["max_follower_lag_ms"], -1);
    // One learns of the new leader and asks it; a word of the old one counts no more.
    role("controller-103", RaftRoleName::Follower, 2, 102);
    story_.tell("controller-101", RaftHw{Offset(10), LeaderEpoch(1)});
    const auto later = quorum_json(story_.cluster);
    EXPECT_EQ(later["voters"][2]["log_end_offset"], 10);
    EXPECT_EQ(later["high_watermark"], -1);
}

TEST_F(QuorumText, WithoutALeaderThereIsNoLag) {
    three_voters(10);
    story_.tell("controller-101", RaftHw{Offset(9), LeaderEpoch(1)});
    story_.tell("controller-101", NodeStopped{StopMode::Kill});
    role("controller-102", RaftRoleName::Candidate, 2, std::nullopt);
    EXPECT_EQ(line("LeaderId"), "LeaderId:               -1");
    EXPECT_EQ(line("LeaderEpoch"), "LeaderEpoch:            2");
    EXPECT_EQ(line("HighWatermark"), "HighWatermark:          9");
    EXPECT_EQ(line("MaxFollowerLag: "), "MaxFollowerLag:         -1");
    EXPECT_EQ(quorum_replication(story_.cluster, false).find("Leader\t"), std::string::npos);
}

TEST_F(QuorumText, AnObserverThatNoLongerFetchesIsForgottenAfterFiveMinutes) {
    three_voters(10);
    append("broker-1", 9, now_);
    story_.cluster.at = now_ + seconds(299);
    EXPECT_NE(line("CurrentObservers").find("\"id\": 1"), std::string::npos);
    story_.cluster.at = now_ + seconds(300);
    EXPECT_EQ(line("CurrentObservers"), "CurrentObservers:       []");
}

TEST_F(QuorumText, AnOnlyDirectoryIsTheOneThatWasRegistered) {
    three_voters(10);
    append("broker-1", 9, now_);
    story_.cluster.stored.dirs[NodeName("broker-1")] = {{"broker-1", Uuid{9, 9}}};
    EXPECT_NE(line("CurrentObservers").find(Uuid{9, 9}.to_string()), std::string::npos);
    wire::RegisterBrokerRecord record;
    record.broker_id = 1;
    record.log_dirs = {Uuid{8, 8}};
    story_.records(record);
    EXPECT_NE(line("CurrentObservers").find(Uuid{8, 8}.to_string()), std::string::npos);
}

TEST_F(QuorumText, ACombinedNodeIsAVoterByTheManifestsWord) {
    story_.cluster.manifest["broker-1"].voter = true;
    story_.cluster.processes[NodeName("broker-1")] = ProcessState::Up;
    role("broker-1", RaftRoleName::Unattached, 0, std::nullopt);
    EXPECT_EQ(line("CurrentVoters"),
              "CurrentVoters:          [{\"id\": 1, \"directoryId\": null, \"endpoints\": "
              "[\"CONTROLLER://broker-1:9093\"]}]");
}

TEST_F(QuorumText, ACopyThatIsCutOrRecoveredEndsThere) {
    three_voters(10);
    const TopicPartition p{"__cluster_metadata", PartitionIndex(0)};
    story_.tell("controller-102", LogTruncated{p, Offset(10), Offset(7)});
    story_.tell("controller-103", LogRecovered{p, 1, 0, Offset(4)});
    const auto json = quorum_json(story_.cluster);
    EXPECT_EQ(json["voters"][1]["lag"], 3);
    EXPECT_EQ(json["voters"][2]["lag"], 6);
}

}  // namespace
}  // namespace bsim
