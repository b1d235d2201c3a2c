#pragma once
// What goes into a producer and what comes out of it.
//
// The shell carries out the effects in order within the same simulated event. What every client
// hears and does stands in client_io.h.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/client/client_ids.h"
#include "sim/protocol/client/client_io.h"
#include "sim/wire/error_code.h"

namespace bsim::client {

// --- Inputs: what happened -------------------------------------------------------------------

// The application calls send(). If the producer is blocked the record waits its turn behind the
// calls before it, and max.block.ms counts from when that turn comes.
struct RecordReady {
    RecordId id;
    std::string topic;
    std::optional<PartitionIndex> partition;  // none: the partitioner chooses
    std::optional<SharedBytes> key;
    std::optional<SharedBytes> value;  // none: a tombstone
    WallMs timestamp;
};

// CloseRequested: what is buffered is sent without lingering, nothing is accepted any more, and
// Closed follows when every record has its outcome.
using ProducerInput = std::variant<Started,
                                   RecordReady,
                                   ConnectionOpened,
                                   ConnectionFailed,
                                   ConnectionClosed,
                                   ResponseArrived,
                                   TimerFired,
                                   CloseRequested>;

// --- Effects: what to do, what to tell -------------------------------------------------------

struct BatchAcked {
    TopicPartition partition;
    std::optional<Offset> base_offset;  // none with acks=0, or if the broker knew a duplicate
                                        // without knowing its offsets
    std::int32_t count = 0;
    std::optional<LeaderEpoch> leader_epoch;  // in which the client believed when it last sent
    SimDuration latency;                      // since the batch was begun
    std::vector<RecordId> records;            // in offset order
};

// Why the records of a batch (or one record, before it had a batch) were given up.
enum class FailureCause {
    Broker,           // `error` is what the broker answered, or why its answer never came
    DeliveryTimeout,  // delivery.timeout.ms passed
    MaxBlock,         // max.block.ms passed while waiting for metadata or buffer memory
    Rejected,         // refused by the client itself: `error` says why
    Closed,           // the producer was closed or failed for good; `error` says why if it is known
};
struct BatchFailed {
    TopicPartition partition;
    std::int32_t count = 0;
    FailureCause cause = FailureCause::Broker;
    wire::ErrorCode error = wire::ErrorCode::None;
    bool may_be_applied = false;  // false: surely in no log; true: nobody at the client can know
    SimDuration latency;
    std::vector<RecordId> records;
};
// A record that never got into a batch, so it is surely in no log.
struct RecordFailed {
    RecordId id;
    std::string topic;
    std::optional<PartitionIndex> partition;  // none: none was chosen yet
    FailureCause cause = FailureCause::Rejected;
    wire::ErrorCode error = wire::ErrorCode::None;
    SimDuration latency;  // since its call of send() had its turn
};
enum class BlockedOn { Metadata, Memory };
// send() does not return, and later calls queue behind it, until Unblocked.
struct Blocked {
    BlockedOn on = BlockedOn::Metadata;
};
struct Unblocked {};
// Told for traces: the producer got (or gave itself) this identity.
struct ProducerIdAssigned {
    ProducerId id;
    ProducerEpoch epoch;
};

using ProducerEffect = std::variant<Connect,
                                    Close,
                                    SendRequest,
                                    ArmTimer,
                                    BatchAcked,
                                    BatchFailed,
                                    RecordFailed,
                                    Blocked,
                                    Unblocked,
                                    ProducerIdAssigned,
                                    Closed>;
using ProducerEffects = std::vector<ProducerEffect>;

// The error in words: Kafka's name of `error`, or TIMEOUT for a timeout of the client's own.
std::string_view error_name(FailureCause cause, wire::ErrorCode error);

}  // namespace bsim::client
