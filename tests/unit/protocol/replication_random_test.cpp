// Random interleavings of a whole replica set, by seeds: whatever is delivered, lost, killed and
// elected in whatever order, the invariants of facts/invariants.md hold after every step, and once
// everything is healed the logs are one.

#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include "tests/unit/protocol/replication_lab.h"

namespace bsim::replication {
namespace {

bool contains(const std::vector<BrokerId>& set, BrokerId id) {
    return std::find(set.begin(), set.end(), id) != set.end();
}

// R10, and what the leader believes of its own log is so.
void expect_ordered_marks(LabBroker& broker) {
    EXPECT_LE(broker.log.start(), broker.log.hw);
    EXPECT_LE(broker.log.hw, broker.log.leo());
    if (!broker.leader)
        return;
    EXPECT_EQ(broker.leader->hw(), broker.log.hw);
    EXPECT_EQ(broker.leader->leo(), broker.log.leo());
}

// R4: below both high watermarks two logs hold the same records.
void expect_log_matching(const FakeLog& a, const FakeLog& b) {
    const Offset end = std::min(a.hw, b.hw);
    for (Offset at = std::max(a.start(), b.start()); at < end; at = at + 1) {
        ASSERT_EQ(a.at(at), b.at(at)) << "offset " << at.value();
    }
}

// R7, R8: the leader that the controller has named holds all that was acknowledged.
void expect_leader_complete(Lab& lab) {
    if (!lab.state().leader)
        return;
    const FakeLog& log = lab.at(*lab.state().leader).log;
    EXPECT_GE(log.leo(), lab.true_hw);
    for (const auto& [offset, record] : lab.acked) {
        if (offset < log.start())
            continue;
        ASSERT_LT(offset, log.leo());
        EXPECT_EQ(log.at(offset), record);
    }
}

// R9: a leader that is not stale counts everybody whom the controller may elect. Kafka has one gap:
// news with the partition epoch that the leader knows already, from an answer to AlterPartition,
// drops what it has proposed since, although the controller may have accepted that. The gap closes
// with the next news; a caught-up follower counts for the high watermark even then.
void expect_maximal_isr(Lab& lab) {
    if (!lab.state().leader)
        return;
    const LabBroker& broker = lab.at(*lab.state().leader);
    if (!broker.leader || broker.leader->leader_epoch() != lab.state().leader_epoch)
        return;
    if (broker.forgot_proposal_at == broker.leader->partition_epoch())
        return;
    for (const BrokerId id : lab.state().isr)
        EXPECT_TRUE(broker.leader->in_maximal_isr(id));
}

void expect_invariants(Lab& lab) {
    for (auto& [id, broker] : lab.brokers())
        expect_ordered_marks(broker);
    if (lab.unclean)
        return;
    for (auto& [id, broker] : lab.brokers()) {
        for (auto& [other_id, other] : lab.brokers()) {
            if (id < other_id)
                expect_log_matching(broker.log, other.log);
        }
    }
    expect_leader_complete(lab);
    expect_maximal_isr(lab);
}

class Player {
  public:
    Player(Lab& lab, std::uint64_t seed) : lab_(lab), random_(seed) {}

    void step() {
        const BrokerId id = lab_.state().replicas[draw(lab_.state().replicas.size())];
        switch (draw(40)) {
            case 0:
                if (draw(3) == 0)
                    fault(id);
                break;
            case 1:
                lab_.lose_fetch(id);
                break;
            case 2:
                lab_.lose_alter(id);
                break;
            case 3:
                if (lab_.at(id).running)
                    lab_.checkpoint(id);
                break;
            case 4:
                lab_.check_isr(id);
                break;
            case 5:
                lab_.now = lab_.now + milliseconds(static_cast<std::int64_t>(draw(20000)));
                break;
            case 6:
                if (draw(4) == 0)
                    delete_some(id);
                break;
            default:
                traffic(id);
        }
    }

  private:
    std::uint64_t draw(std::uint64_t below) { return random_() % below; }

