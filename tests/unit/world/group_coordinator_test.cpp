// Groups on a whole cluster: the offsets topic and its coordinators, as clients see them.

#include <memory>
#include <set>

#include <gtest/gtest.h>

#include "sim/node/api_versions.h"
#include "sim/node/rpc_client.h"
#include "sim/protocol/group/offset_records.h"
#include "sim/protocol/rules/assignors/consumer_protocol.h"
#include "tests/unit/world/world_lab.h"

namespace bsim::test {
namespace {

using wire::ErrorCode;

std::string scenario(const std::string& config, const std::string& more) {
    return R"({"version": 1, "name": "lab", "duration": "600s",
      "cluster": {"controllers": [100], "brokers": {"1": {}, "2": {}, "3": {}},
                  "defaults": {"config": {"broker.session.timeout.ms": 3000,
                                          "broker.heartbeat.interval.ms": 500)" +
           config + R"(}}},
      "topics": {"orders": {"partitions": 2, "replication": 3}})" +
           more + "}";
}

class GroupsOnBrokers : public testing::Test {
  protected:
    void boot(const std::string& config, const std::string& more = "") {
        lab_ = std::make_unique<WorldLab>(scenario(config, more));
        lab_->run_to(seconds(5));
    }
    void wait(SimDuration span) { lab_->run_to(SimDuration(lab_->now().ns()) + span); }

    struct Asked {
        std::unique_ptr<RpcClient> client;
        std::optional<wire::ResponseBody> answer;
    };
    std::shared_ptr<Asked> send(std::int32_t broker, wire::RequestBody body) {
        auto asked = std::make_shared<Asked>();
        asked->client = std::make_unique<RpcClient>(lab_->cluster().admin(), "probe");
        asked->client->send({lab_->broker(broker).host(), static_cast<Port>(kBrokerPort)},
                            std::move(body), seconds(60), [asked](RpcClient::Answer got) {
                                if (got.ok())
                                    asked->answer = std::move(got).value();
                            });
        kept_.push_back(asked);
        return asked;
    }
    template <class Response>
    Response ask(std::int32_t broker, wire::RequestBody body) {
        const auto asked = send(broker, std::move(body));
        wait(seconds(1));
        return std::get<Response>(asked->answer.value());
    }
    template <class Response>
    static Response answer(const std::shared_ptr<Asked>& asked) {
        return std::get<Response>(asked->answer.value());
    }

    wire::FindCoordinatorResponse::Coordinator find(std::int32_t broker, const char* group) {
        wire::FindCoordinatorRequest request;
        request.coordinator_keys = {group};
        return ask<wire::FindCoordinatorResponse>(broker, request).coordinators.at(0);
    }
    // Asks until it is there.
    std::int32_t coordinator(std::int32_t broker, const char* group) {
        for (int tries = 0; tries < 30; ++tries) {
            const auto found = find(broker, group);
            if (found.error_code == 0)
                return found.node_id;
        }
        ADD_FAILURE() << "no coordinator of " << group;
        return 1;
    }
    static wire::JoinGroupRequest join(const char* group, const std::string& member) {
        wire::JoinGroupRequest request;
        request.group_id = group;
        request.member_id = member;
        request.session_timeout_ms = 30'000;
        request.rebalance_timeout_ms = 60'000;
        request.protocol_type = "consumer";
        request.protocols.push_back({"range", group::encode_subscription({{"orders"}}, 3)});
        return request;
    }
    static wire::SyncGroupRequest sync(const char* group, const std::string& member) {
        wire::SyncGroupRequest request;
        request.group_id = group;
        request.member_id = member;
        request.generation_id = 1;
        request.protocol_type = "consumer";
        request.protocol_name = "range";
        const group::Assignment assignment{
            {{"orders", PartitionIndex(0)}, {"orders", PartitionIndex(1)}}};
        request.assignments.push_back({member, group::encode_assignment(assignment, 3)});
        return request;
    }
    static wire::HeartbeatRequest beat(const char* group, const std::string& member) {
        wire::HeartbeatRequest request;
        request.group_id = group;
        request.member_id = member;
        request.generation_id = 1;
        return request;
    }
    static wire::OffsetCommitRequest commit(const char* group,
                                            const std::string& member,
                                            std::int64_t offset,
                                            const char* topic = "orders") {
        wire::OffsetCommitRequest request;
        request.group_id = group;
        request.member_id = member;
        request.generation_id_or_member_epoch = member.empty() ? -1 : 1;
        auto& committed = request.topics.emplace_back();
        committed.name = topic;
        committed.partitions.emplace_back().committed_offset = offset;
        return request;
    }
    static ErrorCode error_of(const wire::OffsetCommitResponse& response) {
        return static_cast<ErrorCode>(response.topics.at(0).partitions.at(0).error_code);
    }
    std::int64_t committed(std::int32_t broker, const char* group) {
        wire::OffsetFetchRequest request;
        auto& asked = request.groups.emplace_back();
        asked.group_id = group;
        asked.topics = std::nullopt;
        const auto response = ask<wire::OffsetFetchResponse>(broker, request);
        const auto& topics = response.groups.at(0).topics;
        return topics.empty() ? -1 : topics.at(0).partitions.at(0).committed_offset;
    }
    // A stable group of one member; its coordinator.
    std::int32_t form(const char* group, std::string& member) {
        const std::int32_t at = coordinator(1, group);
        wait(seconds(2));
        member = ask<wire::JoinGroupResponse>(at, join(group, "")).member_id;
        const auto joined = send(at, join(group, member));
        wait(seconds(4));
        EXPECT_EQ(1, answer<wire::JoinGroupResponse>(joined).generation_id);
        EXPECT_EQ(0, ask<wire::SyncGroupResponse>(at, sync(group, member)).error_code);
        return at;
    }

    std::unique_ptr<WorldLab> lab_;
    std::vector<std::shared_ptr<Asked>> kept_;
};

TEST_F(GroupsOnBrokers, TheFirstGroupThatIsLookedForMakesTheOffsetsTopic) {
    boot("");
    const auto first = find(1, "billing");
    EXPECT_EQ(ErrorCode::CoordinatorNotAvailable, static_cast<ErrorCode>(first.error_code));
    EXPECT_EQ(-1, first.node_id);
    wait(seconds(2));
    const auto second = find(2, "billing");
    EXPECT_EQ(0, second.error_code);
    EXPECT_EQ(9092, second.port);
    const auto image = lab_->cluster().committed();
    const TopicImage* topic = image->topic("__consumer_offsets");
    ASSERT_NE(nullptr, topic);
    EXPECT_EQ(50U, topic->partitions.size());
    EXPECT_EQ(3U, topic->partitions.at(PartitionIndex(0)).replicas.size());
    const auto& configs = image->configs({ConfigResourceType::Topic, "__consumer_offsets"});
    EXPECT_EQ(3U, configs.size());
    EXPECT_EQ("compact", configs.at("cleanup.policy"));
    EXPECT_EQ("producer", configs.at("compression.type"));
    EXPECT_EQ("104857600", configs.at("segment.bytes"));
}

TEST_F(GroupsOnBrokers, WithTooFewBrokersThereIsNoCoordinator) {
    boot(R"(, "offsets.topic.replication.factor": 4)");
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(ErrorCode::CoordinatorNotAvailable,
                  static_cast<ErrorCode>(find(1, "billing").error_code));
    }
    EXPECT_EQ(nullptr, lab_->cluster().committed()->topic("__consumer_offsets"));
}

TEST_F(GroupsOnBrokers, AMemberJoinsCommitsAndFindsItsOffsetAgain) {
    boot("");
    std::string member;
    const std::int32_t at = form("billing", member);
    EXPECT_EQ(0, ask<wire::HeartbeatResponse>(at, beat("billing", member)).error_code);
    EXPECT_EQ(ErrorCode::None,
              error_of(ask<wire::OffsetCommitResponse>(at, commit("billing", member, 7))));
    EXPECT_EQ(7, committed(at, "billing"));
    const auto events = lab_->take_events({"GroupState", "MemberJoined", "RebalanceStarted",
                                           "RebalanceCompleted", "OffsetCommitted"});
    ASSERT_EQ(7U, events.size());
    EXPECT_NE(std::string::npos, events[0].find("MemberJoined"));
    EXPECT_NE(std::string::npos, events[5].find("RebalanceCompleted"));
    EXPECT_NE(std::string::npos, events[6].find("OffsetCommitted"));
    // Another broker does not coordinate it.
    const std::int32_t other = at == 1 ? 2 : 1;
    EXPECT_EQ(ErrorCode::NotCoordinator,
              static_cast<ErrorCode>(
                  ask<wire::HeartbeatResponse>(other, beat("billing", member)).error_code));
    EXPECT_EQ(0U, lab_->violations());
}

TEST_F(GroupsOnBrokers, OffsetsOfUnknownPartitionsAreRefusedAtOnce) {
    boot("");
    const std::int32_t at = coordinator(1, "billing");
    wait(seconds(2));
    EXPECT_EQ(ErrorCode::UnknownTopicOrPartition,
              error_of(ask<wire::OffsetCommitResponse>(at, commit("billing", "", 7, "absent"))));
    wire::OffsetCommitRequest both = commit("billing", "", 7);
    both.topics[0].partitions.emplace_back().partition_index = 9;
    const auto answered = ask<wire::OffsetCommitResponse>(at, both);
    ASSERT_EQ(1U, answered.topics.size());
    ASSERT_EQ(2U, answered.topics[0].partitions.size());
    EXPECT_EQ(7, committed(at, "billing"));
}

TEST_F(GroupsOnBrokers, TheCoordinatorMovesWithThePartitionAndKnowsTheGroup) {
    boot("");
    std::string member;
    const std::int32_t at = form("billing", member);
    static_cast<void>(ask<wire::OffsetCommitResponse>(at, commit("billing", member, 7)));
    lab_->kill(at);
    wait(seconds(8));
    const std::int32_t asked = at == 1 ? 2 : 1;
    const std::int32_t next = coordinator(asked, "billing");
    EXPECT_NE(at, next);
    EXPECT_EQ(0, ask<wire::HeartbeatResponse>(next, beat("billing", member)).error_code);
    EXPECT_EQ(7, committed(next, "billing"));
    EXPECT_EQ(ErrorCode::None,
              error_of(ask<wire::OffsetCommitResponse>(next, commit("billing", member, 9))));
    // Back on the preferred leader, which reads what it missed.
    lab_->start(at);
    wait(seconds(20));
    wire::ElectLeadersRequest preferred;
    preferred.topic_partitions = std::nullopt;
    preferred.timeout_ms = 10'000;
    static_cast<void>(lab_->call(preferred));
    wait(seconds(5));
    EXPECT_EQ(at, coordinator(asked, "billing"));
    EXPECT_EQ(9, committed(at, "billing"));
    EXPECT_EQ(ErrorCode::NotCoordinator,
              static_cast<ErrorCode>(
                  ask<wire::HeartbeatResponse>(next, beat("billing", member)).error_code));
    for (const CheckResult& check : lab_->results()) {
        // No member consumed what this test commits by hand.
        if (check.name != "consumer-positions") {
            EXPECT_EQ(0U, check.violation_count) << check.name;
        }
    }
}

// One batch at a time: the buffer is smaller than any.
TEST_F(GroupsOnBrokers, ACoordinatorReadsItsPartitionInSmallBuffers) {
    boot(R"(, "offsets.load.buffer.size": 10)");
    const std::int32_t at = coordinator(1, "billing");
    wait(seconds(2));
    for (std::int64_t offset = 1; offset <= 5; ++offset)
        static_cast<void>(ask<wire::OffsetCommitResponse>(at, commit("billing", "", offset)));
    lab_->kill(at);
    wait(seconds(8));
    const std::int32_t next = coordinator(at == 1 ? 2 : 1, "billing");
    EXPECT_EQ(5, committed(next, "billing"));
}

TEST_F(GroupsOnBrokers, ACommitNeedsEnoughReplicas) {
    boot(R"(, "min.insync.replicas": 3)");
    const std::int32_t at = coordinator(1, "billing");
    wait(seconds(2));
    EXPECT_EQ(ErrorCode::None,
              error_of(ask<wire::OffsetCommitResponse>(at, commit("billing", "", 7))));
    lab_->kill(at == 1 ? 2 : 1);
    wait(seconds(8));
    EXPECT_EQ(ErrorCode::CoordinatorNotAvailable,
              error_of(ask<wire::OffsetCommitResponse>(at, commit("billing", "", 8))));
    EXPECT_EQ(7, committed(at, "billing"));
}

// A follower has gone and is in the ISR still: the commit waits for it, up to its timeout.
TEST_F(GroupsOnBrokers, ACommitThatIsNotReplicatedInTimeFailsAndIsNotShown) {
    boot(R"(, "offsets.commit.timeout.ms": 1000)");
    const std::int32_t at = coordinator(1, "billing");
    wait(seconds(2));
    lab_->kill(at == 1 ? 2 : 1);
    const auto waiting = send(at, commit("billing", "", 8));
    wait(milliseconds(900));
    EXPECT_FALSE(waiting->answer.has_value());
    wait(milliseconds(300));
    EXPECT_EQ(ErrorCode::RequestTimedOut, error_of(answer<wire::OffsetCommitResponse>(waiting)));
    EXPECT_EQ(-1, committed(at, "billing"));
}

TEST_F(GroupsOnBrokers, WithAcksOfTheLeaderAloneACommitIsInForceAtOnce) {
    boot(R"(, "offsets.commit.required.acks": 1)");
    const std::int32_t at = coordinator(1, "billing");
    wait(seconds(2));
    lab_->kill(at == 1 ? 2 : 1);
    EXPECT_EQ(ErrorCode::None,
              error_of(ask<wire::OffsetCommitResponse>(at, commit("billing", "", 8))));
    EXPECT_EQ(8, committed(at, "billing"));
}

TEST_F(GroupsOnBrokers, AllGroupRequestsAreListed) {
    boot("");
    const auto versions = ask<wire::ApiVersionsResponse>(1, wire::ApiVersionsRequest{"probe", "1"});
    std::set<std::int16_t> keys;
    for (const auto& api : versions.api_keys)
        keys.insert(api.api_key);
    for (const wire::ApiKey api :
         {wire::ApiKey::FindCoordinator, wire::ApiKey::JoinGroup, wire::ApiKey::SyncGroup,
          wire::ApiKey::Heartbeat, wire::ApiKey::LeaveGroup, wire::ApiKey::OffsetCommit,
          wire::ApiKey::OffsetFetch, wire::ApiKey::ListGroups, wire::ApiKey::DescribeGroups,
          wire::ApiKey::DeleteGroups, wire::ApiKey::OffsetDelete})
        EXPECT_TRUE(keys.contains(static_cast<std::int16_t>(api)));
}

TEST_F(GroupsOnBrokers, AProducerMayNotWriteToTheOffsetsTopic) {
    boot("");
    const std::int32_t at = coordinator(1, "billing");
    wire::ProduceRequest produce;
    produce.acks = 1;
    produce.timeout_ms = 1000;
    auto& topic = produce.topic_data.emplace_back();
    topic.name = "__consumer_offsets";
    topic.partition_data.emplace_back().records =
        group::build_batch({{{1, 2}, group::Bytes{3}}}, WallMs(0));
    const auto answered = ask<wire::ProduceResponse>(at, produce);
    EXPECT_EQ(
        ErrorCode::InvalidTopicException,
        static_cast<ErrorCode>(answered.responses.at(0).partition_responses.at(0).error_code));
}

TEST_F(GroupsOnBrokers, GroupsAreListedDescribedAndDeleted) {
    boot("");
    std::string member;
    const std::int32_t at = form("billing", member);
    static_cast<void>(ask<wire::OffsetCommitResponse>(at, commit("billing", member, 7)));
    const auto listed = ask<wire::ListGroupsResponse>(at, wire::ListGroupsRequest{});
    ASSERT_EQ(1U, listed.groups.size());
    EXPECT_EQ("Stable", listed.groups[0].group_state);
    const auto described =
        ask<wire::DescribeGroupsResponse>(at, wire::DescribeGroupsRequest{{"billing"}, false});
    ASSERT_EQ(1U, described.groups.at(0).members.size());
    EXPECT_EQ(member, described.groups[0].members[0].member_id);
    const wire::DeleteGroupsRequest remove{{"billing"}};
    EXPECT_EQ(ErrorCode::NonEmptyGroup,
              static_cast<ErrorCode>(
                  ask<wire::DeleteGroupsResponse>(at, remove).results.at(0).error_code));
    wire::LeaveGroupRequest leave;
    leave.group_id = "billing";
    leave.members.push_back({member, std::nullopt, std::nullopt});
    EXPECT_EQ(0, ask<wire::LeaveGroupResponse>(at, leave).error_code);
    EXPECT_EQ(0, ask<wire::DeleteGroupsResponse>(at, remove).results.at(0).error_code);
    EXPECT_EQ(-1, committed(at, "billing"));
    // The tombstones lie in the log: a new coordinator finds nothing.
    lab_->kill(at);
    wait(seconds(8));
    const std::int32_t next = coordinator(at == 1 ? 2 : 1, "billing");
    EXPECT_TRUE(ask<wire::ListGroupsResponse>(next, wire::ListGroupsRequest{}).groups.empty());
}

TEST_F(GroupsOnBrokers, OffsetsGoWithTheirTopic) {
    boot("");
    const std::int32_t at = coordinator(1, "billing");
    wait(seconds(2));
    static_cast<void>(ask<wire::OffsetCommitResponse>(at, commit("billing", "", 7)));
    wire::DeleteTopicsRequest remove;
    remove.topics.emplace_back().name = "orders";
    remove.timeout_ms = 10'000;
    static_cast<void>(lab_->call(remove));
    wait(seconds(2));
    EXPECT_EQ(-1, committed(at, "billing"));
    EXPECT_EQ(1U, lab_->take_events({"OffsetRemoved"}).size());
}

TEST_F(GroupsOnBrokers, AfterAFullRestartEverythingIsAsItWas) {
    boot("");
    std::string member;
    const std::int32_t at = form("billing", member);
    static_cast<void>(ask<wire::OffsetCommitResponse>(at, commit("billing", member, 7)));
    for (const std::int32_t id : {1, 2, 3})
        lab_->kill(id);
    wait(seconds(10));
    for (const std::int32_t id : {1, 2, 3})
        lab_->start(id);
    wait(seconds(15));
    const std::int32_t next = coordinator(1, "billing");
    EXPECT_EQ(7, committed(next, "billing"));
    EXPECT_EQ(0, ask<wire::HeartbeatResponse>(next, beat("billing", member)).error_code);
    wait(seconds(31));
    EXPECT_EQ(1U, lab_->take_events({"MemberLeft"}).size());
}

}  // namespace
}  // namespace bsim::test
