#pragma once
// BSIM_CHECK(cond) guards what only a bug of ours can break; it stays on in Release. On failure it
// throws InternalBug, which `app/` turns into exit code 70 with the line that replays the run.

#include <stdexcept>
#include <string>

namespace bsim {

class InternalBug : public std::logic_error {
  public:
    using std::logic_error::logic_error;
};

[[noreturn]] inline void internal_bug(const char* file, int line, const std::string& what) {
    throw InternalBug(std::string(file) + ":" + std::to_string(line) + ": check failed: " + what);
}

}  // namespace bsim

#define BSIM_CHECK(cond)                                     \
    do {                                                     \
        if (!(cond))                                         \
            ::bsim::internal_bug(__FILE__, __LINE__, #cond); \
    } while (false)
