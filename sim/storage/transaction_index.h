#pragma once
// `.txnindex`: the aborted transactions whose marker lies in the segment, in order of completion.
// Entry, 34 bytes big-endian:
//   0 i16 version 0   2 i64 producerId   10 i64 firstOffset   18 i64 lastOffset (of the marker)
//   26 i64 lastStableOffset at that moment
// The file is made with its first entry. Source: TransactionIndex, AbortedTxn.

#include <string>
#include <vector>

#include "sim/storage/disk.h"
#include "sim/storage/producer_state.h"

namespace bsim {

struct AbortedTxn {
    ProducerId producer;
    Offset first_offset;
    Offset last_offset;
    Offset last_stable_offset;
    bool operator==(const AbortedTxn&) const = default;
};

class TransactionIndex {
  public:
    static constexpr std::size_t kEntrySize = 34;

    // Reads the file if there is one. Corrupt: a wrong length or version, an entry whose last
    // offset does not rise, or that ends below its segment.
    static Stored<TransactionIndex> open(Disk& disk, const std::string& path, Offset base);
    // Takes the file as it is, to be reset() by recovery.
    static TransactionIndex unread(Disk& disk, const std::string& path, Offset base);

    const std::vector<AbortedTxn>& entries() const { return entries_; }
    Stored<Done> append(const AbortedTxn& txn);
    // Entries whose transaction overlaps [from, upper_bound), and whether the search is over: an
    // entry whose last stable offset reaches the bound ends it, else the next segment goes on.
    struct Search {
        std::vector<AbortedTxn> found;
        bool complete = false;
    };
    Search collect(Offset from, Offset upper_bound) const;
    // Drops entries whose marker is at or above `offset`.
    Stored<Done> truncate_to(Offset offset);
    Stored<Done> reset();  // no entries; an existing file becomes empty
    Stored<Done> sync();
    void close() { file_.close(); }

  private:
    TransactionIndex(Disk& disk, std::string path, Offset base)
        : disk_(&disk), path_(std::move(path)), base_(base) {}

    Disk* disk_;
    std::string path_;
    Offset base_;
    File file_;  // opened when first written
    std::vector<AbortedTxn> entries_;
};

}  // namespace bsim
