#pragma once
// When something was so: spans of simulated time [from, to), in order, each with a reason.

#include <optional>
#include <string_view>
#include <vector>

#include "sim/base/time.h"

namespace bsim {

struct Span {
    SimTime from;
    SimTime to;
    std::string_view why;  // of static text
};

class Spans {
  public:
    // From now on it is so if there is a reason; an open span keeps its first one.
    void set(std::string_view why, SimTime now);
    bool open() const { return open_.has_value(); }
    const std::optional<Span>& now() const { return open_; }
    const std::vector<Span>& closed() const { return closed_; }
    SimDuration total(SimTime end) const;
    // Adds the spans that meet [from, to), cut to it.
    void within(SimTime from, SimTime to, std::vector<Span>& out) const;

  private:
    std::optional<Span> open_;  // `to` has no meaning
    std::vector<Span> closed_;
};

// The longest part of [from, to) that no span covers. Sorts them.
SimDuration longest_uncovered(SimTime from, SimTime to, std::vector<Span>& spans);

}  // namespace bsim