    void traffic(BrokerId id) {
        switch (draw(8)) {
            case 0:
            case 1:
                lab_.produce(id, next_value_++, draw(2) == 0 ? std::int16_t{1} : std::int16_t{-1});
                break;
            case 2:
                lab_.send_fetch(id);
                break;
            case 3:
                lab_.answer_fetch(id);
                break;
            case 4:
                lab_.deliver_fetch(id);
                break;
            case 5:
                lab_.deliver_news(id);
                break;
            case 6:
                lab_.answer_alter(id);
                lab_.answer_question(id);
                break;
            default:
                lab_.deliver_alter(id);
        }
        lab_.now = lab_.now + milliseconds(static_cast<std::int64_t>(draw(100)));
    }

    void fault(BrokerId id) {
        if (!lab_.at(id).running) {
            lab_.restart(id);
        } else if (draw(2) == 0) {
            lab_.kill(id);
        } else if (contains(lab_.state().isr, id) && lab_.state().leader) {
            lab_.elect(id);  // as a preferred election would
        }
    }

    void delete_some(BrokerId id) {
        const FakeLog& log = lab_.at(id).log;
        const auto room = static_cast<std::uint64_t>(log.hw - log.start()) + 1;
        lab_.delete_records(id, log.start() + static_cast<std::int64_t>(draw(room)));
    }

    Lab& lab_;
    std::mt19937_64 random_;
    std::int64_t next_value_ = 0;
};

void expect_converged(Lab& lab) {
    ASSERT_TRUE(lab.state().leader.has_value());
    EXPECT_EQ(lab.state().isr.size(), lab.brokers().size());
    const FakeLog& truth = lab.at(*lab.state().leader).log;
    EXPECT_EQ(truth.hw, truth.leo());
    for (auto& [id, broker] : lab.brokers()) {
        EXPECT_EQ(broker.log.hw, truth.hw) << "broker " << id.value();
        EXPECT_EQ(broker.log.leo(), truth.leo()) << "broker " << id.value();
        // The log starts may differ for ever: deleted records can come back with a leader that had
        // not heard of it, and those who had do not fetch them again.
        for (Offset at = std::max(truth.start(), broker.log.start()); at < truth.leo();
             at = at + 1) {
            ASSERT_EQ(broker.log.at(at), truth.at(at)) << "offset " << at.value();
        }
    }
}

struct Totals {
    std::uint64_t truncations = 0;
    std::size_t acked = 0;
    std::int32_t epochs = 0;
    std::int32_t unclean = 0;
};

Totals play(const LabOptions& options, std::uint64_t seeds) {
    Totals totals;
    for (std::uint64_t seed = 1; seed <= seeds && !::testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Lab lab(options);
        Player player(lab, seed);
        for (int i = 0; i < 1200 && !::testing::Test::HasFailure(); ++i) {
            SCOPED_TRACE("step " + std::to_string(i));
            player.step();
            expect_invariants(lab);
        }
        for (auto& [id, broker] : lab.brokers()) {
            if (!broker.running)
                lab.restart(id);
        }
        lab.settle();
        // A mark that came with a diverging epoch was not taken, and the fetch session does not
        // repeat it; one more record moves it on.
        if (lab.state().leader)
            lab.produce(*lab.state().leader, 1000000, -1);
        lab.settle();
        expect_invariants(lab);
        expect_converged(lab);
        totals.truncations += lab.truncations;
        totals.acked += lab.acked.size();
        totals.epochs += lab.state().leader_epoch.value();
        totals.unclean += lab.unclean ? 1 : 0;
    }
    return totals;
}

TEST(ReplicationRandom, ThreeReplicasKeepWhatTheyAcknowledged) {
    const Totals totals = play({{1, 2, 3}, 1, 3, false}, 400);
    EXPECT_GT(totals.truncations, 100U);
    EXPECT_GT(totals.acked, 1000U);
    EXPECT_GT(totals.epochs, 300);
}

TEST(ReplicationRandom, MinIsrOfTwoOverFourReplicas) {
    const Totals totals = play({{1, 2, 3, 4}, 2, 2, false}, 400);
    EXPECT_GT(totals.truncations, 50U);
    EXPECT_GT(totals.acked, 500U);
}

TEST(ReplicationRandom, LogsBecomeOneAfterUncleanElectionsToo) {
    const Totals totals = play({{1, 2, 3}, 1, 3, true}, 400);
    EXPECT_GT(totals.unclean, 10);
}

}  // namespace
}  // namespace bsim::replication
