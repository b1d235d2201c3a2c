#pragma once
// Virtual time. SimTime is a point, SimDuration a span; both are integer nanoseconds.
// SimTime 0 is the start of the run. Timeouts and the event queue use SimTime; timestamps inside
// records use a node's wall clock (WallMs), which the node derives from SimTime.

#include <compare>
#include <cstdint>

namespace bsim {

class SimDuration {
  public:
    constexpr SimDuration() = default;
    explicit constexpr SimDuration(std::int64_t ns) : ns_(ns) {}

    constexpr std::int64_t ns() const { return ns_; }
    constexpr std::int64_t ms() const { return ns_ / 1'000'000; }

    constexpr auto operator<=>(const SimDuration&) const = default;
    constexpr SimDuration operator+(SimDuration other) const {
        return SimDuration(ns_ + other.ns_);
    }
    constexpr SimDuration operator-(SimDuration other) const {
        return SimDuration(ns_ - other.ns_);
    }
    constexpr SimDuration operator*(std::int64_t factor) const { return SimDuration(ns_ * factor); }
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
    constexpr SimTime operator+(SimDuration d) const { return SimTime(ns_ + d.ns()); }
    constexpr SimTime operator-(SimDuration d) const { return SimTime(ns_ - d.ns()); }
    constexpr SimDuration operator-(SimTime other) const { return SimDuration(ns_ - other.ns_); }

  private:
    std::int64_t ns_ = 0;
};

constexpr SimDuration nanoseconds(std::int64_t n) {
    return SimDuration(n);
}
constexpr SimDuration microseconds(std::int64_t n) {
    return SimDuration(n * 1'000);
}
constexpr SimDuration milliseconds(std::int64_t n) {
    return SimDuration(n * 1'000'000);
}
constexpr SimDuration seconds(std::int64_t n) {
    return SimDuration(n * 1'000'000'000);
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
