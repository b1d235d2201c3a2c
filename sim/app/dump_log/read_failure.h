#pragma once
// Says why bytes are no message, in the words of Kafka's generated readers, which the real tool
// shows for records of __consumer_offsets. Only the messages of coordinators and consumers carry
// the schema that this reads. Source: MessageDataGenerator, ByteBufferAccessor, ByteUtils.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/base/bytes.h"

namespace bsim::dump_log {

struct ReadAs {
    std::string_view schema{};  // the message's kSchema
    std::int16_t version = 0;   // one that the message has
    // Java reads a version outside the message's range like the nearest inside, but above it
    // refuses the structs that the message is made of.
    std::int16_t claimed_version = 0;
};

// nullopt if nothing is wrong. "null" where the bytes end inside a number, for which Java's
// exception has no message.
std::optional<std::string> read_failure(const ReadAs& how, ByteView bytes);

}  // namespace bsim::dump_log
