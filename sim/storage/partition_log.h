#pragma once
// One replica's log of a partition: segments with their indexes, the leader-epoch cache, the
// producer state and its snapshots, in Kafka's own files. Serves data partitions and, through
// AppendOrigin::RaftLeader and append_as_follower, the metadata log of a KRaft node.
//
// Offsets: [log_start_offset, leo); high_watermark between them; recovery_point: all below it is
// on the device. The log rises by whole batches.
//
// Promises: an append writes the batch's bytes as they are, with only base offset and leader epoch
// (and under LogAppendTime type, timestamp and CRC) replaced; an error of the first family
// (StorageError::is_disk_failure) leaves the log unusable, as Kafka takes the directory offline; a
// refusal leaves the log's records as they were, though a segment may have been rolled.
// Destroying without close() is a kill: nothing more is written.
// Time comes in as the node's wall clock (WallMs); nothing waits and nothing is scheduled here.
//
// Source: UnifiedLog, LocalLog, LogLoader.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/container/small_vector.hpp>

#include "sim/base/bytes.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/storage/disk.h"
#include "sim/storage/leader_epoch_cache.h"
#include "sim/storage/log_loader.h"
#include "sim/storage/log_validator.h"

namespace bsim {

struct AppendInfo {
    Offset first_offset;
    Offset last_offset;
    WallMs max_timestamp{-1};
    Offset offset_of_max_timestamp{-1};  // last offset of the batch that holds it
    std::optional<WallMs>
        log_append_time;     // under LogAppendTime, or of the original of a duplicate
    bool duplicate = false;  // nothing appended; the offsets are the original's
    std::optional<LeaderEpoch> last_leader_epoch;  // of the last batch appended
    std::int64_t bytes = 0;
    std::int32_t records = 0;
    std::int32_t batches = 0;
    std::uint32_t crc = 0;      // of the last batch as stored
    Offset segment_base;        // where it went
    std::int64_t position = 0;  // and at which byte it starts there
    // Base of a segment that this append made: the caller should call flush_up_to(*rolled) soon,
    // as Kafka's scheduler does.
    std::optional<Offset> rolled;
};

struct ReadSpec {
    Offset from;
    std::int32_t max_bytes = 0;
    bool min_one_batch = true;  // a first batch above max_bytes is returned whole
    Offset upper_bound;         // exclusive: high watermark, last stable offset or leo
};

struct ReadInfo {
    SharedBytes bytes;  // batches; the last may be cut by max_bytes, as a Fetch response has it
    Offset segment_base;
    std::int64_t position = 0;
    bool first_batch_incomplete = false;
};

// Where an offset lies: its segment, and the byte at which its batch starts there.
struct LogPlace {
    Offset segment_base;
    std::int64_t position = 0;
};

struct TruncateInfo {
    bool truncated = false;
    Offset from;  // leo before
    Offset to;    // leo after
    std::int64_t bytes_removed = 0;
};

// Why a segment went; name() is the `why` of the trace event.
enum class SegmentDeletionReason : std::uint8_t { LogStart, RetentionBytes, RetentionMs };
std::string_view name(SegmentDeletionReason reason);

struct DeletedSegment {
    Offset base;
    SegmentDeletionReason reason = SegmentDeletionReason::LogStart;
};

struct LogClose {
    bool flush = false;  // true for a clean shutdown
};

class PartitionLog {
  public:
    static Stored<PartitionLog> open(Disk& disk, const LogOpening& opening);
    PartitionLog(PartitionLog&&) = default;
    PartitionLog& operator=(PartitionLog&&) = default;

    const RecoveryReport& recovery() const { return recovery_; }
    const std::string& dir() const { return dir_; }
    const LogConfig& config() const { return config_; }
    void set_config(const LogConfig& config) { config_ = config; }
    std::optional<Uuid> topic_id() const { return topic_id_; }

    Offset log_start_offset() const { return log_start_; }
    Offset leo() const { return leo_; }
    Offset high_watermark() const { return hw_; }
    Offset last_stable_offset() const;
    Offset recovery_point() const { return recovery_point_; }
    std::int64_t size_bytes() const;
    std::size_t segment_count() const { return segments_.size(); }
    Offset first_segment_base() const { return segments_.at(0).base_offset(); }
    std::vector<Offset> segment_bases() const { return segments_.bases(); }
    Offset active_segment_base() const { return segments_.active().base_offset(); }

    // One batch of a client or coordinator (RaftLeader: any number), as LogValidator checks it.
    // Assigns offsets from leo() on and stamps `epoch`; RaftLeader requires both to be there.
    Stored<AppendInfo> append_as_leader(const SharedBytes& records,
                                        LeaderEpoch epoch,
                                        WallMs now,
                                        AppendOrigin origin);
    // Batches as a leader sent them; an incomplete batch at the end is ignored. Offsets and epochs
    // are taken from the batches, which must start at or above leo(). One index entry at most.
    Stored<AppendInfo> append_as_follower(const SharedBytes& records, WallMs now);

