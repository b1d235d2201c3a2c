#include "sim/trace/reader.h"

#include <nlohmann/json.hpp>

namespace bsim {

Result<TraceHeader, TraceError> TraceReader::header() {
    if (!std::getline(in_, text_))
        return Err{TraceError{1, "the trace is empty"}};
    ++line_;
    const nlohmann::json line = nlohmann::json::parse(text_, nullptr, false);
    if (!line.is_object() || !line.contains("brokersim")) {
        return Err{TraceError{line_, "not the header of a brokersim trace"}};
    }
    if (line["brokersim"] != 1) {
        return Err{TraceError{
            line_, "trace format " + line["brokersim"].dump() + " is not supported, only 1 is"}};
    }
    const auto scenario = line.find("scenario");
    const auto seed = line.find("seed");
    if (scenario == line.end() || !scenario->is_string() || seed == line.end() ||
        !seed->is_number_unsigned()) {
        return Err{TraceError{line_, "the header lacks scenario or seed"}};
    }
    return TraceHeader{scenario->get<std::string>(), seed->get<std::uint64_t>()};
}

Result<std::optional<Event>, TraceError> TraceReader::next() {
    if (!std::getline(in_, text_))
        return std::optional<Event>();
    ++line_;
    auto event = parse_event(text_, attributes_);
    if (!event)
        return Err{TraceError{line_, event.error()}};
    if (event->i <= last_) {
        return Err{TraceError{
            line_, "event number " + std::to_string(event->i.value()) + " does not rise"}};
    }
    last_ = event->i;
    return std::optional<Event>(std::move(event).value());
}

}  // namespace bsim
