#pragma once
// Text as the Java and Scala classes print it, on which the equality of a dump rests.
// Texts are UTF-8; a Java String counts UTF-16 units, which matters only for its hash.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "sim/base/bytes.h"

namespace bsim::dump_log {

// new String(bytes, UTF_8): malformed sequences become U+FFFD, one each time that Java gives up.
std::string java_utf8(ByteView bytes);

// OptionalLong.toString: "OptionalLong[5]", "OptionalLong.empty".
std::string optional_long(std::optional<std::int64_t> value);

// Long.parseLong for ASCII digits; nullopt where it throws.
std::optional<std::int64_t> parse_long(std::string_view text);

// String.hashCode of a text that is valid UTF-8.
std::int32_t string_hash(std::string_view text);

// Double.toString of what Jackson is given for a float64.
// DEVIATION: dump-log shows a float64 by the shortest digits that read back as the number, as Java
// does since 19; the Java 17 that Kafka 3.9 runs on adds a digit in rare cases.
std::string double_text(double value);

// JsonNode.toString: no blanks, control characters escaped in upper-case hex, all else as it is.
// Strings inside may be malformed UTF-8: they were decoded as above.
std::string jackson_text(const nlohmann::ordered_json& json);
void append_jackson_string(std::string& out, std::string_view text);

}  // namespace bsim::dump_log
