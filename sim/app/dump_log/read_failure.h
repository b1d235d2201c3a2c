#pragma once
// Says why bytes are no message, in the words of Kafka's generated readers, which the real tool
// shows for records of __consumer_offsets. Only the coordinators' messages carry the schema that
// this reads. Source: MessageDataGenerator, ByteBufferAccessor, ByteUtils.

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/base/bytes.h"

namespace bsim::dump_log {

// `schema` is the kSchema of a message; the version one that it has. Requires that the message
// could not be decoded from the bytes. "null" where the bytes end inside a number, for which Java's
// exception has no message.
std::string read_failure(std::string_view schema, std::int16_t version, ByteView bytes);

}  // namespace bsim::dump_log
