// The seven properties of Kafka's RaftEventSimulationTest, over many seeds:
//
//   BSIM_KRAFT_SEEDS=100000 build/release/tests/test_protocol
//       --gtest_filter=KraftSimulation.HoldsItsRulesInEveryScenario
//
// runs seeds 1 to 100,000 (by default a few hundred; BSIM_KRAFT_FIRST is the first). Each seed
// draws its scenario, 1 to 5 voters, 0 to 5 observers, and whether they ask for pre-votes. A
// failure names its seed. 100,000 seeds take about ten minutes of one core.

#include "tests/unit/protocol/kraft_simulation.h"

#include <cstdlib>
#include <gmock/gmock.h>

#include <gtest/gtest.h>

namespace bsim::kraft {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
    const char* text = std::getenv(variable);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void add(Simulation::Counts& sum, const Simulation::Counts& one) {
    sum.elections += one.elections;
    sum.committed += one.committed;
    sum.truncations += one.truncations;
    sum.created += one.created;
    sum.installed += one.installed;
    sum.cleanings += one.cleanings;
    sum.pre_votes += one.pre_votes;
}

TEST(KraftSimulation, HoldsItsRulesInEveryScenario) {
    const std::uint64_t first = number_from("BSIM_KRAFT_FIRST", 1);
    const std::uint64_t seeds = number_from("BSIM_KRAFT_SEEDS", 400);
    Simulation::Counts sum;
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
        const SimulationSpec spec = SimulationSpec::of_seed(seed);
        Simulation simulation(spec, seed);
        simulation.run();
        add(sum, simulation.counts());
        for (const std::string& violation : simulation.violations())
            ADD_FAILURE() << "seed " << seed << " " << spec.describe() << ": " << violation;
    }
    if (seeds < 100)
        return;
    // It was not all standstill.
    const auto least = static_cast<std::int64_t>(seeds);
    EXPECT_GT(sum.elections, least * 2);
    EXPECT_GT(sum.committed, least * 20);
    EXPECT_GT(sum.truncations, least / 10);
    EXPECT_GT(sum.created, least);
    EXPECT_GT(sum.installed, least / 2);
    EXPECT_GT(sum.cleanings, least / 10);
    EXPECT_GT(sum.pre_votes, least);
}

// The first rule that breaks, over seeds from `first` on; empty when none does.
std::string first_broken(const SimulationSpec& spec, std::uint64_t first, std::uint64_t seeds) {
    for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
        Simulation simulation(spec, seed);
        simulation.run();
        if (!simulation.violations().empty())
            return simulation.violations().front();
    }
    return "";
}

// About one seed in 500 shows the first bug and one in 1,500 the second. The search begins a little
// before a seed that does; without the bug the same seeds break nothing.

TEST(KraftSimulation, VotesKeptInMemoryOnlyMakeTwoLeadersOfOneEpoch) {
    SimulationSpec spec;
    spec.scenario = Scenario::Storm;
    EXPECT_EQ(first_broken(spec, 205, 20), "");
    spec.persist_vote = false;
    EXPECT_THAT(first_broken(spec, 205, 3000), testing::StartsWith("SingleLeader"));
}

TEST(KraftSimulation, CommittingWithoutARecordOfTheOwnEpochLosesCommittedRecords) {
    SimulationSpec spec;
    spec.scenario = Scenario::Storm;
    spec.voters = 5;
    EXPECT_EQ(first_broken(spec, 2385, 20), "");
    // The loss shows in what a leader lacks, or first in a follower that would have to give up what
    // it knows to be committed.
    spec.commit_own_epoch_only = false;
    EXPECT_THAT(first_broken(spec, 2385, 6000),
                testing::AnyOf(testing::StartsWith("LeaderHasCommitted"),
                               testing::StartsWith("ConsistentCommittedData"),
                               testing::StartsWith("Halted")));
}

}  // namespace
}  // namespace bsim::kraft
