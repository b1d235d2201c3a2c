#pragma once
// What the page cache knows of one file: its size, which bytes the device may not have yet, and
// what stood there before, as far as the device had it.
//
// Bytes that were written since the last sync form the open layer. A sync or a write-back closes it
// and puts it among those on their way to the device. Every layer lies on top of those before it,
// so that a power failure can take off, from the top, what had not arrived.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/storage/byte_ranges.h"

namespace bsim {

// Syncs (write-backs too) are numbered from 1 in the order in which they begin and end.
using SyncNumber = std::uint64_t;

struct SavedBytes {
    std::uint64_t at = 0;
    std::vector<std::uint8_t> bytes;
    std::uint64_t end() const { return at + bytes.size(); }
};

struct DirtyLayer {
    ByteRanges dirty;
    // What stood at those of the dirty bytes that lie below `size_before`, in the order in which
    // they were first written over; no byte twice.
    std::vector<SavedBytes> saved;
    std::uint64_t size_before = 0;  // of the file, when the first byte of the layer was written
    SyncNumber begun_after = 0;     // the last sync that had begun by then
    SyncNumber sync = 0;            // by which it reaches the device; 0 while open
};

struct CachedFile {
    std::string path;
    std::uint64_t size = 0;
    std::uint64_t written_end = 0;  // behind it the file is a hole
    DirtyLayer open;
    std::vector<DirtyLayer> on_the_way;  // oldest first
    SimTime dirty_since;                 // when the open layer was begun
    ByteRanges cold;                     // must be read from the device
    bool removed = false;
    bool listed = false;  // for writing back

    bool is_dirty() const { return !open.dirty.empty(); }
    // The file ends at `end` now: layers know of nothing behind it.
    void cut_to(std::uint64_t end);
    // Takes the layers away that the device has got by this sync; returns how many saved bytes go
    // with them.
    std::uint64_t forget_durable(SyncNumber durable);
};

using CachedFilePtr = std::shared_ptr<CachedFile>;

}  // namespace bsim
