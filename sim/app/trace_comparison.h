#pragma once
// A trace as it is written, held line by line against one that is stored. Keeps no more than a line
// of either.

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>

#include "sim/trace/sinks.h"

namespace bsim {

struct TraceDifference {
    std::uint64_t line = 0;  // from 1, the header line included
    std::string stored;      // empty: the stored trace ends here
    std::string now;         // empty: the new one does
};

class TraceComparison : public TextSink {
  public:
    explicit TraceComparison(std::istream& stored) : stored_(stored) {}

    void write(std::string_view text) override;
    // After the last write: the stored trace must end too.
    void finish();

    const std::optional<TraceDifference>& difference() const { return difference_; }
    std::uint64_t lines() const { return lines_; }  // that are the same

  private:
    void compare(std::string_view line);

    std::istream& stored_;
    std::string begun_;   // of a line whose end has not come yet
    std::string buffer_;  // the stored line
    std::uint64_t lines_ = 0;
    std::optional<TraceDifference> difference_;
};

// Three lines: which line differs, and both, cut to what is around the first difference.
std::string to_string(const TraceDifference& difference);

}  // namespace bsim
