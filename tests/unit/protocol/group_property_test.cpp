// A coordinator under anything that clients, the log and leadership may do, at random: it keeps its
// own books, answers nobody twice, and when all is quiet waits for nothing but its clean-up.

#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sim/protocol/rules/assignors/consumer_protocol.h"
#include "tests/unit/protocol/group_bench.h"

namespace bsim::group {
namespace {

// A small generator with a fixed sequence.
class Dice {
  public:
    explicit Dice(std::uint64_t seed)
        : state_(seed * 2'862'933'555'777'941'757ULL + 3'037'000'493) {}
    std::uint64_t below(std::uint64_t sides) {
        state_ = state_ * 6'364'136'223'846'793'005ULL + 1'442'695'040'888'963'407ULL;
        return (state_ >> 33U) % sides;
    }

  private:
    std::uint64_t state_;
};

struct Client {
    std::string group;
    std::string instance;  // empty: dynamic
    std::string member;
    std::int32_t generation = 0;
    std::uint64_t join = 0;  // the request that is under way; 0: none
    std::string last_protocol = "range";
};

class Storm {
  public:
    explicit Storm(std::uint64_t seed) : dice_(seed), bench_(config()) {
        bench_.input(Started{1});
        elect();
        for (int i = 0; i < 8; ++i) {
            Client client;
            client.group = i % 2 == 0 ? "a" : "b";
            if (i % 4 >= 2)
                client.instance = "i" + std::to_string(i);
            clients_.push_back(client);
        }
    }

    void act() {
        Client& client = clients_[dice_.below(clients_.size())];
        switch (dice_.below(14)) {
            case 0:
            case 1:
            case 2:
                return join(client);
            case 3:
            case 4:
                return sync(client);
            case 5:
            case 6:
                return heartbeat(client);
            case 7:
                return leave(client);
            case 8:
                return commit(client);
            case 9:
                return bench_.wait(milliseconds(static_cast<std::int64_t>(dice_.below(8000))));
            case 10:
                return hold();
            case 11:
                return ack();
            case 12:
                return client.member.clear();
            default:
                return move_away();
        }
    }

    void check() {
        for (const char* id : {"a", "b"}) {
            const GroupMetadata* group = bench_.coordinator().find(id);
            if (group == nullptr)
                continue;
            std::size_t waiting = 0;
            for (const std::string& member : group->members_in_order())
                waiting += group->get(member).awaiting_join ? 1 : 0;
            ASSERT_EQ(waiting, group->awaiting_join());
            ASSERT_EQ(group->leader().has_value(), group->size() > 0);
            ASSERT_EQ(group->join_wait.has_value(), group->is(GroupState::PreparingRebalance));
            ASSERT_TRUE(!group->leader() || group->has(*group->leader()));
            ASSERT_TRUE(!group->is(GroupState::Empty) || group->size() == 0);
            for (const std::string& member : group->pending_sync)
                ASSERT_FALSE(group->is(GroupState::PreparingRebalance)) << member;
        }
    }

    // Nobody says anything any more.
    void settle() {
        bench_.hold_acks(false);
        while (bench_.held() > 0)
            ack();
        if (!bench_.coordinator().owns(PartitionIndex(0)))
            elect();
        bench_.wait(seconds(3600));
        ASSERT_EQ(bench_.coordinator().deadlines(), 1U);
        for (const char* id : {"a", "b"}) {
            const GroupMetadata* group = bench_.coordinator().find(id);
            ASSERT_TRUE(group == nullptr || group->is(GroupState::Empty));
        }
    }

    GroupBench& bench() { return bench_; }

