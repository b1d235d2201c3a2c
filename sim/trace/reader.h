#pragma once
// Reads a stored trace.jsonl, line by line, in constant memory.

#include <cstdint>
#include <istream>
#include <optional>
#include <string>

#include "sim/base/result.h"
#include "sim/trace/event.h"
#include "sim/trace/event_text.h"
#include "sim/trace/json_lines.h"

namespace bsim {

struct TraceError {
    std::uint64_t line = 0;  // from 1
    std::string what;

    bool operator==(const TraceError&) const = default;
    std::string to_string() const { return "line " + std::to_string(line) + ": " + what; }
};

class TraceReader {
  public:
    explicit TraceReader(std::istream& in, Attributes attributes)
        : in_(in), attributes_(attributes) {}

    // The first line; call once, first.
    Result<TraceHeader, TraceError> header();
    // The next event, nullopt at the end. Numbers must rise; a last line that was cut short (the
    // run was killed) is an error like any other.
    Result<std::optional<Event>, TraceError> next();
    std::uint64_t line() const { return line_; }

  private:
    std::istream& in_;
    Attributes attributes_;
    std::string text_;
    std::uint64_t line_ = 0;
    EventNumber last_;
};

}  // namespace bsim
