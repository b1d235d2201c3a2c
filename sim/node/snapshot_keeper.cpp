#include "sim/node/snapshot_keeper.h"

namespace bsim {
namespace {

kraft::SnapshotGeneratorConfig generator_config(const BrokerConfig& config) {
    kraft::SnapshotGeneratorConfig out;
    out.max_bytes = config.metadata_log_max_record_bytes_between_snapshots;
    out.max_interval = config.metadata_log_max_snapshot_interval;
    if (config.metadata_log_max_snapshot_interval <= SimDuration(0))
        out.max_interval.reset();
    return out;
}

}  // namespace

SnapshotKeeper::SnapshotKeeper(const Parts& parts, const BrokerConfig& config)
    : parts_(parts), generator_(generator_config(config), parts.process.now()) {
    parts_.raft.set_snapshot_keeper(*this);
}

void SnapshotKeeper::applied(const std::vector<MetadataLog::Batch>& batches) {
    std::int64_t bytes = 0;
    for (const MetadataLog::Batch& batch : batches) {
        bytes += batch.bytes;
        applied_ = {batch.epoch, batch.last_offset + 1};
        timestamp_ = batch.timestamp;
    }
    if (bytes == 0 || !generator_.applied(bytes, parts_.process.now()))
        return;
    records_ = parts_.image().to_records();
    records_timestamp_ = timestamp_;
    parts_.raft.want_snapshot(applied_);
}

void SnapshotKeeper::loaded(const kraft::OffsetAndEpoch& id) {
    applied_ = id;
    generator_.loaded(parts_.process.now());
    parts_.process.emit(RaftSnapshot{id.offset, id.epoch, SnapshotStep::Loaded});
}

void SnapshotKeeper::write(const kraft::OffsetAndEpoch& id) {
    const WallMs now = parts_.process.wall_now();
    parts_.log.snapshot_files().write(id, encode_snapshot(id, records_timestamp_, records_, now));
    parts_.process.emit(RaftSnapshot{id.offset, id.epoch, SnapshotStep::Written});
    refused();
}

void SnapshotKeeper::refused() {
    records_.clear();
    generator_.written();
}

}  // namespace bsim
