#pragma once
// Opens the directory of a log: finishes or undoes what a crash interrupted, opens the segments,
// recovers what was not known to be on the device, and rebuilds epoch cache and producer state.
//  1. .deleted and .cleaned files go; a .swap at or above the first .cleaned goes too.
//  2. What a valid .swap replaces goes; .swap files take their final names.
//  3. Segments are opened by name; an index without a log goes; a segment with a missing or
//     damaged index is recovered.
//  4. After an unclean stop each segment from the recovery point on is recovered: every batch is
//     checked, indexes are rebuilt; behind the first bad batch the file is cut and later segments
//     are deleted. A stop between the two hides the cut from the next start, as in Kafka.
//  5. A log that ends before its start offset is emptied; a log without segments gets one.
//  6. The epoch cache is cut to [start, end); producer state comes from the latest usable snapshot
//     and a walk over what follows it.
// DEVIATION: an index with entries that cannot be right is rebuilt when the log is opened; Kafka
// finds out when it reads them.
// Source: LogLoader, UnifiedLog.rebuildProducerState.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/storage/disk.h"
#include "sim/storage/leader_epoch_cache.h"
#include "sim/storage/log_config.h"
#include "sim/storage/log_segments.h"
#include "sim/storage/producer_state_manager.h"

namespace bsim {

struct LogOpening {
    std::string dir;  // relative to the disk's root, e.g. "g-none-0"; made if absent
    LogConfig config;
    Offset log_start_offset;  // from log-start-offset-checkpoint, else 0
    Offset recovery_point;    // from recovery-point-offset-checkpoint, else 0
    bool clean_shutdown = false;
    // Written to partition.metadata if that file is absent; must equal it if present.
    std::optional<Uuid> topic_id;
    WallMs now;
};

struct RecoveryReport {
    std::int32_t segments_recovered = 0;  // segments that were walked batch by batch
    std::int32_t segments_deleted = 0;    // behind a corrupt batch
    std::int64_t bytes_recovered = 0;     // bytes that were walked
    std::int64_t truncated_bytes = 0;     // cut off behind the last valid batch
    std::optional<Offset> truncated_to;   // the log end after such a cut
    Offset log_start_offset;
    Offset leo;
};

struct LoadedLog {
    LogSegments segments;  // at least one
    LeaderEpochCache epochs;
    ProducerStateManager producers;
    RecoveryReport report;
    Offset log_start;
    Offset leo;
    Offset recovery_point;
    std::vector<std::string> deleted_files;
};

Stored<LoadedLog> load_log(Disk& disk, const LogOpening& opening);

// What a rebuild of the producer state goes by.
struct ProducerRebuild {
    Offset log_start;
    Offset up_to;
    WallMs now;
    bool clean_shutdown = false;
};
// Brings `producers` to `up_to`: from a snapshot and the batches behind it. Requires `segments` to
// have usable indexes below `up_to`.
Stored<Done> rebuild_producer_state(ProducerStateManager& producers,
                                    const LogSegments& segments,
                                    const ProducerRebuild& rebuild);
// Takes the batch into the state as a follower would; a batch that contradicts it is passed over.
// Returns the transaction that it ended.
std::optional<CompletedTxn> replay_batch(ProducerStateManager& producers,
                                         const wire::BatchHeader& header,
                                         ByteView batch);

}  // namespace bsim
