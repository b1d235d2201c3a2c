#pragma once
// `.index`: maps an offset to a file position, sparsely. Entry, 8 bytes big-endian:
//   0 i32 offset - base offset   the LAST offset of the set that was appended
//   4 i32 position               where that set starts in the .log
// Offsets rise strictly. Entries are also kept in memory.
// Source: OffsetIndex.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/model/ids.h"
#include "sim/storage/index_file.h"

namespace bsim {

struct OffsetPosition {
    Offset offset;
    std::int64_t position = 0;
    bool operator==(const OffsetPosition&) const = default;
};

class OffsetIndex {
  public:
    static constexpr std::uint32_t kEntrySize = 8;

    static Stored<OffsetIndex> open(Disk& disk,
                                    const std::string& path,
                                    Offset base,
                                    std::int32_t max_bytes);

    // Reads the entries of a file that was not just made. Corrupt unless the length is a multiple
    // of the entry size, offsets rise and positions rise and stay below `log_bytes`.
    // `path` is for the error.
    Stored<Done> load(const std::string& path, std::int64_t log_bytes);

    bool can_append(Offset offset) const;  // offset - base fits into [0, 2^31-1]
    bool is_full() const { return entries() >= file_.max_entries(); }
    std::int64_t entries() const { return static_cast<std::int64_t>(slots_.size()); }
    OffsetPosition entry(std::int64_t i) const;
    Offset last_offset() const;  // the base offset if empty

    // Requires !is_full(), can_append(offset) and offset above the last entry's.
    Stored<Done> append(Offset offset, std::int64_t position);
    // How many entries have an offset not above `target`.
    std::int64_t entries_up_to(Offset target) const;
    // The last entry with an offset not above `target`; (base, 0) if there is none.
    OffsetPosition lookup(Offset target) const;

    // Drops entries with an offset not below `offset`.
    void truncate_to(Offset offset);
    Stored<Done> reset();  // no entries, pre-allocated
    // Drops what lies behind the entries and pre-allocates zeros again.
    Stored<Done> resize_to_max();
    Stored<Done> trim() { return file_.resize_to_entries(entries()); }
    Stored<Done> sync() const { return file_.sync(); }
    bool created() const { return file_.created(); }
    void close() { file_.close(); }

  private:
    struct Slot {
        std::int32_t relative_offset;
        std::int32_t position;
    };

    OffsetIndex(IndexFile file, Offset base) : file_(std::move(file)), base_(base) {}

    IndexFile file_;
    Offset base_;
    std::vector<Slot> slots_;
};

}  // namespace bsim
