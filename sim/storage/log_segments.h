#pragma once
// The segments of one log in order of base offset. Pointers to a segment stay valid while it is in.
// Source: LogSegments.

#include <memory>
#include <vector>

#include "sim/storage/log_segment.h"

namespace bsim {

class LogSegments {
  public:
    bool empty() const { return segments_.empty(); }
    std::size_t size() const { return segments_.size(); }
    LogSegment& at(std::size_t i) { return *segments_[i]; }
    const LogSegment& at(std::size_t i) const { return *segments_[i]; }
    LogSegment& active() { return *segments_.back(); }
    const LogSegment& active() const { return *segments_.back(); }

    // Requires a base above all others.
    LogSegment& add(LogSegment segment);
    // Index of the last segment with a base not above `offset`; nothing if all are above.
    std::optional<std::size_t> floor(Offset offset) const;
    std::vector<Offset> bases() const;
    std::int64_t size_bytes() const;
    // Takes the segments from index `from` on out.
    std::vector<std::unique_ptr<LogSegment>> take_from(std::size_t from);
    // Takes the first `count` segments out; one at least must stay.
    std::vector<std::unique_ptr<LogSegment>> take_first(std::size_t count);

  private:
    std::vector<std::unique_ptr<LogSegment>> segments_;
};

}  // namespace bsim
