#pragma once
// A node's copy of the metadata log, `__cluster_metadata-0`, with its quorum-state file: carries
// out the Raft node's log effects on disk, emits what happened to the log, and reads committed
// records back.

#include <functional>
#include <optional>
#include <vector>

#include "sim/model/config.h"
#include "sim/node/node_disk.h"
#include "sim/node/process.h"
#include "sim/node/snapshot_store.h"
#include "sim/protocol/kraft/log_view.h"
#include "sim/protocol/kraft/raft_io.h"
#include "sim/storage/partition_log.h"
#include "sim/wire/metadata_record.h"

namespace bsim {

inline constexpr const char* kMetadataDir = "__cluster_metadata-0";

class MetadataLog : public kraft::LogView {
  public:
    // Opens or makes the log. Kafka never takes a metadata log for cleanly closed: it is always
    // recovered; a disk that fails here is an error of the machine that simulates.
    MetadataLog(Process& process, NodeDisk& disk, const BrokerConfig& config);

    Offset start_offset() const override { return log_.log_start_offset(); }
    Offset end_offset() const override { return log_.leo(); }
    LeaderEpoch last_epoch() const override;
    kraft::OffsetAndEpoch end_offset_for_epoch(LeaderEpoch epoch) const override;
    const std::vector<kraft::SnapshotInfo>& snapshots() const override {
        return snapshots_.complete();
    }
    std::int64_t size_in_bytes() const override;

    std::optional<kraft::ElectionState> read_election() const;
    void write_election(const kraft::ElectionState& state, const std::vector<BrokerId>& voters);

    void append(const kraft::LeaderBatch& batch);
    void append_fetched(const SharedBytes& records);
    void truncate(Offset to);
    void flush();
    void assign_epoch(LeaderEpoch epoch);
    void raise_hw(Offset hw) { static_cast<void>(log_.set_high_watermark(hw)); }

    SnapshotStore& snapshot_files() { return snapshots_; }
    // A snapshot that was fetched is complete: the log starts and ends at it.
    void install_snapshot(const kraft::OffsetAndEpoch& id);
    void delete_before_snapshot(const kraft::OffsetAndEpoch& id);

    void close();

    SharedBytes read(Offset from) const;

    struct Batch {
        Offset base_offset;
        Offset last_offset;
        LeaderEpoch epoch;
        WallMs timestamp;        // the newest of its records
        std::int64_t bytes = 0;  // encoded
        bool control = false;
        std::vector<wire::VersionedRecord> records;
    };
    // The batches in [from, to), each given to `take`.
    void replay(Offset from, Offset to, const std::function<void(const Batch&)>& take) const;

  private:
    static PartitionLog open(Process& process, NodeDisk& disk, const BrokerConfig& config);
    void emit_appended(const SharedBytes& records);
    void start_at_snapshot(const kraft::OffsetAndEpoch& id);
    void forget_snapshots_before(const kraft::OffsetAndEpoch& id);
    void delete_later(std::vector<std::string> paths);

    Process& process_;
    NodeDisk& disk_;
    PartitionLog log_;
    SnapshotStore snapshots_;
};

}  // namespace bsim
