#pragma once
// What the application behind a producer writes, in the form that its serializers give it: keys
// that can be told apart, and values that tell which record of which producer they are, so that a
// history and a look into the files can follow each record.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>

#include "sim/base/bytes.h"
#include "sim/model/config.h"
#include "sim/protocol/client/client_ids.h"
#include "sim/trace/node_name.h"

namespace bsim {

// Key `number`: key-N as string, N as long, {"key":N} as JSON.
SharedBytes record_key(Serializer serializer, std::uint64_t number);

struct RecordForm {
    Serializer key = Serializer::String;
    Serializer value = Serializer::String;
    std::int32_t value_bytes = 100;  // a long has 8, JSON at least what it has to say
    std::int32_t producer = 0;       // its place among the producers of the scenario
};

// Record `id` of a producer as a history shows it. Unique in a run; strings of fewer bytes than the
// producer's name and the number take are not.
std::string value_text(const RecordForm& form, const NodeName& producer, client::RecordId id);
// The bytes of such a text.
SharedBytes serialize_value(Serializer serializer, std::string_view text);
// And back. What is no text itself is kept in `made`, into which the answer then points.
std::string_view value_text(ByteView value, std::deque<std::string>& made);

}  // namespace bsim
