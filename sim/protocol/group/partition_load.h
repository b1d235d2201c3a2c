#pragma once
// What a partition of __consumer_offsets says when its records are read in order: the last value of
// each key counts, a tombstone takes it away, and offsets of a transaction count from its commit
// marker on. Source: GroupMetadataManager.doLoadGroupsAndOffsets.

#include <map>
#include <set>
#include <string>

#include "sim/base/bytes.h"
#include "sim/protocol/group/group_offsets.h"
#include "sim/protocol/group/offset_records.h"
#include "sim/wire/record_batch.h"
#include "sim/wire/record_reader.h"

namespace bsim::group {

class PartitionLoad {
  public:
    // Whole batches, as they lie in the log. What follows a damaged one is not looked at.
    void read(ByteView batches);
    // Forgets what was read before.
    void forget() { *this = PartitionLoad{}; }

    struct LoadedGroup {
        std::optional<VersionedGroupValue> metadata{};  // none: used for its offsets only
        std::map<TopicPartition, CommittedOffset> offsets{};
        std::map<ProducerId, std::set<TopicPartition>> open{};  // in transactions
    };
    std::map<std::string, LoadedGroup> take_groups();

  private:
    void read_batch(const wire::BatchView& batch);
    void end_transaction(const wire::BatchView& batch);
    void read_offset(const wire::BatchHeader& batch,
                     Offset first,
                     const OffsetKey& key,
                     const wire::RecordView& record);

    std::map<OffsetKey, CommittedOffset> offsets_;
    std::map<ProducerId, std::map<OffsetKey, CommittedOffset>> open_;
    std::map<std::string, VersionedGroupValue> groups_;
};

}  // namespace bsim::group
