#pragma once
// The producer state of one log: an entry a producer, open transactions, and the snapshot files
// that spare a restart the walk through the whole log.
// map_end is the offset up to which the state reflects the log; a snapshot is named after it.
// Source: ProducerStateManager.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/storage/disk.h"
#include "sim/storage/producer_snapshot.h"

namespace bsim {

class ProducerStateManager {
  public:
    // Lists the snapshots in `dir`, loads none of them.
    static Stored<ProducerStateManager> open(Disk& disk,
                                             const std::string& dir,
                                             std::int64_t expiration_ms);

    const ProducerEntry* find(ProducerId producer) const;
    const ProducerMap& producers() const { return producers_; }
    bool is_empty() const { return producers_.empty() && unreplicated_.empty(); }

    ProducerAppend prepare(ProducerId producer, AppendOrigin origin) const;
    void update(const ProducerAppend& append);
    // Ends the transaction; it holds the last stable offset back until the high watermark has
    // passed its marker.
    void complete(const CompletedTxn& txn);
    // What the last stable offset will be once `txn` is completed, the high watermark apart.
    Offset last_stable_offset_after(const CompletedTxn& txn) const;
    // First offset of the oldest transaction that is open or not yet below the high watermark.
    std::optional<Offset> first_unstable_offset() const;
    void on_high_watermark(Offset hw);
    void on_log_start_incremented(Offset log_start);

    Offset map_end() const { return map_end_; }
    void set_map_end(Offset end) { map_end_ = end; }

    // Writes `<map_end>.snapshot` unless map_end has not risen since the last one. Returns its
    // offset if written. Unsynced only on request: the caller then owes a sync_snapshot().
    Stored<std::optional<Offset>> take_snapshot(bool sync);
    Stored<Done> sync_snapshot(Offset offset);
    std::optional<Offset> latest_snapshot() const;
    const std::vector<Offset>& snapshots() const { return snapshots_; }

    // Brings the state to the latest snapshot at or below `log_end` (and above `log_start`),
    // removing those outside; the caller replays the log from map_end() on. Corrupt snapshots are
    // removed. If the state already ends at `log_end` it is kept.
    Stored<Done> truncate_and_reload(Offset log_start, Offset log_end, WallMs now);
    // Forgets everything, snapshots too.
    Stored<Done> truncate_fully_and_start_at(Offset offset);
    // Removes snapshots that belong to no segment, except the largest of them if it lies above the
    // last segment's base.
    Stored<Done> remove_stray_snapshots(const std::vector<Offset>& segment_bases);
    // Renames the snapshot of a removed segment to ".deleted". Returns its new path if there was
    // one.
    Stored<std::optional<std::string>> mark_deleted(Offset snapshot);
    void expire(WallMs now);

  private:
    ProducerStateManager(Disk& disk, std::string dir, std::int64_t expiration_ms)
        : disk_(&disk), dir_(std::move(dir)), expiration_ms_(expiration_ms) {}

    struct Txn {
        ProducerId producer;
        std::optional<Offset> last_offset;
    };

    std::string snapshot_path(Offset offset) const;
    bool is_expired(const ProducerEntry& entry, WallMs now) const;
    Stored<Done> load_latest(Offset log_start, WallMs now);
    Stored<Done> reload_snapshot_list();
    Stored<Done> remove_snapshot(Offset offset);
    void forget_unreplicated_below(Offset offset);

    Disk* disk_;
    std::string dir_;
    std::int64_t expiration_ms_;
    ProducerMap producers_;
    std::map<Offset, Txn> ongoing_;       // by first offset
    std::map<Offset, Txn> unreplicated_;  // completed, marker at or above the high watermark
    std::vector<Offset> snapshots_;       // sorted
    Offset map_end_;
    Offset last_snapshot_end_;
};

}  // namespace bsim
