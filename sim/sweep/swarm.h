#pragma once
// The swarm: from a scenario and a seed another scenario, with faults and settings drawn at random.
//
// Kept are the cluster, the links, the topics and the clients, and every setting that the scenario
// gives. Replaced are its faults, its expectations, its duration and how long its producers write
// (no faster than kRateMost records a second each). Drawn are
//   - Kafka settings that the scenario leaves open, log directories, troubles of the links;
//   - which kinds of faults this seed may have at all, and then up to ten faults of those kinds.
//
// Two phases. Safety: faults begin and end, and every safety checker listens, to the end of the
// run. Then all is healed, and after some time to recover the cluster must be led, replicated in
// full, and serve its clients: the expectations that are written into the scenario.
//
// The drawn faults are such that a correct Kafka loses nothing that its settings promise: power is
// lost once at most, because under min.insync.replicas=2 two lossy crashes void the promise; before
// all other faults and alone, because the last in-sync replica loses what others still hold
// (KIP-966); and never by the active controller, which counts what it has not flushed yet; no
// segment.bytes is changed while it runs, because followers that fetch more than a segment at a
// time stop for good, as they do in Kafka; no disk is wiped.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"

namespace bsim {

inline constexpr std::int64_t kRateMost = 200;  // records a second and instance

struct SwarmDraw {
    std::string text;                            // of the scenario, with the seed in it
    std::vector<std::string> knobs;              // "replica.lag.time.max.ms=1000"
    std::vector<std::string> faults;             // "crash broker:2 power at 8125ms"
    std::map<std::string, std::uint64_t> kinds;  // how many faults of each kind
};

class Swarm {
  public:
    // `text` needs no overrides, and parse_scenario() made `base` of it; both must live as long.
    Swarm(const Scenario& base, std::string_view text);
    ~Swarm();
    Swarm(Swarm&&) noexcept;

    // The same for the same scenario and seed, wherever and whenever.
    SwarmDraw draw(std::uint64_t seed) const;

  private:
    struct Parsed;

    const Scenario& base_;
    std::unique_ptr<Parsed> parsed_;
};

}  // namespace bsim
