#pragma once
// Thrown where an exception would leave the real tool: the dump ends there, in the middle of a line
// if need be, and so does the whole command. Caught by dump().

#include <stdexcept>

namespace bsim::dump_log {

class Stopped : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

}  // namespace bsim::dump_log
