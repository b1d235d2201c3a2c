#pragma once
// Kafka's text checkpoints: "0\n", the number of entries and "\n", then a line an entry.
//   recovery-point-, replication-, log-start-offset-checkpoint:  "topic partition offset"
//   leader-epoch-checkpoint (in a partition's directory):        "epoch startOffset"
// Entries are written in the given order. Reading: an empty file, or one with only the version
// line, has no entries; any other departure from the format is Corrupt. An absent file is NotFound.
// Source: org.apache.kafka.server.common.CheckpointFile, OffsetCheckpointFile,
// LeaderEpochCheckpointFile.

#include <span>
#include <string>
#include <vector>

#include "sim/model/ids.h"
#include "sim/storage/disk.h"

namespace bsim {

struct OffsetCheckpointEntry {
    TopicPartition partition;
    Offset offset;
    bool operator==(const OffsetCheckpointEntry&) const = default;
};

struct EpochEntry {
    LeaderEpoch epoch;
    Offset start;
    bool operator==(const EpochEntry&) const = default;
};

std::string format_offset_checkpoint(std::span<const OffsetCheckpointEntry> entries);
Stored<Done> write_offset_checkpoint(Disk& disk,
                                     const std::string& path,
                                     std::span<const OffsetCheckpointEntry> entries);
Stored<std::vector<OffsetCheckpointEntry>> read_offset_checkpoint(Disk& disk,
                                                                  const std::string& path);

std::string format_epoch_checkpoint(std::span<const EpochEntry> entries);
Stored<Done> write_epoch_checkpoint(Disk& disk,
                                    const std::string& path,
                                    std::span<const EpochEntry> entries);
Stored<std::vector<EpochEntry>> read_epoch_checkpoint(Disk& disk, const std::string& path);

}  // namespace bsim
