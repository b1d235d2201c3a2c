#pragma once
// The answer with which a server refuses a request as a whole: the error where Kafka puts it for
// this API and version, on each partition, topic or group that the request names, or on the whole.
// Pure; texts that go with an error in Kafka are left out.
//
// Source: getErrorResponse of the classes in org.apache.kafka.common.requests (3.9). One API is
// richer here: a Fetch is refused by partition where the error is one that leaders give a
// partition, as getErrorResponse has since version 13 only room for what goes wrong outside of any.

#include <cstdint>
#include <optional>

#include "sim/wire/error_code.h"
#include "sim/wire/message.h"

namespace bsim {

// nullopt for a request that nobody answers: Produce with acks=0. Requires an error, and a version
// that the request has.
std::optional<wire::ResponseBody> error_response(const wire::RequestBody& request,
                                                 std::int16_t version,
                                                 wire::ErrorCode error);

}  // namespace bsim
