// PartitionLeader against a twin that keeps nothing but lists and sorts them.

#include <algorithm>
#include <map>
#include <random>

#include <gtest/gtest.h>

#include "sim/protocol/replication/partition_leader.h"
#include "tests/unit/protocol/replication_fakes.h"

namespace bsim::replication {
namespace {

// All followers are eligible and fetch with their registered epoch.
struct Twin {
    struct Follower {
        std::int64_t leo = -1;
        std::int64_t caught_up_ms = -1'000'000;
        std::int64_t last_fetch_ms = -1'000'000;
        std::int64_t leader_leo_at_fetch = -1;
    };

    void fetched(std::int32_t id, std::int64_t offset, std::int64_t now_ms) {
        Follower& f = followers[id];
        if (offset >= leo) {
            f.caught_up_ms = now_ms;
        } else if (offset >= f.leader_leo_at_fetch) {
            f.caught_up_ms = std::max(f.caught_up_ms, f.last_fetch_ms);
        }
        f.leader_leo_at_fetch = std::max(f.leader_leo_at_fetch, leo);
        f.last_fetch_ms = now_ms;
        const bool moved = f.leo != offset;
        f.leo = offset;
        if (moved)
            advance(now_ms);
    }

    void advance(std::int64_t now_ms) {
        if (isr.size() < min_isr)
            return;
        std::vector<std::int64_t> ends{leo};
        for (const auto& [id, f] : followers) {
            const bool member = std::count(isr.begin(), isr.end(), id) > 0 || id == newcomer;
            const bool caught_up = f.leo == leo || now_ms - f.caught_up_ms <= 30'000;
            if (member || (caught_up && f.leo >= 0))
                ends.push_back(f.leo);
        }
        std::sort(ends.begin(), ends.end());
        hw = std::max(hw, ends[0]);
    }

    std::map<std::int32_t, Follower> followers;
    std::vector<std::int32_t> isr;
    std::int32_t newcomer = 0;
    std::size_t min_isr = 1;
    std::int64_t leo = 0;
    std::int64_t hw = 0;
};

class TwinRun {
  public:
    explicit TwinRun(std::uint64_t seed) : random_(seed) {
        LeaderConfig config;
        config.min_insync_replicas = static_cast<std::int32_t>(1 + draw(2));
        twin_.min_isr = static_cast<std::size_t>(config.min_insync_replicas);
        PartitionNews news;
        news.leader = BrokerId(1);
        for (std::int32_t id = 1; id <= 4; ++id) {
            news.replicas.emplace_back(id);
            cluster_.brokers[BrokerId(id)] = BrokerStatus{BrokerEpoch(id)};
            const bool member = id == 1 || draw(2) == 0;
            if (member)
                news.isr.emplace_back(id);
            if (member)
                twin_.isr.push_back(id);
            if (id > 1)
                twin_.followers[id].caught_up_ms = member ? now_ms_ : -1'000'000;
        }
        LeaderEffects out;
        leader_.emplace(context(), PartitionLeader::Start{BrokerId(1), news, {}, {}, {}, config},
                        out);
    }

    void step() {
        LeaderEffects out;
        switch (draw(6)) {
            case 0:
                twin_.leo += static_cast<std::int64_t>(1 + draw(5));
                leader_->local_appended(context(), Offset(twin_.leo), out);
                twin_.advance(now_ms_);
                break;
            case 1:
                now_ms_ += static_cast<std::int64_t>(draw(12'000));
                break;
            case 2:
                change_isr(out);
                break;
            default:
                fetch(out);
        }
        ASSERT_EQ(leader_->hw().value(), twin_.hw);
        std::int64_t told = -1;
        for (const LeaderEffect& effect : out) {
            if (const auto* advance = std::get_if<AdvanceHw>(&effect))
                told = advance->hw.value();
        }
        if (told >= 0) {
            ASSERT_EQ(told, twin_.hw);
        }
    }

  private:
    std::uint64_t draw(std::uint64_t below) { return random_() % below; }
    LeaderContext context() { return {SimTime(milliseconds(now_ms_).ns()), cluster_}; }

    void fetch(LeaderEffects& out) {
        const auto id = static_cast<std::int32_t>(2 + draw(3));
        const std::int64_t from = std::max<std::int64_t>(twin_.followers[id].leo, 0);
        const auto room = static_cast<std::uint64_t>(twin_.leo - from) + 1;
        const std::int64_t offset = from + static_cast<std::int64_t>(draw(room));
        const bool joins = twin_.newcomer == 0 &&
                           std::count(twin_.isr.begin(), twin_.isr.end(), id) == 0 &&
                           offset >= twin_.hw;
        if (joins)
            twin_.newcomer = id;
        twin_.fetched(id, offset, now_ms_);
        leader_->follower_fetched(
            context(), {BrokerId(id), Offset(offset), Offset(), BrokerEpoch(id), Offset(twin_.leo)},
            out);
    }

    void change_isr(LeaderEffects& out) {
        PartitionNews news;
        news.leader = BrokerId(1);
        news.leader_epoch = leader_->leader_epoch();
        news.partition_epoch = PartitionEpoch(leader_->partition_epoch().value() + 1);
        twin_.isr.clear();
        twin_.newcomer = 0;
        for (std::int32_t id = 1; id <= 4; ++id) {
            news.replicas.emplace_back(id);
            if (id != 1 && draw(2) == 0)
                continue;
            // The controller never takes in what is behind the mark.
            if (id != 1 && twin_.followers[id].leo < twin_.hw)
                continue;
            news.isr.emplace_back(id);
            twin_.isr.push_back(id);
        }
        leader_->metadata_changed(context(), news, out);
        twin_.advance(now_ms_);
    }

    std::mt19937_64 random_;
    FakeCluster cluster_;
    Twin twin_;
    std::int64_t now_ms_ = 1000;
    std::optional<PartitionLeader> leader_;
};

TEST(PartitionLeaderTwin, HighWatermarkIsTheSmallestEndThatCounts) {
    for (std::uint64_t seed = 1; seed <= 500 && !HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        TwinRun run(seed);
        for (int i = 0; i < 100 && !HasFailure(); ++i)
            run.step();
    }
}

}  // namespace
}  // namespace bsim::replication
