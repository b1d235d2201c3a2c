#include "sim/node/snapshot_keeper.h"

#include "sim/node/wall_clock.h"

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
    parts_.raft.add_listener(*this);
}

void SnapshotKeeper::committed(const MetadataLog::Batch& batch) {
    bytes_ += batch.bytes;
    applied_ = {batch.epoch, batch.last_offset + 1};
    timestamp_ = batch.timestamp;
}

void SnapshotKeeper::caught_up(Offset /*hw*/) {
    if (bytes_ == 0)
        return;
    const bool ask = generator_.applied(bytes_, parts_.process.now());
    bytes_ = 0;
    if (!ask)
        return;
    records_ = parts_.image().to_records();
    records_timestamp_ = timestamp_;
    parts_.raft.want_snapshot(applied_);
}

void SnapshotKeeper::snapshot_loaded(const kraft::OffsetAndEpoch& id,
                                     const std::vector<wire::VersionedRecord>& /*records*/) {
    bytes_ = 0;
    applied_ = id;
    generator_.loaded(parts_.process.now());
}

void SnapshotKeeper::write(const kraft::OffsetAndEpoch& id) {
    const WallMs now = wall_clock(parts_.process.now());
    parts_.log.snapshot_files().write(id, encode_snapshot(id, records_timestamp_, records_, now));
    refused();
}

void SnapshotKeeper::refused() {
    records_.clear();
    generator_.written();
}

}  // namespace bsim
