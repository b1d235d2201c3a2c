#pragma once
// Sorted lists of disjoint byte ranges of a file. Ranges that touch are joined.

#include <cstdint>
#include <vector>

#include <boost/container/small_vector.hpp>

namespace bsim {

struct ByteRange {
    std::uint64_t from = 0;
    std::uint64_t to = 0;  // exclusive
    bool operator==(const ByteRange&) const = default;
};

using ByteRanges = std::vector<ByteRange>;

std::uint64_t total_bytes(const ByteRanges& ranges);
// Adds [from, to).
void add_range(ByteRanges& ranges, std::uint64_t from, std::uint64_t to);
// Takes [from, to) out; returns how many bytes of it were there.
std::uint64_t take_range(ByteRanges& ranges, std::uint64_t from, std::uint64_t to);
// What of [from, to) is not in the list: mostly nothing or one, for which nothing is allocated.
using Gaps = boost::container::small_vector<ByteRange, 2>;
Gaps gaps_within(const ByteRanges& ranges, std::uint64_t from, std::uint64_t to);

}  // namespace bsim
