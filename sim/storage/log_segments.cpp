#include "sim/storage/log_segments.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim {

LogSegment& LogSegments::add(LogSegment segment) {
    BSIM_CHECK(segments_.empty() || segments_.back()->base_offset() < segment.base_offset());
    segments_.push_back(std::make_unique<LogSegment>(std::move(segment)));
    return *segments_.back();
}

std::optional<std::size_t> LogSegments::floor(Offset offset) const {
    const auto above = std::upper_bound(
        segments_.begin(), segments_.end(), offset,
        [](Offset o, const std::unique_ptr<LogSegment>& s) { return o < s->base_offset(); });
    if (above == segments_.begin())
        return {};
    return static_cast<std::size_t>(above - segments_.begin() - 1);
}

std::vector<Offset> LogSegments::bases() const {
    std::vector<Offset> bases;
    bases.reserve(segments_.size());
    for (const auto& segment : segments_)
        bases.push_back(segment->base_offset());
    return bases;
}

std::int64_t LogSegments::size_bytes() const {
    std::int64_t sum = 0;
    for (const auto& segment : segments_)
        sum += segment->size();
    return sum;
}

std::vector<std::unique_ptr<LogSegment>> LogSegments::take_from(std::size_t from) {
    std::vector<std::unique_ptr<LogSegment>> taken;
    const auto first = segments_.begin() + static_cast<std::ptrdiff_t>(from);
    taken.assign(std::make_move_iterator(first), std::make_move_iterator(segments_.end()));
    segments_.erase(first, segments_.end());
    return taken;
}

std::vector<std::unique_ptr<LogSegment>> LogSegments::take_first(std::size_t count) {
    BSIM_CHECK(count < segments_.size());
    std::vector<std::unique_ptr<LogSegment>> taken;
    const auto end = segments_.begin() + static_cast<std::ptrdiff_t>(count);
    taken.assign(std::make_move_iterator(segments_.begin()), std::make_move_iterator(end));
    segments_.erase(segments_.begin(), end);
    return taken;
}

}  // namespace bsim
