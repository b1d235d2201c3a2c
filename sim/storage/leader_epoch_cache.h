#pragma once
// Which leader epoch wrote which part of a log: an ordered list epoch -> start offset, kept in the
// partition's `leader-epoch-checkpoint` and rewritten at every change. Both columns rise.
// A change is made in memory first; if persisting fails, the error is returned and memory keeps it.
// Source: LeaderEpochFileCache; KIP-101, KIP-279.

#include <optional>
#include <string>
#include <vector>

#include "sim/model/epoch_end.h"
#include "sim/storage/checkpoint_file.h"

namespace bsim {

class LeaderEpochCache {
  public:
    // Reads `<dir>/leader-epoch-checkpoint`; makes an empty file if there is none.
    static Stored<LeaderEpochCache> open(Disk& disk, const std::string& dir);

    // Notes that `epoch` starts at `start`. Nothing changes if the latest entry has that epoch and
    // starts no later. Otherwise entries at its end with an epoch or a start not below the new one
    // give way. Requires epoch and start not below 0.
    Stored<Done> assign(LeaderEpoch epoch, Offset start);

    std::optional<LeaderEpoch> latest_epoch() const;
    std::optional<EpochEntry> earliest_entry() const;
    std::optional<LeaderEpoch> epoch_for_offset(Offset offset) const;
    const std::vector<EpochEntry>& entries() const { return entries_; }

    // KIP-279. For the latest epoch the log end; for an older one the largest known epoch not above
    // it (itself if there is none) and the start of the next known epoch; nothing if the epoch is
    // above all known ones or the cache is empty.
    std::optional<EpochEnd> end_offset_for(LeaderEpoch requested, Offset log_end) const;

    // Drops entries that start at or after `end`.
    Stored<Done> truncate_from_end(Offset end);
    // Drops entries that start at or before `start`, but keeps the last of them, moved to `start`.
    Stored<Done> truncate_from_start(Offset start);
    Stored<Done> clear();

  private:
    LeaderEpochCache(Disk& disk, std::string path) : disk_(&disk), path_(std::move(path)) {}

    bool apply(const EpochEntry& entry);
    Stored<Done> persist();

    Disk* disk_;
    std::string path_;
    std::vector<EpochEntry> entries_;
};

}  // namespace bsim
