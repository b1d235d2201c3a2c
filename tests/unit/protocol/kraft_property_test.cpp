// Random lives of quorums: messages in any order between two nodes' links, lost ones, broken
// connections, kills and power failures, restarts. RaftWorld checks safety after every effect; at
// the end everything is healed, and all nodes must agree within a bounded time.

#include <gtest/gtest.h>

#include "tests/unit/protocol/kraft_world.h"

namespace bsim::kraft {
namespace {

class Random {
  public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t z = (state_ += 0x9e3779b97f4a7c15U);
        z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31U);
    }
    std::size_t below(std::size_t bound) { return static_cast<std::size_t>(next() % bound); }

  private:
    std::uint64_t state_;
};

struct Size {
    int voters;
    int observers;
};

class Life {
  public:
    Life(Size size, std::uint64_t seed) : random_(seed) {
        world_.draws = [this] { return RaftDraws{random_.next(), random_.next(), random_.next()}; };
        world_.on_effect = [this](BrokerId, const RaftEffect& effect) {
            halted_ = halted_ || std::holds_alternative<Halt>(effect);
            if (std::holds_alternative<Truncate>(effect))
                ++truncations_;
            const auto* role = std::get_if<RoleChanged>(&effect);
            if (role != nullptr && role->role == RoleKind::Leader)
                ++elections_;
        };
        std::vector<BrokerId> voters;
        for (int i = 0; i < size.voters; ++i)
            voters.emplace_back(100 + i);
        std::vector<BrokerId> all = voters;
        for (int i = 0; i < size.observers; ++i)
            all.emplace_back(1 + i);
        for (const BrokerId id : all) {
            RaftConfig config;
            config.id = id;
            config.directory = Uuid{1, static_cast<std::uint64_t>(id.value())};
            config.voters = voters;
            config.always_flush = id.value() >= 100;
            world_.add(config);
            world_.start(id);
            ids_.push_back(id);
        }
    }

    void act() {
        const std::size_t dice = random_.below(100);
        const BrokerId node = ids_[random_.below(ids_.size())];
        if (dice < 50) {
            for (std::size_t i = random_.below(ids_.size()) + 1; i > 0; --i) {
                with_random_link([this](BrokerId from, BrokerId to) { world_.deliver(from, to); });
            }
        } else if (dice < 58) {
            const bool tell = random_.below(2) == 0;
            with_random_link([&](BrokerId from, BrokerId to) { world_.drop(from, to, tell); });
        } else if (dice < 75) {
            world_.fire_next_timer(world_.now() + seconds(10));
        } else if (dice < 80) {
            const auto ms = static_cast<std::int64_t>(random_.below(300));
            world_.advance_to(world_.now() + milliseconds(ms));
        } else if (dice < 90) {
            world_.prepare(node, {std::to_string(next_record_++)});
        } else if (dice < 93) {
            if (world_.node(node).raft != nullptr)
                world_.stop(node, random_.below(2) == 0);
        } else if (world_.node(node).raft == nullptr) {
            world_.start(node);
        }
    }

    // Returns the records committed at the end.
    std::size_t heal_and_settle() {
        for (const BrokerId id : ids_) {
            if (world_.node(id).raft == nullptr)
                world_.start(id);
        }
        // Wait out lost requests, elections and their backoffs.
        run_for(seconds(20));
        for (const BrokerId id : ids_)
            world_.prepare(id, {"last"});
        run_for(seconds(3));
        EXPECT_FALSE(halted_);
        if (testing::Test::HasFailure())
            return 0;

        std::vector<BrokerId> leaders;
        for (const BrokerId id : ids_) {
            if (world_.node(id).raft->role() == RoleKind::Leader)
                leaders.push_back(id);
        }
        EXPECT_EQ(leaders.size(), 1U);
        if (leaders.empty())
            return 0;
        const RaftWorld::Node& leader = world_.node(leaders.front());
        EXPECT_EQ(leader.log.batches().back().records.back(), "last");
        for (const BrokerId id : ids_) {
            const RaftWorld::Node& node = world_.node(id);
            EXPECT_EQ(node.hw, leader.log.end_offset()) << "node " << id.value();
            EXPECT_EQ(node.log.batches(), leader.log.batches()) << "node " << id.value();
        }
        return world_.committed().size();
    }

    int truncations() const { return truncations_; }
    int elections() const { return elections_; }

  private:
    template <class Action>
    void with_random_link(Action action) {
        const auto links = world_.busy_links();
        if (links.empty())
            return;
        const auto [from, to] = links[random_.below(links.size())];
        action(from, to);
    }

    void run_for(SimDuration duration) {
        const SimTime end = world_.now() + duration;
        while (world_.now() < end) {
            world_.deliver_all(4);
            world_.advance_to(world_.now() + milliseconds(1));
        }
    }

    RaftWorld world_;
    Random random_;
    std::vector<BrokerId> ids_;
    int next_record_ = 0;
    bool halted_ = false;
    int truncations_ = 0;
    int elections_ = 0;
};

void live(Size size, std::uint64_t seeds, int actions) {
    std::size_t committed = 0;
    int truncations = 0;
    int elections = 0;
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Life life(size, seed);
        for (int i = 0; i < actions && !testing::Test::HasFailure(); ++i)
            life.act();
        committed += life.heal_and_settle();
        truncations += life.truncations();
        elections += life.elections();
        if (testing::Test::HasFailure())
            return;
    }
    // The lives were not all standstill: records were committed, leaders came and went, and, with
    // more than one voter, logs went different ways.
    EXPECT_GT(committed, seeds * 10);
    EXPECT_GT(elections, static_cast<int>(seeds) * 2);
    EXPECT_EQ(truncations > 0, size.voters > 1);
}

TEST(KraftProperty, OneVoterWithObserversIsSafeAndRecovers) {
    live({1, 3}, 150, 400);
}
TEST(KraftProperty, ThreeVotersAreSafeAndRecover) {
    live({3, 2}, 150, 800);
}
TEST(KraftProperty, FiveVotersAreSafeAndRecover) {
    live({5, 1}, 60, 1200);
}

}  // namespace
}  // namespace bsim::kraft
