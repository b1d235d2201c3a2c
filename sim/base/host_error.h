#pragma once
// The machine that runs the simulator refuses: disk full, unwritable directory. Thrown where the
// simulated world has no answer to it; ends the run with exit code 6.

#include <stdexcept>

namespace bsim {

class HostError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace bsim
