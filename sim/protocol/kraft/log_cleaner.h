#pragma once
// Which part of the metadata log may go: the log before the second oldest snapshot, with the
// oldest one, while the log and its snapshots together exceed retention_bytes, or while the oldest
// snapshot is older than `retention`. The last snapshot always stays, and so does what is not known
// to be committed. Source: KafkaMetadataLog.maybeClean.

#include <optional>

#include "sim/protocol/kraft/log_view.h"
#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

// The snapshot that the log is to start at next; absent when all is within its limits. To be asked
// again once that is done. `wall` is the node's clock, `hw` the log's high watermark.
std::optional<OffsetAndEpoch> next_log_start(const RaftConfig& config,
                                             const LogView& log,
                                             WallMs wall,
                                             Offset hw);

}  // namespace bsim::kraft
