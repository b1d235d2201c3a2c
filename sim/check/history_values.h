#pragma once
// The values that clients wrote and read, known by their 64-bit hashes, and which of them stands
// where in each partition. Values are numbered in the order in which they are added. About 40 bytes
// a value, whatever its length; finding a value and looking at an offset is O(1).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/model/ids.h"

namespace bsim {

using ValueIndex = std::uint32_t;
inline constexpr ValueIndex kNoValue = 0xffffffffU;

struct HistoryValue {
    std::uint64_t hash = 0;
    std::int64_t offset = -1;  // where it was seen or acknowledged first; -1: nowhere yet
    std::uint32_t partition = 0;
    std::int8_t acks = -1;
    bool sent : 1 = false;
    bool acked : 1 = false;
    bool failed : 1 = false;  // the producer was told that it is not written
    bool read : 1 = false;
    bool idempotent : 1 = true;
    bool ambiguous : 1 = false;  // another send has the same value: nothing can be said of it
    bool told : 1 = false;       // of a value that has been reported already
};

class HistoryValues {
  public:
    HistoryValues();

    // A new value, even if there is one of that hash; find() goes on answering the first.
    ValueIndex add(std::uint64_t hash);
    // kNoValue if there is none.
    ValueIndex find(std::uint64_t hash) const;
    HistoryValue& operator[](ValueIndex index) { return values_[index]; }
    ValueIndex size() const { return static_cast<ValueIndex>(values_.size()); }

  private:
    std::size_t slot_of(std::uint64_t hash) const;
    void grow();

    std::vector<HistoryValue> values_;
    std::vector<ValueIndex> table_;  // open addressing; a power of two
    std::size_t used_ = 0;
};

// Which value stands at which offset of one partition, as far as clients know.
class HistoryOffsets {
  public:
    HistoryOffsets() = default;
    HistoryOffsets(const HistoryOffsets&) = delete;
    HistoryOffsets& operator=(const HistoryOffsets&) = delete;

    // kNoValue if nobody knows.
    ValueIndex at(Offset offset);
    void set(Offset offset, ValueIndex value);
    // The first offset in [from, to) that is known.
    std::optional<Offset> first_known(Offset from, Offset to) const;

  private:
    static constexpr std::int64_t kPage = 256;
    using Page = std::array<ValueIndex, kPage>;

    Page* find_page(std::int64_t number);

    std::map<std::int64_t, Page> pages_;
    std::int64_t last_number_ = -1;  // of the page looked at last
    Page* last_ = nullptr;
};

// Offsets that somebody has read past, as intervals [from, to).
class OffsetRanges {
  public:
    void add(Offset from, Offset to);
    bool contains(Offset offset) const;
    bool empty() const { return ranges_.empty(); }
    Offset lowest() const { return ranges_.begin()->first; }

  private:
    std::map<Offset, Offset> ranges_;  // disjoint, not touching
};

}  // namespace bsim
