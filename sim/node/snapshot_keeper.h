#pragma once
// Keeps a node's metadata as snapshots from time to time, so that its log can be cut and a node far
// behind need not replay it. One a node, whatever its roles. Source: SnapshotGenerator,
// SnapshotEmitter, MetadataLoader (3.9).

#include <functional>
#include <vector>

#include "sim/model/metadata_image.h"
#include "sim/node/raft_shell.h"
#include "sim/protocol/kraft/snapshot_generator.h"

namespace bsim {

class SnapshotKeeper : private SnapshotKeeperPort {
  public:
    struct Parts {
        Process& process;
        MetadataLog& log;
        RaftShell& raft;
        // What has been applied when applied() is called.
        std::function<const MetadataImage&()> image;
    };
    SnapshotKeeper(const Parts& parts, const BrokerConfig& config);

    // The owner of the image has just applied these; or the snapshot, in their place.
    void applied(const std::vector<MetadataLog::Batch>& batches);
    void loaded(const kraft::OffsetAndEpoch& id);

  private:
    // SnapshotKeeperPort
    void write(const kraft::OffsetAndEpoch& id) override;
    void refused() override;

    Parts parts_;
    kraft::SnapshotGenerator generator_;
    kraft::OffsetAndEpoch applied_;
    WallMs timestamp_;  // of the last record applied
    // The state for the snapshot that was asked for.
    std::vector<wire::VersionedRecord> records_;
    WallMs records_timestamp_;
};

}  // namespace bsim