    // OffsetOutOfRange if from < log_start_offset or from > leo.
    Stored<ReadInfo> read(const ReadSpec& spec) const;

    // Requires an offset in [log_start_offset, leo]; of one outside, the nearer end is taken.
    Stored<LogPlace> place_of(Offset offset) const;

    // Clamped to [log_start_offset, leo]; may fall. Returns the value taken.
    Offset set_high_watermark(Offset hw);
    // Returns true if it rose. OffsetOutOfRange above the high watermark.
    Stored<bool> increment_log_start_offset(Offset start);

    // Removes the oldest segments, as far as they lie below the high watermark: those below the log
    // start offset, then (with delete_old) what is beyond retention_bytes, then what is older than
    // retention_ms; the active one, too, after a roll. The log start offset rises with them.
    Stored<std::vector<DeletedSegment>> delete_old_segments(WallMs now);

    // Removes all from `offset` on, at batch granularity; leo becomes `offset`.
    Stored<TruncateInfo> truncate_to(Offset offset, WallMs now);
    // Drops everything and goes on at `offset`.
    Stored<TruncateInfo> truncate_fully_and_start_at(Offset offset, WallMs now);

    // Rolls now, if the active segment is not empty. Returns the active base.
    Stored<Offset> roll(WallMs now);
    // Syncs what lies in [recovery_point, offset) and moves the recovery point to `offset`; also
    // syncs producer snapshots up to there. Nothing to do below the recovery point.
    Stored<Done> flush_up_to(Offset offset);
    // Everything, the active segment included even if empty.
    Stored<Done> flush_all();
    // Producer snapshot, final time-index entries, trimmed indexes. The log is unusable after.
    Stored<Done> close(const LogClose& how);

    // Leader epochs. The cache is persisted by each call that changes it.
    const LeaderEpochCache& epochs() const { return epochs_; }
    std::optional<LeaderEpoch> latest_epoch() const { return epochs_.latest_epoch(); }
    Stored<Done> assign_epoch(LeaderEpoch epoch, Offset start);
    std::optional<EpochEnd> end_offset_for(LeaderEpoch epoch) const;

    const ProducerStateManager& producers() const { return producers_; }
    void expire_producers(WallMs now);

    // Files renamed to ".deleted" since the last call; the caller removes them with
    // remove_if_exists() after file.delete.delay.ms. Left alone, the next open() removes them.
    std::vector<std::string> take_deleted_files();

  private:
    PartitionLog(Disk& disk, const LogOpening& opening, LoadedLog loaded);

    // What an append does to producers, applied once its bytes are written.
    struct ProducerChanges {
        boost::container::small_vector<ProducerAppend, 1> updates;  // mostly one: no allocation
        std::vector<CompletedTxn> completed;
    };

    StorageError refused(const Refusal& refusal) const;
    Stored<AppendInfo> append_given(const SharedBytes& records,
                                    const AnalysisRules& rules,
                                    WallMs now);
    Stored<Done> take_epochs_and_producers(ByteView records,
                                           AppendOrigin origin,
                                           ProducerChanges& changes);
    Stored<Done> take_producer(const wire::BatchView& batch,
                               AppendOrigin origin,
                               Offset first_offset,
                               ProducerChanges& changes) const;
    Stored<Done> maybe_roll(const SegmentAppend& set, WallMs now, AppendInfo& info);
    Stored<Done> write_set(const SegmentAppend& set,
                           const ProducerChanges& changes,
                           AppendInfo& info);
    Stored<LogSegment*> roll_at(Offset expected, WallMs now);
    Stored<Done> flush(Offset flush_to, Offset new_recovery_point);
    Stored<Done> delete_segments_from(std::size_t first);
    Stored<Done> delete_files(const std::vector<std::unique_ptr<LogSegment>>& segments);
    std::size_t count_oldest(const std::function<bool(std::size_t)>& deletable) const;
    Stored<Done> delete_oldest(std::size_t count,
                               SegmentDeletionReason reason,
                               WallMs now,
                               std::vector<DeletedSegment>& deleted);
    Stored<std::int64_t> position_limit(const LogSegment& segment, Offset upper_bound) const;
    void update_hw_with_leo();
    void set_leo(Offset leo);

    Disk* disk_;
    std::string dir_;
    LogConfig config_;
    std::optional<Uuid> topic_id_;
    LogSegments segments_;
    LeaderEpochCache epochs_;
    ProducerStateManager producers_;
    RecoveryReport recovery_;
    Offset log_start_;
    Offset leo_;
    Offset hw_;
    Offset recovery_point_;
    std::vector<Offset> unsynced_snapshots_;
    std::vector<std::string> deleted_files_;
};

}  // namespace bsim
