#pragma once
// One segment: a `.log` file of batches with its offset, time and transaction index.
// Index rules, per append of a *set* of batches: if more than index.interval.bytes were appended
// since the last entry (this set not counted), the offset index gets (last offset of the set's
// first batch, position of the set), the time index (largest timestamp so far, last offset of its
// batch).
// Hence the first set of a segment never has an entry, and a follower, which appends many batches
// at once, may index less than its leader.
// DEVIATION: when several batches are appended at once, Kafka 3.9 enters the last offset of them
// all, and its own kafka-dump-log then reports a mismatch in a follower's index; here it is the
// last offset of the first of them. DEVIATION: an offset-index entry that does not point to a batch
// holding its offset is passed over and the segment scanned from its start; Kafka would take what
// it finds there for a batch. Source: LogSegment, FileRecords.

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/storage/disk.h"
#include "sim/storage/log_config.h"
#include "sim/storage/log_file_reader.h"
#include "sim/storage/offset_index.h"
#include "sim/storage/time_index.h"
#include "sim/storage/transaction_index.h"
#include "sim/wire/record_batch.h"

namespace bsim {

// A set of batches about to be appended. `head` and `tail` are written one after the other.
struct SegmentAppend {
    ByteView head;
    ByteView tail;
    Offset first_offset;
    Offset last_offset;
    Offset last_offset_of_first_batch;
    WallMs max_timestamp{-1};
    Offset offset_of_max_timestamp{-1};
    bool single_batch = true;

    std::int64_t bytes() const { return static_cast<std::int64_t>(head.size() + tail.size()); }
};

struct BatchPosition {
    Offset last_offset;
    std::int64_t position = 0;
    std::int64_t size = 0;
};

struct SegmentRead {
    SharedBytes bytes;
    std::int64_t position = 0;
    bool first_batch_incomplete = false;
};

class LogSegment {
  public:
    struct Place {
        std::string dir;
        Offset base;
        WallMs now;
    };
    // Makes a new segment; the files must not exist (a leftover is overwritten).
    static Stored<LogSegment> create(Disk& disk, const Place& place, const LogConfig& config);
    // Opens an existing .log without reading the indexes: load_indexes() or recover() comes next.
    static Stored<LogSegment> open(Disk& disk, const Place& place, const LogConfig& config);
    LogSegment(LogSegment&&) = default;
    LogSegment& operator=(LogSegment&&) = default;

    // Corrupt if an index breaks its rules or was missing: the segment wants recovery.
    Stored<Done> load_indexes();

    Offset base_offset() const { return base_; }
    std::int64_t size() const { return size_; }
    const OffsetIndex& offset_index() const { return offset_index_; }
    const TimeIndex& time_index() const { return time_index_; }
    TimestampOffset max_timestamp_so_far() const;
    // Of its records, for retention. DEVIATION: of a segment whose records have none it is the time
    // of its creation; Kafka asks when its file was last written.
    WallMs largest_timestamp() const;

    struct RollQuestion {
        WallMs max_timestamp;  // of the set
        Offset last_offset;    // of the set
        std::int64_t bytes;    // of the set
        WallMs now;
    };
    Stored<bool> should_roll(const RollQuestion& set, const LogConfig& config);

    // Requires last_offset - base to fit into 31 bits and room in the indexes (should_roll()).
    Stored<Done> append(const SegmentAppend& set);
    Stored<Done> append_aborted(const AbortedTxn& txn) { return txn_index_.append(txn); }

    // The first batch whose last offset is not below `offset`.
    Stored<std::optional<BatchPosition>> translate(Offset offset) const;
    // From the batch that holds `from` up to `max_position`. Nothing if no batch reaches `from`.
    struct ReadLimits {
        std::int32_t max_bytes;
        std::int64_t max_position;
        bool min_one_batch;
    };
    Stored<std::optional<SegmentRead>> read(Offset from, const ReadLimits& limits) const;
    // walk_batches() over [from, to) of the file.
    Stored<std::int64_t> walk(std::int64_t from, std::int64_t to, const BatchVisitor& visit) const {
        return walk_batches(log_, from, to, visit);
    }
    // The offset behind the last batch; the base offset if there is none.
    Stored<Offset> read_next_offset() const;