  private:
    static CoordinatorConfig config() {
        CoordinatorConfig config;
        config.initial_rebalance_delay_ms = 1000;
        config.max_size = 5;
        return config;
    }
    void elect() {
        bench_.input(Elected{PartitionIndex(0), LeaderEpoch(epoch_++)});
        if (bench_.coordinator().is_loading(PartitionIndex(0)))
            bench_.read(PartitionIndex(0), 1 + dice_.below(3));
    }
    void move_away() {
        if (dice_.below(10) == 0)
            bench_.input(Resigned{PartitionIndex(0), LeaderEpoch(epoch_++)});
        if (!bench_.coordinator().owns(PartitionIndex(0)) && dice_.below(2) == 0)
            elect();
    }
    // What a client learns from the answer to its JoinGroup.
    void look(Client& client) {
        if (client.join == 0 || !bench_.answered(client.join))
            return;
        const auto& answer = bench_.answer<wire::JoinGroupResponse>(client.join);
        client.join = 0;
        const auto error = static_cast<wire::ErrorCode>(answer.error_code);
        if (error == wire::ErrorCode::MemberIdRequired || error == wire::ErrorCode::None)
            client.member = answer.member_id;
        if (error == wire::ErrorCode::None)
            client.generation = answer.generation_id;
    }
    void join(Client& client) {
        look(client);
        wire::JoinGroupRequest request;
        request.group_id = client.group;
        request.member_id = client.member;
        if (!client.instance.empty())
            request.group_instance_id = client.instance;
        request.session_timeout_ms = 6000 + static_cast<std::int32_t>(dice_.below(4)) * 1000;
        request.rebalance_timeout_ms = 5000 + static_cast<std::int32_t>(dice_.below(4)) * 2000;
        request.protocol_type = "consumer";
        for (const char* protocol : {"range", "sticky"}) {
            if (client.last_protocol == protocol || dice_.below(2) == 0)
                request.protocols.push_back(
                    {protocol, encode_subscription({{dice_.below(6) == 0 ? "x" : "t"}}, 1)});
        }
        const auto version = static_cast<std::int16_t>(dice_.below(3) == 0 ? 8 : 9);
        client.join = bench_.request(version, std::move(request), "c");
        look(client);
    }
    void sync(Client& client) {
        look(client);
        wire::SyncGroupRequest request;
        request.group_id = client.group;
        request.member_id = client.member;
        request.generation_id = client.generation;
        if (!client.instance.empty())
            request.group_instance_id = client.instance;
        bench_.request(4, std::move(request), "c");
    }
    void heartbeat(Client& client) {
        look(client);
        wire::HeartbeatRequest request;
        request.group_id = client.group;
        request.member_id = client.member;
        request.generation_id = client.generation;
        bench_.request(4, std::move(request), "c");
    }
    void leave(Client& client) {
        look(client);
        wire::LeaveGroupRequest request;
        request.group_id = client.group;
        request.members.push_back({client.member, std::nullopt, std::nullopt});
        bench_.request(5, std::move(request), "c");
    }
    void commit(Client& client) {
        look(client);
        wire::OffsetCommitRequest request;
        request.group_id = client.group;
        request.member_id = client.member;
        request.generation_id_or_member_epoch = client.generation;
        auto& topic = request.topics.emplace_back();
        topic.name = "t";
        topic.partitions.emplace_back().committed_offset = ++offset_;
        bench_.request(8, std::move(request), "c");
    }
    void hold() { bench_.hold_acks(dice_.below(2) == 0); }
    void ack() {
        if (bench_.held() == 0)
            return;
        bench_.ack(dice_.below(4) == 0 ? wire::ErrorCode::NotEnoughReplicasAfterAppend
                                       : wire::ErrorCode::None);
    }

    Dice dice_;
    GroupBench bench_;
    std::vector<Client> clients_;
    std::int32_t epoch_ = 1;
    std::int64_t offset_ = 0;
};

TEST(GroupCoordinatorProperty, KeepsItsBooksWhateverHappens) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Storm storm(seed);
        for (int step = 0; step < 300; ++step) {
            storm.act();
            storm.check();
            if (testing::Test::HasFatalFailure())
                return;
        }
        storm.settle();
        if (testing::Test::HasFatalFailure())
            return;
        EXPECT_EQ(storm.bench().answered_twice(), 0U);
    }
}

}  // namespace
}  // namespace bsim::group
