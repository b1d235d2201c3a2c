#include "sim/trace/json_lines.h"

#include "sim/trace/event_text.h"
#include "sim/trace/json_append.h"

namespace bsim {

namespace {

constexpr std::size_t kFlushBytes = 1U << 16U;

}  // namespace

std::string header_line(const TraceHeader& header) {
    std::string line = "{\"brokersim\":1,\"scenario\":";
    append_json(line, header.scenario);
    line += ",\"seed\":";
    append_json(line, header.seed);
    line += ",\"clock\":\"ns\"}";
    return line;
}

JsonLinesWriter::JsonLinesWriter(TextSink& out,
                                 const TraceHeader& header,
                                 std::set<std::string, std::less<>> kinds)
    : out_(out), kinds_(std::move(kinds)) {
    buffer_ = header_line(header) + '\n';
}

JsonLinesWriter::~JsonLinesWriter() {
    flush();
}

void JsonLinesWriter::on(const Event& event, std::string_view canonical) {
    if (!kinds_.empty() && !kinds_.contains(kind_of(event.body)))
        return;
    append_line(buffer_, event, canonical);
    ++lines_;
    if (buffer_.size() >= kFlushBytes)
        flush();
}

void JsonLinesWriter::flush() {
    if (buffer_.empty())
        return;
    out_.write(buffer_);
    flushed_ += buffer_.size();
    buffer_.clear();
}

}  // namespace bsim
