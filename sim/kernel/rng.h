#pragma once
// Named random streams. Each decision draws from a stream of its own, seeded by the stream's name
// and the root seed, so that a new stream, or one that draws more, disturbs no other. All draws are
// integers; the engine is Boost.Random's mt19937_64, seen by rng.cpp alone.

#include <cstdint>
#include <memory>
#include <string_view>

#include "sim/base/ratio.h"
#include "sim/base/uuid.h"

namespace bsim {

class RngStream {
  public:
    explicit RngStream(std::uint64_t seed);
    RngStream(RngStream&&) noexcept;
    RngStream& operator=(RngStream&&) noexcept;
    ~RngStream();

    std::uint64_t bits();
    // Uniform in [0, bound); bound > 0. Unbiased (Lemire's multiply and reject).
    std::uint64_t below(std::uint64_t bound);
    // Uniform in [low, high], both included.
    std::int64_t between(std::int64_t low, std::int64_t high);
    // True with exactly this probability.
    bool chance(Ratio probability);
    Uuid uuid();

  private:
    struct Engine;
    std::unique_ptr<Engine> engine_;
};

class Rng {
  public:
    // `run` tells repeats of one seed apart (sweeps); 0 is the run that a user sees.
    Rng(std::uint64_t seed, std::uint64_t run);
    RngStream stream(std::string_view name) const;

  private:
    std::uint64_t root_;
};

}  // namespace bsim
