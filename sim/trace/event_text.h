#pragma once
// An event as text: the canonical JSON of TRACE.md, written without a DOM into a buffer that the
// caller reuses, and read back.
//
//     {"i":4894,"t":27511207000,"n":"controller-100","k":"PartitionChanged","a":{…},"c":[4893]}
//
// Keys stand in this order and without blanks; all numbers are integers; strings escape `"`, `\`
// and control characters only and are UTF-8. parse_event(write_event(e)) == e for every event.

#include <string>
#include <string_view>

#include "sim/base/result.h"
#include "sim/trace/event.h"

namespace bsim {

// Appends `"t":…,"n":"…","k":"…","a":{…}`: what the hash is over.
void append_canonical(std::string& out, const Event& event);
// Appends the whole line, line feed included, around its canonical part.
void append_line(std::string& out, const Event& event, std::string_view canonical);
std::string write_event(const Event& event);

// What a body lacks, when it is read: Required is for files that a run wrote; Defaulted is for
// hand-made traces, which name only what matters (and must not name what does not exist).
enum class Attributes { Required, Defaulted };

// Reads one line. Attributes that the kind does not have are passed over when Required, so that a
// newer program's trace can be read. The error says what is wrong, without a line number.
Result<Event, std::string> parse_event(std::string_view line, Attributes attributes);

}  // namespace bsim
