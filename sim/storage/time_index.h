#pragma once
// `.timeindex`: maps a timestamp to an offset. Entry, 12 bytes big-endian:
//   0 i64 timestamp              the largest one in the segment so far, milliseconds
//   8 i32 offset - base offset   the last offset of the batch that holds it
// Timestamps rise strictly. Full with one slot left, which the entry made at roll may take.
// Source: TimeIndex.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/storage/index_file.h"

namespace bsim {

struct TimestampOffset {
    WallMs timestamp{-1};
    Offset offset;
    bool operator==(const TimestampOffset&) const = default;
};

class TimeIndex {
  public:
    static constexpr std::uint32_t kEntrySize = 12;

    static Stored<TimeIndex> open(Disk& disk,
                                  const std::string& path,
                                  Offset base,
                                  std::int32_t max_bytes);

    // Reads the entries of a file that was not just made. Corrupt unless the length is a multiple
    // of the entry size, timestamps rise and offsets do not fall or lie below the base.
    // `path` is for the error.
    Stored<Done> load(const std::string& path);

    bool is_full() const { return entries() >= file_.max_entries() - 1; }
    std::int64_t entries() const { return static_cast<std::int64_t>(slots_.size()); }
    TimestampOffset entry(std::int64_t i) const;
    TimestampOffset last_entry() const;  // (-1, base) if empty

    // Adds an entry if the timestamp is above the last one's. Requires !is_full() unless
    // `at_roll`, and an offset not below the last entry's.
    Stored<Done> maybe_append(const TimestampOffset& entry, bool at_roll);
    // The last entry with a timestamp not above `target`; (-1, base) if there is none.
    TimestampOffset lookup(WallMs target) const;

    void truncate_to(Offset offset);  // drops entries with an offset not below `offset`
    Stored<Done> reset();
    // Drops what lies behind the entries and pre-allocates zeros again.
    Stored<Done> resize_to_max();
    Stored<Done> trim() { return file_.resize_to_entries(entries()); }
    Stored<Done> sync() const { return file_.sync(); }
    bool created() const { return file_.created(); }
    void close() { file_.close(); }

  private:
    struct Slot {
        std::int64_t timestamp;
        std::int32_t relative_offset;
    };

    TimeIndex(IndexFile file, Offset base) : file_(std::move(file)), base_(base) {}

    IndexFile file_;
    Offset base_;
    std::vector<Slot> slots_;
};

}  // namespace bsim
