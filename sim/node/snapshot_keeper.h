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

class SnapshotKeeper : public RaftListener, private SnapshotKeeperPort {
  public:
    struct Parts {
        Process& process;
        MetadataLog& log;
        RaftShell& raft;
        // What has been applied when a batch has been handed to those who were added before.
        std::function<const MetadataImage&()> image;
    };
    SnapshotKeeper(const Parts& parts, const BrokerConfig& config);

    // RaftListener
    void committed(const MetadataLog::Batch& batch) override;
    void caught_up(Offset hw) override;
    void leader_changed(LeaderEpoch, std::optional<BrokerId>) override {}
    void snapshot_loaded(const kraft::OffsetAndEpoch& id,
                         const std::vector<wire::VersionedRecord>& records) override;

  private:
    // SnapshotKeeperPort
    void write(const kraft::OffsetAndEpoch& id) override;
    void refused() override;

    Parts parts_;
    kraft::SnapshotGenerator generator_;
    std::int64_t bytes_ = 0;  // handed out since generator_ was asked last
    kraft::OffsetAndEpoch applied_;
    WallMs timestamp_;  // of the last record applied
    // The state for the snapshot that was asked for.
    std::vector<wire::VersionedRecord> records_;
    WallMs records_timestamp_;
};

}  // namespace bsim
