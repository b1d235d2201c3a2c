#pragma once
// Virtual time. SimTime is a point, SimDuration a span; both are integer nanoseconds.
// SimTime 0 is the start of the run. What does not fit (a setting of 2^63 - 1 ms, which Kafka takes
// for "never") becomes the nearest that does, 292 years. Timeouts and the event queue use SimTime;
// timestamps inside records use a node's wall clock (WallMs), which the node derives from SimTime.

#include <compare>
#include <cstdint>
#include <limits>

namespace bsim {

namespace time_detail {

constexpr std::int64_t nearest_of_sign(bool negative) {
    return negative ? std::numeric_limits<std::int64_t>::min()
                    : std::numeric_limits<std::int64_t>::max();
}
constexpr std::int64_t sum(std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    return __builtin_add_overflow(a, b, &out) ? nearest_of_sign(b < 0) : out;
}
constexpr std::int64_t difference(std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    return __builtin_sub_overflow(a, b, &out) ? nearest_of_sign(b > 0) : out;
}
constexpr std::int64_t product(std::int64_t a, std::int64_t b) {
    std::int64_t out = 0;
    return __builtin_mul_overflow(a, b, &out) ? nearest_of_sign((a < 0) != (b < 0)) : out;
}

}  // namespace time_detail

class SimDuration {
  public:
    constexpr SimDuration() = default;
    explicit constexpr SimDuration(std::int64_t ns) : ns_(ns) {}

    constexpr std::int64_t ns() const { return ns_; }
    constexpr std::int64_t ms() const { return ns_ / 1'000'000; }

    constexpr auto operator<=>(const SimDuration&) const = default;
    constexpr SimDuration operator+(SimDuration other) const {
        return SimDuration(time_detail::sum(ns_, other.ns_));
    }
    constexpr SimDuration operator-(SimDuration other) const {
        return SimDuration(time_detail::difference(ns_, other.ns_));
    }
    constexpr SimDuration operator*(std::int64_t factor) const {
        return SimDuration(time_detail::product(ns_, factor));
    }
    constexpr SimDuration operator/(std::int64_t divisor) const {
        return SimDuration(ns_ / divisor);
    }

  private:
    std::int64_t ns_ = 0;
};

class SimTime {
  public:
    constexpr SimTime() = default;
    explicit constexpr SimTime(std::int64_t ns) : ns_(ns) {}

    constexpr std::int64_t ns() const { return ns_; }

    constexpr auto operator<=>(const SimTime&) const = default;
    constexpr SimTime operator+(SimDuration d) const {
        return SimTime(time_detail::sum(ns_, d.ns()));
    }
    constexpr SimTime operator-(SimDuration d) const {
        return SimTime(time_detail::difference(ns_, d.ns()));
    }
    constexpr SimDuration operator-(SimTime other) const {
        return SimDuration(time_detail::difference(ns_, other.ns_));
    }

  private:
    std::int64_t ns_ = 0;
};

constexpr SimDuration nanoseconds(std::int64_t n) {
    return SimDuration(n);
}
constexpr SimDuration microseconds(std::int64_t n) {
    return SimDuration(time_detail::product(n, 1'000));
}
constexpr SimDuration milliseconds(std::int64_t n) {
    return SimDuration(time_detail::product(n, 1'000'000));
}
constexpr SimDuration seconds(std::int64_t n) {
    return SimDuration(time_detail::product(n, 1'000'000'000));
}

// A node's wall clock in milliseconds since the Unix epoch, as Kafka stamps records with it.
class WallMs {
  public:
    constexpr WallMs() = default;
    explicit constexpr WallMs(std::int64_t ms) : ms_(ms) {}
    constexpr std::int64_t value() const { return ms_; }
    constexpr auto operator<=>(const WallMs&) const = default;

  private:
    std::int64_t ms_ = 0;
};

}  // namespace bsim
