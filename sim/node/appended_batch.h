#pragma once
// The event that tells of a batch in a log.

#include "sim/trace/replica_events.h"
#include "sim/wire/record_batch.h"

namespace bsim {

// With what stands in the header.
inline LogAppended appended_batch(const TopicPartition& p, const wire::BatchHeader& header) {
    LogAppended event{p,
                      Offset(header.base_offset),
                      Offset(header.last_offset()),
                      LeaderEpoch(header.partition_leader_epoch),
                      static_cast<std::int64_t>(header.size_in_bytes()),
                      header.crc};
    if (header.has_producer_id()) {
        event.producer_id = header.producer_id;
        event.producer_epoch = header.producer_epoch;
        event.sequence = header.base_sequence;
    }
    return event;
}

}  // namespace bsim
