#pragma once
// What the Raft node may ask of its copy of the metadata log. It is asked only inside step(), and
// must answer with all effects of earlier steps carried out. Changes go out as effects.
// Source: ReplicatedLog, KafkaMetadataLog.

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

class LogView {
  public:
    virtual ~LogView() = default;

    virtual Offset start_offset() const = 0;
    virtual Offset end_offset() const = 0;

    // The latest epoch of the leader epoch cache; 0 when the cache is empty.
    virtual LeaderEpoch last_epoch() const = 0;

    // By the leader epoch cache. `epoch` is the latest: (epoch, end offset). Later than the latest:
    // the log's own (last_epoch, end_offset). Earlier than the first entry: (epoch, start of the
    // first entry). Otherwise: the greatest cached epoch <= `epoch`, with the start of the next.
    virtual OffsetAndEpoch end_offset_for_epoch(LeaderEpoch epoch) const = 0;

    // Complete snapshots, ascending by id, without those still being written or fetched and those
    // marked for deletion. When start_offset() is greater than 0, the first one is at it.
    virtual const std::vector<SnapshotInfo>& snapshots() const = 0;
    // Of all segments.
    virtual std::int64_t size_in_bytes() const = 0;
};

// The log's end: with its last record's epoch, or that of the snapshot at which an empty log
// starts.
OffsetAndEpoch log_end(const LogView& log);
// Where the greatest epoch <= `epoch` ends that the log or its first snapshot knows.
OffsetAndEpoch epoch_end(const LogView& log, LeaderEpoch epoch);

std::optional<OffsetAndEpoch> earliest_snapshot(const LogView& log);
std::optional<OffsetAndEpoch> latest_snapshot(const LogView& log);
// Null when there is no such snapshot.
const SnapshotInfo* find_snapshot(const LogView& log, const OffsetAndEpoch& id);

// Whether a log that ends at (offset, epoch) is a prefix of this one, and if not, what its owner
// must do.
enum class Standing : std::uint8_t {
    Valid,
    Diverging,  // truncate: `at` is where the epochs part
    Snapshot    // load the snapshot `at`: the records that it needs are gone
};
struct ValidatedEnd {
    Standing standing = Standing::Valid;
    OffsetAndEpoch at;

    bool operator==(const ValidatedEnd&) const = default;
};
ValidatedEnd validate_end(const LogView& log, const OffsetAndEpoch& end);

// Whether the state machines, which want the record at `next` (absent: they have nothing yet), must
// be given the latest snapshot before records up to `hw`: when they have just started, or when the
// log no longer goes back as far. Source: KafkaRaftClient.updateListenersProgress.
bool must_load_snapshot(const LogView& log, std::optional<Offset> next, Offset hw);

}  // namespace bsim::kraft
