// Groups whose members come, go, crash and dawdle at random: no partition is ever owned by two, and
// in the end each is owned by one and all records have been handed out.
#include <gtest/gtest.h>

#include "sim/base/stable_hash.h"
#include "tests/unit/protocol/client_group_world.h"

namespace bsim::client_test {
namespace {

constexpr int kMembers = 4;
constexpr int kPartitions = 6;

ConsumerSettings member_settings(group::AssignorKind assignor, bool auto_commit) {
    ConsumerSettings s;
    s.auto_offset_reset = OffsetReset::Earliest;
    GroupSettings& g = s.group.emplace();
    g.group_id = "g";
    g.partition_assignment_strategy = {assignor};
    g.enable_auto_commit = auto_commit;
    g.auto_commit_interval_ms = milliseconds(700);
    g.session_timeout_ms = seconds(6);
    g.heartbeat_interval_ms = seconds(1);
    g.max_poll_interval_ms = seconds(10);
    return s;
}

class RandomGroup {
  public:
    RandomGroup(std::uint64_t seed, group::AssignorKind assignor)
        : random_(mix64(seed * 7919)), world(shape(seed)) {
        for (int i = 0; i < kMembers; ++i) {
            names.push_back(std::string(1, static_cast<char>('a' + i)));
            world.add(names.back(), member_settings(assignor, seed % 2 == 0));
        }
    }

    void act() {
        const std::string& name = names[below(kMembers)];
        switch (below(5)) {
            case 0:
                if (world.dead(name))
                    world.start(name);
                break;
            case 1:
                world.stop(name);
                break;
            case 2:
                if (below(3) == 0)
                    world.kill(name);
                break;
            case 3:
                world.work(name, milliseconds(static_cast<std::int64_t>(below(3000))));
                break;
            default: {
                const auto partition = static_cast<int>(below(kPartitions));
                world.append(partition, 3);
                appended[partition] += 3;
            }
        }
        world.run_for(milliseconds(static_cast<std::int64_t>(below(2500))));
    }

    void heal() {
        world.run_for(seconds(10));
        for (const std::string& name : names) {
            world.work(name, SimDuration());
            if (world.dead(name))
                world.start(name);
        }
        world.run_for(seconds(40));
    }

  private:
    std::uint64_t below(std::uint64_t bound) { return (random_ = mix64(random_)) % bound; }
    GroupWorld::Shape shape(std::uint64_t seed) {
        GroupWorld::Shape shape;
        shape.partitions = kPartitions;
        shape.seed = seed;
        shape.delay = milliseconds(1 + static_cast<std::int64_t>(below(20)));
        return shape;
    }

    std::uint64_t random_;

  public:
    GroupWorld world;
    std::vector<std::string> names;
    std::map<int, std::int64_t> appended;
};

class MemberProperty : public testing::TestWithParam<group::AssignorKind> {};

TEST_P(MemberProperty, NoPartitionHasTwoOwnersAndAllAreReadInTheEnd) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        RandomGroup group(seed, GetParam());
        for (int i = 0; i < 60; ++i)
            group.act();
        group.heal();

        EXPECT_EQ(group.world.double_owners, 0);
        EXPECT_GT(group.world.assignments, 5);
        std::set<TopicPartition> owned;
        for (const std::string& name : group.names)
            owned.insert(group.world.owned(name).begin(), group.world.owned(name).end());
        EXPECT_EQ(owned.size(), static_cast<std::size_t>(kPartitions));
        for (const auto& [partition, count] : group.appended) {
            std::set<std::int64_t> seen;
            for (const auto& [offset, who] : group.world.handed[partition])
                seen.insert(offset);
            EXPECT_EQ(seen.size(), static_cast<std::size_t>(count)) << "partition " << partition;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Protocols,
                         MemberProperty,
                         testing::Values(group::AssignorKind::Range,
                                         group::AssignorKind::CooperativeSticky),
                         [](const auto& param_info) {
                             return param_info.param == group::AssignorKind::Range ? "Eager"
                                                                                   : "Cooperative";
                         });

TEST(MemberHeartbeat, HeartbeatsGoOutInTimeWhileTheApplicationWorks) {
    GroupWorld world(GroupWorld::Shape{});
    world.add("a", member_settings(group::AssignorKind::Range, true));
    world.work("a", seconds(8));
    world.append(0, 5);
    world.start("a");
    world.run_for(seconds(60));
    const std::vector<SimTime>& beats = world.heartbeats["a"];
    ASSERT_GT(beats.size(), 50U);
    for (std::size_t i = 1; i < beats.size(); ++i)
        EXPECT_LE((beats[i] - beats[i - 1]).ms(), 1100);
    EXPECT_EQ(world.group().generation, 1);
}

}  // namespace
}  // namespace bsim::client_test