    struct Recovered {
        std::int64_t valid_bytes = 0;
        std::int64_t truncated_bytes = 0;
    };
    // Rebuilds the indexes from the batches, calling `visit` for each valid one in order, and cuts
    // the file behind the last of them. A batch is valid if its CRC is right and its offsets lie in
    // the segment above those of the batch before.
    // DEVIATION: Kafka compares offsets only where it makes an index entry, and then empties the
    // whole segment; a base offset too far off makes it split the segment.
    Stored<Recovered> recover(const BatchVisitor& visit);

    // Cuts at the first batch whose last offset is not below `offset`. Returns the bytes removed.
    Stored<std::int64_t> truncate_to(Offset offset, WallMs now);

    Stored<Done> resize_indexes_to_max();
    Stored<Done> on_become_inactive();
    Stored<Done> flush();
    // Final time-index entry, indexes trimmed, the log synced, files closed.
    Stored<Done> close();
    // Closes the files and renames each to ".deleted"; appends their new paths.
    Stored<Done> rename_to_deleted(std::vector<std::string>& deleted);

  private:
    struct Files {
        File log;
        OffsetIndex offset_index;
        TimeIndex time_index;
        TransactionIndex txn_index;
    };
    LogSegment(Disk& disk, const Place& place, const LogConfig& config, Files files);
    static Stored<LogSegment> open_files(Disk& disk,
                                         const Place& place,
                                         const LogConfig& config,
                                         OpenMode mode);
    std::string path(std::string_view suffix) const;
    Stored<std::optional<WallMs>> first_batch_timestamp();
    Stored<Done> index_batch(Offset last_offset, std::int64_t position);
    std::optional<BatchPosition> find_recent(Offset offset) const;
    Stored<bool> start_scan(HeaderScanner& scanner, const OffsetPosition& entry) const;
    Stored<TimestampOffset> read_largest_timestamp() const;
    void remember(const SegmentAppend& set, std::int64_t position);
    void forget_batches();
    Stored<SharedBytes> read_bytes(std::int64_t position, std::int64_t count) const;
    bool goes_on(Offset from, const ReadLimits& limits) const;
    std::int64_t latest_end(std::int64_t position, std::int64_t entry) const;
    Stored<std::optional<SegmentRead>> read_on(Offset from, const ReadLimits& limits) const;
    void note_read(const BatchPosition& batch) const;

    struct Recent {
        Offset first;
        Offset last{-1};  // below first: unused
        std::int64_t position = 0;
        std::int64_t size = 0;
    };
    static constexpr std::size_t kRecentKept = 16;
    // The batch with which the last read began: a reader that takes one at a time comes back for
    // the one behind it, without a scan of headers: 7.3 to 4.1 us a batch of 16 KiB.
    struct LastRead {
        Offset next{-1};  // the offset behind it
        std::int64_t position = 0;
        std::int64_t end = 0;
    };

    Disk* disk_;
    std::string dir_;
    Offset base_;
    std::int32_t index_interval_bytes_;
    std::int64_t roll_jitter_ms_;
    File log_;
    std::int64_t size_ = 0;
    OffsetIndex offset_index_;
    TimeIndex time_index_;
    TransactionIndex txn_index_;
    WallMs created_;
    std::optional<WallMs> rolling_timestamp_;  // of the first batch, once known
    std::optional<TimestampOffset> max_timestamp_;
    std::int64_t bytes_since_index_entry_ = 0;
    // The last single batches appended: readers at the tail find them without touching the file.
    std::array<Recent, kRecentKept> recent_{};
    std::size_t next_recent_ = 0;
    mutable LastRead last_read_;
};

}  // namespace bsim
