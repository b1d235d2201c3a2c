#pragma once
// Draws for the swarm: choices and durations from a named stream of the project's own generator, so
// that a seed means the same on every compiler.

#include <cstdint>
#include <fmt/format.h>
#include <initializer_list>
#include <string>
#include <vector>

#include "sim/base/check.h"
#include "sim/kernel/rng.h"

namespace bsim {

class Dice {
  public:
    explicit Dice(RngStream rng) : rng_(std::move(rng)) {}

    // True once in `n`.
    bool once_in(std::uint64_t n) { return rng_.below(n) == 0; }
    std::int64_t between(std::int64_t low, std::int64_t high) { return rng_.between(low, high); }
    // "1234ms", both bounds included.
    std::string ms(std::int64_t low, std::int64_t high) {
        return fmt::format("{}ms", between(low, high));
    }
    template <class T>
    T pick(std::initializer_list<T> of) {
        return *(of.begin() + rng_.below(of.size()));
    }
    template <class T>
    const T& pick(const std::vector<T>& of) {
        BSIM_CHECK(!of.empty());
        return of[rng_.below(of.size())];
    }
    // Takes one out.
    template <class T>
    T take(std::vector<T>& of) {
        BSIM_CHECK(!of.empty());
        const auto at = of.begin() + static_cast<std::ptrdiff_t>(rng_.below(of.size()));
        T out = *at;
        of.erase(at);
        return out;
    }

  private:
    RngStream rng_;
};

}  // namespace bsim
