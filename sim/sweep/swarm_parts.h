#pragma once
// The parts of a swarm's draw; swarm.h tells what it is.

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "sim/kernel/rng.h"
#include "sim/scenario/scenario.h"

namespace bsim {

// When the phases begin, from the start of the run.
struct SwarmTimes {
    std::int64_t last_fault_s = 0;  // none begins later; each lasts kFaultLongest at most
    std::int64_t recovered_s = 0;   // from here on the cluster must serve
    std::int64_t written_s = 0;     // the producers end
    std::int64_t end_s = 0;
};
inline constexpr std::int64_t kFirstFaultMs = 8000;
inline constexpr std::int64_t kFaultLongestS = 25;

SwarmTimes draw_times(const Scenario& base, const Rng& rng);

// Sets what it draws in the scenario; tells what, "name=value".
std::vector<std::string> draw_knobs(const Scenario& base,
                                    const Rng& rng,
                                    nlohmann::ordered_json& scenario);

// Faults as the scenario has them, by time.
std::vector<nlohmann::ordered_json> draw_faults(const Scenario& base,
                                                const Rng& rng,
                                                const SwarmTimes& times);

// What the healed cluster must do.
nlohmann::ordered_json swarm_expectations(const Scenario& base, const SwarmTimes& times);

// The longest that a record is worked on, as far as the distribution has an end.
SimDuration longest_process(const ConsumerSpec& consumer);
// Does any link lose one packet in a hundred, or more?
bool loses_many(const NetworkSpec& network);
// Records a second that all producers write to the topic, at most.
std::int64_t written_per_second(const Scenario& base, const std::string& topic);

}  // namespace bsim
