#include "sim/storage/byte_ranges.h"

#include <algorithm>

namespace bsim {
namespace {

// The first range that ends behind `at`.
template <class Ranges>
auto first_behind(Ranges& ranges, std::uint64_t at) {
    return std::partition_point(ranges.begin(), ranges.end(),
                                [at](const ByteRange& range) { return range.to <= at; });
}

}  // namespace

std::uint64_t total_bytes(const ByteRanges& ranges) {
    std::uint64_t sum = 0;
    for (const ByteRange& range : ranges)
        sum += range.to - range.from;
    return sum;
}

void add_range(ByteRanges& ranges, std::uint64_t from, std::uint64_t to) {
    if (from >= to)
        return;
    // Appending to the end of a log is the common case.
    if (!ranges.empty() && ranges.back().to == from) {
        ranges.back().to = to;
        return;
    }
    const auto first = std::partition_point(
        ranges.begin(), ranges.end(), [from](const ByteRange& range) { return range.to < from; });
    auto last = first;
    while (last != ranges.end() && last->from <= to) {
        from = std::min(from, last->from);
        to = std::max(to, last->to);
        ++last;
    }
    ranges.insert(ranges.erase(first, last), ByteRange{from, to});
}

std::uint64_t take_range(ByteRanges& ranges, std::uint64_t from, std::uint64_t to) {
    auto at = first_behind(ranges, from);
    std::uint64_t taken = 0;
    while (at != ranges.end() && at->from < to) {
        const ByteRange range = *at;
        const ByteRange cut{std::max(range.from, from), std::min(range.to, to)};
        taken += cut.to - cut.from;
        at = ranges.erase(at);
        if (range.from < cut.from)
            at = ranges.insert(at, ByteRange{range.from, cut.from}) + 1;
        if (cut.to < range.to)
            at = ranges.insert(at, ByteRange{cut.to, range.to}) + 1;
    }
    return taken;
}

Gaps gaps_within(const ByteRanges& ranges, std::uint64_t from, std::uint64_t to) {
    Gaps gaps;
    for (auto at = first_behind(ranges, from); at != ranges.end() && at->from < to; ++at) {
        if (from < at->from)
            gaps.push_back({from, at->from});
        from = at->to;
    }
    if (from < to)
        gaps.push_back({from, to});
    return gaps;
}

}  // namespace bsim
