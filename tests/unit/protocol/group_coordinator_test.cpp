// A coordinator with many groups, and a group with many members.

#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "sim/protocol/rules/assignors/consumer_protocol.h"
#include "tests/unit/protocol/group_bench.h"

namespace bsim::group {
namespace {

wire::JoinGroupRequest join(const std::string& group, const std::string& member) {
    wire::JoinGroupRequest request;
    request.group_id = group;
    request.member_id = member;
    request.session_timeout_ms = 45'000;
    request.rebalance_timeout_ms = 300'000;
    request.protocol_type = "consumer";
    request.protocols.push_back({"range", encode_subscription({{"orders"}}, 1)});
    return request;
}

wire::SyncGroupRequest sync(const std::string& group,
                            const std::string& member,
                            std::int32_t generation) {
    wire::SyncGroupRequest request;
    request.group_id = group;
    request.member_id = member;
    request.generation_id = generation;
    request.protocol_type = "consumer";
    request.protocol_name = "range";
    return request;
}

wire::HeartbeatRequest beat(const std::string& group,
                            const std::string& member,
                            std::int32_t generation) {
    wire::HeartbeatRequest request;
    request.group_id = group;
    request.member_id = member;
    request.generation_id = generation;
    return request;
}

void lead_all(GroupBench& bench) {
    bench.input(Started{50});
    for (std::int32_t p = 0; p < 50; ++p) {
        bench.input(Elected{PartitionIndex(p), LeaderEpoch(0)});
        bench.input(ReadFinished{PartitionIndex(p)});
    }
}

std::string joined(GroupBench& bench, const std::string& group, std::uint64_t& number) {
    const std::uint64_t first = bench.request(9, join(group, ""), "c");
    const std::string id = bench.answer<wire::JoinGroupResponse>(first).member_id;
    number = bench.request(9, join(group, id), "c");
    return id;
}

TEST(GroupCoordinator, AThousandMembersOfOneGroupAgreeInOneRound) {
    GroupBench bench(CoordinatorConfig{});
    lead_all(bench);
    std::vector<std::string> members;
    std::vector<std::uint64_t> numbers(1000);
    for (auto& number : numbers)
        members.push_back(joined(bench, "big", number));
    bench.wait(seconds(10));
    std::size_t leaders = 0;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto& answer = bench.answer<wire::JoinGroupResponse>(numbers[i]);
        EXPECT_EQ(answer.generation_id, 1);
        EXPECT_EQ(answer.leader, members[0]);
        leaders += answer.members.size() == 1000 ? 1 : 0;
    }
    EXPECT_EQ(leaders, 1U);
    for (std::size_t i = members.size(); i-- > 0;)
        numbers[i] = bench.request(5, sync("big", members[i], 1), "c");
    for (const std::uint64_t number : numbers)
        EXPECT_EQ(bench.answer<wire::SyncGroupResponse>(number).error_code, 0);
    EXPECT_TRUE(bench.coordinator().find("big")->is(GroupState::Stable));
    // One deadline a member, and that of the clean-up.
    EXPECT_EQ(bench.coordinator().deadlines(), 1001U);
    for (int round = 0; round < 3; ++round) {
        for (const std::string& member : members)
            bench.request(4, beat("big", member, 1), "c");
    }
    EXPECT_EQ(bench.coordinator().deadlines(), 1001U);
    bench.wait(seconds(45));
    EXPECT_TRUE(bench.coordinator().find("big")->is(GroupState::Empty));
    EXPECT_EQ(bench.coordinator().deadlines(), 1U);
}

TEST(GroupCoordinator, TwoThousandGroupsDoNotTouchOneAnother) {
    GroupBench bench(CoordinatorConfig{});
    lead_all(bench);
    std::vector<std::string> members;
    std::vector<std::uint64_t> numbers(2000);
    for (std::size_t i = 0; i < numbers.size(); ++i)
        members.push_back(joined(bench, "g" + std::to_string(i), numbers[i]));
    bench.wait(seconds(3));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const std::string group = "g" + std::to_string(i);
        EXPECT_EQ(bench.answer<wire::JoinGroupResponse>(numbers[i]).generation_id, 1);
        bench.request(5, sync(group, members[i], 1), "c");
    }
    bench.input(Resigned{PartitionIndex(7), LeaderEpoch(1)});
    std::size_t left = 0;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const GroupMetadata* group = bench.coordinator().find("g" + std::to_string(i));
        left += group != nullptr && group->is(GroupState::Stable) ? 1 : 0;
    }
    EXPECT_LT(left, 2000U);
    EXPECT_GT(left, 1900U);
    EXPECT_EQ(bench.coordinator().deadlines(), left + 1);
}

TEST(GroupCoordinator, AHeartbeatAppendsNoMoreThanItsAnswerAndATimer) {
    GroupBench bench(CoordinatorConfig{});
    lead_all(bench);
    std::uint64_t number = 0;
    const std::string member = joined(bench, "g", number);
    bench.wait(seconds(3));
    bench.request(5, sync("g", member, 1), "c");
    bench.wait(seconds(1));
    bench.request(4, beat("g", member, 1), "c");
    EXPECT_LE(bench.last_effects().size(), 2U);
}

// Whatever becomes of a commit's record: what was in force before stays, or the new one is.
TEST(GroupCoordinator, AnUnknownAnswerOfTheLogIsIgnored) {
    GroupBench bench(CoordinatorConfig{});
    lead_all(bench);
    bench.take_lines();
    bench.input(AppendFinished{AppendToken(99), wire::ErrorCode::None, Offset(0)});
    EXPECT_TRUE(bench.take_lines().empty());
}

}  // namespace
}  // namespace bsim::group
