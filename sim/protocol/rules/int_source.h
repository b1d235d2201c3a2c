#pragma once
// Where a rule that needs chance takes it from. next_int(bound) is uniform in [0, bound), as
// java.util.Random.nextInt(bound); rules draw in Kafka's own order and number, so that a recorded
// sequence of draws gives the recorded result. The owner of the random stream implements it.

#include <cstdint>

namespace bsim {

class IntSource {
  public:
    virtual ~IntSource() = default;
    // Requires bound > 0.
    virtual std::int32_t next_int(std::int32_t bound) = 0;
};

}  // namespace bsim
