#pragma once
// What the Raft node may ask of its copy of the metadata log. It is asked only inside step(), and
// must answer with all effects of earlier steps carried out. Changes go out as effects.
// Source: ReplicatedLog, KafkaMetadataLog.

#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

class LogView {
  public:
    virtual ~LogView() = default;

    virtual Offset start_offset() const = 0;
    virtual Offset end_offset() const = 0;

    // The latest epoch of the leader epoch cache; 0 when the cache is empty.
    virtual LeaderEpoch last_epoch() const = 0;

    // By the leader epoch cache. `epoch` is the latest: (epoch, end offset). Later than the latest:
    // the log's own (last_epoch, end_offset). Earlier than the first entry: (epoch, start of the
    // first entry). Otherwise: the greatest cached epoch <= `epoch`, with the start of the next.
    virtual OffsetAndEpoch end_offset_for_epoch(LeaderEpoch epoch) const = 0;
};

}  // namespace bsim::kraft
