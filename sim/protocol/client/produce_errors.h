#pragma once
// What the producer makes of an error code: Kafka's classes of exceptions.
// See also wire::is_retriable. Source: common.protocol.Errors,
// common.errors.InvalidMetadataException.

#include "sim/protocol/client/settings.h"
#include "sim/wire/error_code.h"

namespace bsim::client {

// The client's view of the cluster may be the cause. Each of these is retriable too.
bool is_invalid_metadata(wire::ErrorCode error);
// The whole producer is of no more use.
bool is_fatal_for_producer(wire::ErrorCode error);
// A leader that answers a Produce with this error has not appended the batch in this attempt.
// With acks=all some errors are also given after the append, while waiting for the followers.
bool surely_not_appended(wire::ErrorCode error, Acks acks);

}  // namespace bsim::client
