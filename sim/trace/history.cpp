#include "sim/trace/history.h"

#include "sim/base/check.h"
#include "sim/trace/json_append.h"

namespace bsim {

namespace {

constexpr std::size_t kFlushBytes = 1U << 16U;

std::string_view name(OpType type) {
    switch (type) {
        case OpType::Invoke:
            return "invoke";
        case OpType::Ok:
            return "ok";
        case OpType::Fail:
            return "fail";
        case OpType::Info:
            return "info";
    }
    BSIM_CHECK(false);
}

// [17,"v"], or [null,"v"] while the offset is not known.
void append_record(std::string& out, const SeenRecord& record) {
    out += '[';
    if (record.offset) {
        append_json(out, *record.offset);
    } else {
        out += "null";
    }
    out += ',';
    append_json(out, record.value);
    out += ']';
}

void append_note(std::string& out, const ClientNote& note) {
    if (!note.client.empty()) {
        out += ",\"client\":";
        append_json(out, note.client);
    }
    if (note.begins)
        out += ",\"begins\":true";
    if (note.acks != -1) {
        out += ",\"acks\":";
        append_json(out, note.acks);
    }
    if (!note.idempotent)
        out += ",\"idempotent\":false";
    if (note.moved.empty())
        return;
    out += ",\"moved\":";
    char separator = '[';
    for (const PositionMove& move : note.moved) {
        out += separator;
        separator = ',';
        out += '[';
        append_json(out, move.p);
        out += ',';
        if (move.to) {
            append_json(out, *move.to);
        } else {
            out += "null";
        }
        out += ']';
    }
    out += ']';
}

}  // namespace

template <class Op>
void HistoryWriter::begin(const Op& op, std::string_view f) {
    buffer_ += "{\"process\":";
    append_json(buffer_, op.process);
    buffer_ += ",\"type\":\"";
    buffer_ += name(op.type);
    buffer_ += "\",\"f\":\"";
    buffer_ += f;
    buffer_ += "\",\"time\":";
    append_json(buffer_, op.time);
    buffer_ += ",\"value\":[";
}

void HistoryWriter::end() {
    end(ClientNote{});
}

void HistoryWriter::end(const ClientNote& note) {
    buffer_ += ']';
    append_note(buffer_, note);
    buffer_ += "}\n";
    if (buffer_.size() >= kFlushBytes)
        flush();
}

void HistoryWriter::send(const ClientOp& op) {
    begin(op, "send");
    bool first = true;
    for (const SeenRecord& record : op.records) {
        if (!first)
            buffer_ += ',';
        first = false;
        buffer_ += "[\"send\",";
        append_json(buffer_, record.p);
        buffer_ += ',';
        append_record(buffer_, record);
        buffer_ += ']';
    }
    end(op.note);
}

void HistoryWriter::poll(const ClientOp& op) {
    begin(op, "poll");
    buffer_ += "[\"poll\",{";
    const TopicPartition* current = nullptr;
    for (const SeenRecord& record : op.records) {
        if (current == nullptr || *current != record.p) {
            if (current != nullptr)
                buffer_ += "],";
            append_json(buffer_, record.p);
            buffer_ += ":[";
        } else {
            buffer_ += ',';
        }
        current = &record.p;
        append_record(buffer_, record);
    }
    buffer_ += current == nullptr ? "}]" : "]}]";
    end(op.note);
}

void HistoryWriter::commit(const CommitOp& op) {
    begin(op, "commit");
    buffer_ += "[\"commit\",{";
    bool first = true;
    for (const CommittedPosition& one : op.offsets) {
        if (!first)
            buffer_ += ',';
        first = false;
        append_json(buffer_, one.p);
        buffer_ += ':';
        append_json(buffer_, one.offset);
    }
    buffer_ += "}]";
    end();
}

void HistoryWriter::flush() {
    if (buffer_.empty())
        return;
    out_.write(buffer_);
    buffer_.clear();
}

}  // namespace bsim
