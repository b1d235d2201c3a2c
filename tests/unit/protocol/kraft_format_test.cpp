// What the Raft node leaves on disk and sends: the quorum-state file and Kafka's messages.

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "sim/protocol/kraft/batch_bytes.h"
#include "sim/protocol/kraft/quorum_state_file.h"
#include "sim/protocol/kraft/wire_messages.h"
#include "sim/wire/record_reader.h"

namespace bsim::kraft {
namespace {

const std::vector<BrokerId> kVoters{BrokerId(101), BrokerId(102), BrokerId(103)};

std::string read_file(const std::string& name) {
    std::ifstream in(BSIM_TEST_DATA "/kraft/" + name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(QuorumStateFile, IsWrittenAsKafkaWritesIt) {
    const std::string real = read_file("quorum-state-observer");
    const auto parsed = parse_quorum_state(real);
    ASSERT_TRUE(parsed.ok()) << parsed.error();
    EXPECT_EQ(parsed.value(), (ElectionState{LeaderEpoch(1), BrokerId(101), std::nullopt}));
    EXPECT_EQ(format_quorum_state(parsed.value(), kVoters), real);
}

TEST(QuorumStateFile, KeepsAVoteAndAnUnknownLeader) {
    const ElectionState voted{LeaderEpoch(7), std::nullopt, ReplicaKey{BrokerId(102), Uuid{}}};
    EXPECT_EQ(parse_quorum_state(format_quorum_state(voted, kVoters)).value(), voted);
    const ElectionState nothing{LeaderEpoch(3), std::nullopt, std::nullopt};
    EXPECT_EQ(parse_quorum_state(format_quorum_state(nothing, kVoters)).value(), nothing);
}

TEST(QuorumStateFile, ReadsTheDirectoryOfAVoteInVersion1) {
    const auto parsed =
        parse_quorum_state(R"({"leaderId":-1,"leaderEpoch":4,"votedId":102,)"
                           R"("votedDirectoryId":"AAAAAAAAAAAAAAAAAAAAAQ","data_version":1})");
    ASSERT_TRUE(parsed.ok()) << parsed.error();
    EXPECT_EQ(parsed.value().voted, (ReplicaKey{BrokerId(102), Uuid{0, 1}}));
}

TEST(QuorumStateFile, RefusesWhatIsDamaged) {
    const std::string good =
        format_quorum_state({LeaderEpoch(1), BrokerId(101), std::nullopt}, kVoters);
    for (std::size_t cut = 0; cut < good.size(); ++cut) {
        EXPECT_FALSE(parse_quorum_state(good.substr(0, cut)).ok()) << cut;
    }
    EXPECT_FALSE(parse_quorum_state("[1]").ok());
    EXPECT_FALSE(parse_quorum_state(
                     R"({"leaderId":1,"leaderEpoch":9999999999,"votedId":-1,"data_version":0})")
                     .ok());
    EXPECT_FALSE(
        parse_quorum_state(R"({"leaderId":1,"leaderEpoch":1,"votedId":-1,"data_version":2})").ok());
}

// The log's start as Kafka 3.9.1 wrote it: the LeaderChange of epoch 1, then one batch of four
// records.
TEST(KraftBatchBytes, AreThoseOfARealController) {
    const std::string real = read_file("metadata-log-start");
    ASSERT_EQ(real.size(), 251U);
    const LeaderChangeBatch change{Offset(0),     LeaderEpoch(1), WallMs(1795207832806),
                                   BrokerId(101), kVoters,        {BrokerId(101), BrokerId(102)}};
    const std::vector<std::uint8_t> first = batch_bytes(change);
    EXPECT_EQ(as_text(first), real.substr(0, 106));

    RecordsBatch records{Offset(1), LeaderEpoch(1), WallMs(1795207832993), {}};
    const auto batch = wire::parse_batch(as_bytes(real).subspan(106));
    ASSERT_TRUE(batch.ok());
    const auto read = wire::for_each_record(batch.value(), [&](const wire::RecordView& record) {
        records.values.push_back(SharedBytes::copy_of(*record.value));
    });
    ASSERT_TRUE(read.ok());
    const std::vector<std::uint8_t> second = batch_bytes(records);
    EXPECT_EQ(as_text(second), real.substr(106));
}

class WireMessages : public testing::Test {
  protected:
    // Through Kafka's bytes and back.
    template <class Body>
    static Body over_the_wire(const Body& body, std::int16_t version) {
        return std::visit(
            [version](const auto& message) -> Body {
                ByteWriter out;
                encode(message, version, out);
                ByteReader in(out.view());
                std::decay_t<decltype(message)> decoded;
                decode(in, version, decoded);
                EXPECT_FALSE(in.failed());
                EXPECT_EQ(in.remaining(), 0U);
                return decoded;
            },
            body);
    }
    void expect_same(const RaftRequest& request) {
        const auto body = over_the_wire(to_wire(request, identity_), wire_version(request));
        EXPECT_EQ(from_wire(body), request);
    }
    void expect_same(const RaftAnswer& answer, const SharedBytes& records, const RaftResponse& as) {
        const std::int16_t version = std::holds_alternative<FetchAnswer>(answer) ? 17 : 1;
        EXPECT_EQ(from_wire(over_the_wire(to_wire(answer, records, identity_), version)), as);
    }

    WireIdentity identity_{
        "5L6g3nShT-eMCtK--X86sw", "CONTROLLER", {{BrokerId(101), {"host-101", 9093}}}};
    ReplicaKey me_{BrokerId(1), Uuid{3, 4}};
    AnswerHead head_{wire::ErrorCode::None, LeaderEpoch(5), BrokerId(101)};
    AnswerHead fenced_{wire::ErrorCode::FencedLeaderEpoch, LeaderEpoch(5), std::nullopt};
};

TEST_F(WireMessages, RequestsSurviveTheWire) {
    expect_same(FetchRequest{me_, LeaderEpoch(5), Offset(77), LeaderEpoch(4), milliseconds(500)});
    expect_same(VoteRequest{me_, LeaderEpoch(6), {LeaderEpoch(5), Offset(88)}, std::nullopt});
    expect_same(VoteRequest{
        me_, LeaderEpoch(6), {LeaderEpoch(5), Offset(88)}, ReplicaKey{BrokerId(2), Uuid{}}});
    expect_same(VoteRequest{
        me_, LeaderEpoch(5), {LeaderEpoch(5), Offset(88)}, ReplicaKey{BrokerId(2), Uuid{}}, true});
    expect_same(FetchSnapshotRequest{
        me_, LeaderEpoch(5), {LeaderEpoch(3), Offset(70)}, 2000, 8 * 1024 * 1024});
    expect_same(DescribeQuorumRequest{});
    expect_same(BeginQuorumEpochRequest{BrokerId(101), LeaderEpoch(5),
                                        ReplicaKey{BrokerId(2), Uuid{5, 6}}});
    expect_same(EndQuorumEpochRequest{
        BrokerId(101), LeaderEpoch(5), {{BrokerId(102), Uuid{}}, {BrokerId(103), Uuid{}}}});
}

TEST_F(WireMessages, AnswersSurviveTheWire) {
    const SharedBytes records(std::vector<std::uint8_t>{1, 2, 3});
    expect_same(FetchAnswer{head_, Offset(0), Offset(9), std::nullopt, std::nullopt, Offset(7)},
                records, FetchResponse{head_, Offset(9), std::nullopt, std::nullopt, records});
    expect_same(FetchAnswer{head_, Offset(0), std::nullopt, std::nullopt, std::nullopt, Offset(7)},
                SharedBytes{}, FetchResponse{head_, std::nullopt, std::nullopt, std::nullopt, {}});
    const OffsetAndEpoch diverging{LeaderEpoch(2), Offset(6)};
    expect_same(FetchAnswer{head_, Offset(0), Offset(9), diverging, std::nullopt, std::nullopt},
                SharedBytes{}, FetchResponse{head_, Offset(9), diverging, std::nullopt, {}});
    const OffsetAndEpoch snapshot{LeaderEpoch(3), Offset(8)};
    expect_same(FetchAnswer{head_, Offset(0), Offset(9), std::nullopt, snapshot, std::nullopt},
                SharedBytes{}, FetchResponse{head_, Offset(9), std::nullopt, snapshot, {}});
    expect_same(FetchSnapshotAnswer{head_, snapshot, 5000, 2000, 100}, records,
                FetchSnapshotResponse{head_, snapshot, 5000, 2000, records});
    // An answer with an error names the snapshot 0-0, as Kafka's does.
    expect_same(FetchSnapshotAnswer{fenced_, std::nullopt, 0, 0, 0}, {},
                FetchSnapshotResponse{fenced_, OffsetAndEpoch{}, 0, 0, {}});
    // Of a refusal to speak of pre-votes only the error is there.
    const AnswerHead unsupported{wire::ErrorCode::UnsupportedVersion, LeaderEpoch(5), std::nullopt};
    expect_same(VoteResponse{unsupported, false}, {},
                VoteResponse{{unsupported.error, LeaderEpoch(0), std::nullopt}, false});
    expect_same(VoteResponse{fenced_, false}, {}, VoteResponse{fenced_, false});
    expect_same(VoteResponse{head_, true}, {}, VoteResponse{head_, true});
    expect_same(BeginQuorumEpochResponse{head_}, {}, BeginQuorumEpochResponse{head_});
    expect_same(EndQuorumEpochResponse{fenced_}, {}, EndQuorumEpochResponse{fenced_});
}

TEST_F(WireMessages, TheQuorumIsDescribedWithItsEndpoints) {
    DescribeQuorumAnswer answer{head_, Offset(9), {}, {}};
    answer.voters.push_back({{BrokerId(101), Uuid{}}, Offset(11), WallMs(77), WallMs(66)});
    answer.observers.push_back({me_, Offset(10), WallMs(55), std::nullopt});
    const auto body = to_wire(answer, {}, identity_);
    const auto& made = std::get<wire::DescribeQuorumResponse>(body);
    const auto& partition = made.topics.front().partitions.front();
    EXPECT_EQ(partition.leader_id, 101);
    EXPECT_EQ(partition.high_watermark, 9);
    EXPECT_EQ(partition.current_voters.front().log_end_offset, 11);
    EXPECT_EQ(partition.current_voters.front().last_caught_up_timestamp, 66);
    EXPECT_EQ(partition.observers.front().replica_id, 1);
    EXPECT_EQ(partition.observers.front().last_caught_up_timestamp, -1);
    EXPECT_EQ(made.nodes.front().listeners.front().host, "host-101");

    const AnswerHead not_leader{wire::ErrorCode::NotLeaderOrFollower, LeaderEpoch(5), BrokerId(1)};
    const auto refused = to_wire(DescribeQuorumAnswer{not_leader, {}, {}, {}}, {}, identity_);
    EXPECT_EQ(std::get<wire::DescribeQuorumResponse>(refused)
                  .topics.front()
                  .partitions.front()
                  .error_code,
              6);
}

TEST_F(WireMessages, OthersAreNotRaftMessages) {
    EXPECT_EQ(from_wire(wire::RequestBody{wire::MetadataRequest{}}), std::nullopt);
    EXPECT_EQ(from_wire(wire::RequestBody{wire::FetchRequest{}}), std::nullopt);
    wire::FetchRequest two_partitions;
    two_partitions.topics.emplace_back().partitions.resize(2);
    EXPECT_EQ(from_wire(wire::RequestBody{two_partitions}), std::nullopt);
}

TEST_F(WireMessages, TheLeaderIsNamedWithItsEndpoint) {
    const auto body = to_wire(VoteResponse{head_, false}, {}, identity_);
    const auto& endpoints = std::get<wire::VoteResponse>(body).node_endpoints;
    ASSERT_EQ(endpoints.size(), 1U);
    EXPECT_EQ(endpoints.front().host, "host-101");
    EXPECT_EQ(endpoints.front().port, 9093);
}

}  // namespace
}  // namespace bsim::kraft
