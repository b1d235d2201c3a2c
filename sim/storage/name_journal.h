#pragma once
// The file system's journal: what happened to names and sizes (creating, renaming, removing,
// resizing), in order. As in ext4 and XFS any sync of a file or directory commits all of it, and so
// does the kernel every few seconds; a power failure leaves a prefix. Each entry carries what it
// takes to undo it.

#include <cstdint>
#include <deque>
#include <string>
#include <variant>
#include <vector>

#include "sim/storage/cached_file.h"

namespace bsim {

// A small file as it was before it was replaced, removed or emptied.
struct FileCopy {
    CachedFilePtr file;
    std::vector<std::uint8_t> content;  // up to written_end; the rest is a hole
    std::uint64_t size = 0;
};

struct NameCreated {
    std::string path;
};
struct DirMade {
    std::string path;
};
struct DirRemoved {
    std::string path;
};
struct NameRemoved {
    std::string path;
    FileCopy was;
};
struct NameRenamed {
    std::string from;
    std::string to;
    std::vector<FileCopy> replaced;  // at most one
};
struct FileGrown {  // by a hole
    std::string path;
    std::uint64_t size_before = 0;
};
struct FileCut {
    std::string path;
    std::uint64_t size_before = 0;
    std::uint64_t size_after = 0;
    std::vector<std::uint8_t> cut;  // from the new end on; what follows was a hole
    ByteRanges dirty;               // of what was cut, in the open layer
    std::uint64_t dirty_size_before = 0;
};

using NameChange =
    std::variant<NameCreated, DirMade, DirRemoved, NameRemoved, NameRenamed, FileGrown, FileCut>;

class NameJournal {
  public:
    // `begun_after`: the last sync that had begun by then.
    void add(NameChange change, SyncNumber begun_after) {
        entries_.push_back({std::move(change), begun_after, 0});
    }
    // Something would be committed by a sync.
    bool has_open() const { return committing_ < entries_.size(); }
    // Hands all that is open to the device by this sync.
    void commit(SyncNumber sync);
    void forget_durable(SyncNumber durable);
    bool empty() const { return entries_.empty(); }
    void clear();

    // For undoing, the newest first.
    SyncNumber last_begun_after() const { return entries_.back().begun_after; }
    NameChange take_last();
    std::size_t size() const { return entries_.size(); }

  private:
    struct Entry {
        NameChange change;
        SyncNumber begun_after = 0;
        SyncNumber sync = 0;  // 0 while open
    };
    std::deque<Entry> entries_;
    std::size_t committing_ = 0;  // entries before it were handed over
};

}  // namespace bsim
