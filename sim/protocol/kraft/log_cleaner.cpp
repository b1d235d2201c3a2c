#include "sim/protocol/kraft/log_cleaner.h"

namespace bsim::kraft {

namespace {

bool exceeds_bytes(const RaftConfig& config, const LogView& log) {
    if (!config.retention_bytes)
        return false;
    std::int64_t bytes = log.size_in_bytes();
    for (const SnapshotInfo& snapshot : log.snapshots())
        bytes += snapshot.bytes;
    return bytes > *config.retention_bytes;
}

bool is_expired(const RaftConfig& config, const SnapshotInfo& snapshot, WallMs wall) {
    return config.retention &&
           wall.value() - snapshot.last_contained.value() > config.retention->ms();
}

}  // namespace

std::optional<OffsetAndEpoch> next_log_start(const RaftConfig& config,
                                             const LogView& log,
                                             WallMs wall,
                                             Offset hw) {
    if (log.snapshots().size() < 2)
        return std::nullopt;
    const SnapshotInfo& oldest = log.snapshots()[0];
    const SnapshotInfo& next = log.snapshots()[1];
    if (next.id.offset <= log.start_offset() || next.id.offset > hw)
        return std::nullopt;
    if (exceeds_bytes(config, log) || is_expired(config, oldest, wall))
        return next.id;
    return std::nullopt;
}

}  // namespace bsim::kraft
