#include "sim/app/interrupt.h"

#include <csignal>

namespace bsim {
namespace {

volatile std::sig_atomic_t asked_to_stop = 0;

}  // namespace

void catch_interrupts() {
    const auto note = [](int) { asked_to_stop = 1; };
    std::signal(SIGINT, note);
    std::signal(SIGTERM, note);
}

bool interrupted() {
    return asked_to_stop != 0;
}

}  // namespace bsim
