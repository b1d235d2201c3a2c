#include <fmt/format.h>

#include "sim/app/dump_log/java_text.h"
#include "sim/app/dump_log/writer.h"
#include "sim/base/check.h"

namespace bsim::dump_log {
namespace {

constexpr std::size_t kFlushAt = std::size_t{64} << 10U;

// Writes one object as it comes, since a log may be larger than memory has room for twice.
class JsonWriter : public Writer {
  public:
    explicit JsonWriter(std::ostream& out) : out_(out) {
        open('{');
        key("files");
        open('[');
    }

    void begin_file(const std::string& path) override {
        close_to(kFilesDepth);
        open('{');
        text("file", path);
    }
    void log_start(std::int64_t offset) override {
        number("logStartingOffset", offset);
        list("batches");
    }
    void bootstrap_snapshot() override {
        boolean("bootstrapSnapshot", true);
        list("batches");
    }
    void snapshot_end(std::int64_t offset, std::int32_t epoch) override {
        number("snapshotEndOffset", offset);
        number("epoch", epoch);
        list("batches");
    }

    void batch_head(const BatchHead& head) override;
    void batch_tail(const BatchTail& tail) override;

    void begin_record() override {
        if (closing_.size() == kBatchDepth)
            list("records");
        open('{');
    }
    void record(const RecordLine& line) override;
    void control(const EndTxnLine& marker) override {
        text("endTxnMarker", marker.type);
        number("coordinatorEpoch", marker.coordinator_epoch);
    }
    void control(const ControlMessageLine& message) override { raw(message.name, message.json); }
    void control(const ControlTypeLine& type) override {
        text("controlType", type.name);
        number("controlTypeId", type.id);
    }
    void contents(const Contents& contents) override {
        shown("key", contents.key);
        shown("payload", contents.payload);
    }
    void end_record() override { close(); }

    void trailing_bytes(std::size_t count, std::string_view) override {
        close_to(kFileDepth);
        number("invalidBytesAtEnd", static_cast<std::int64_t>(count));
    }
    void empty_index(const std::string&) override { boolean("empty", true); }
    void passed_sanity_check(const std::string&) override { boolean("passedSanityCheck", true); }
    void entry(const std::vector<NamedNumber>& numbers) override {
        open_entry();
        for (const auto& [name, value] : numbers)
            number(name, value);
        close();
    }
    void producer(const ProducerLine& line) override;

    void finish(const std::vector<std::string>& complaints) override;

  private:
    // How many containers are open inside the list of files, inside a file, and inside a batch.
    static constexpr std::size_t kFilesDepth = 2;
    static constexpr std::size_t kFileDepth = 3;
    static constexpr std::size_t kBatchDepth = 5;

    void comma() {
        if (!fresh_)
            text_ += ',';
        fresh_ = false;
    }
    void open(char bracket) {
        if (!after_key_)
            comma();
        after_key_ = false;
        text_ += bracket;
        closing_ += bracket == '{' ? '}' : ']';
        fresh_ = true;
    }
    void close() {
        BSIM_CHECK(!closing_.empty());
        text_ += closing_.back();
        closing_.pop_back();
        fresh_ = false;
        if (text_.size() >= kFlushAt)
            flush();
    }
    void close_to(std::size_t depth) {
        while (closing_.size() > depth)
            close();
    }
    void key(std::string_view name) {
        comma();
        append_jackson_string(text_, name);
        text_ += ':';
        after_key_ = true;
    }
    void list(std::string_view name) {
        key(name);
        open('[');
    }
    void open_entry() {
        if (closing_.size() == kFileDepth)
            list("entries");
        open('{');
    }
    void raw(std::string_view name, std::string_view value) {
        key(name);
        text_ += value;
        after_key_ = false;
    }
    void number(std::string_view name, std::int64_t value) { raw(name, fmt::to_string(value)); }
    void boolean(std::string_view name, bool value) { raw(name, value ? "true" : "false"); }
    void optional_number(std::string_view name, std::optional<std::int64_t> value) {
        raw(name, value ? fmt::to_string(*value) : "null");
    }
    void text(std::string_view name, std::string_view value) {
        std::string quoted;
        append_jackson_string(quoted, value);
        raw(name, quoted);
    }
    void shown(std::string_view name, const std::optional<Shown>& value) {
        if (!value)
            return raw(name, "null");
        value->is_json ? raw(name, value->text) : text(name, value->text);
    }
    void flush() {
        out_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
        text_.clear();
    }

    std::ostream& out_;
    std::string text_;
    std::string closing_;  // what closes the open containers, innermost last
    bool fresh_ = true;    // no comma is due before the next thing
    bool after_key_ = false;
};

void JsonWriter::batch_head(const BatchHead& head) {
    close_to(kBatchDepth - 1);
    open('{');
    if (!head.header)
        return number("offset", head.last_offset);
    const wire::BatchHeader& h = *head.header;
    number("baseOffset", h.base_offset);
    number("lastOffset", head.last_offset);
    number("count", h.records_count);
    number("baseSequence", h.base_sequence);
    number("lastSequence", h.last_sequence());
    number("producerId", h.producer_id);
    number("producerEpoch", h.producer_epoch);
    number("partitionLeaderEpoch", h.partition_leader_epoch);
    boolean("isTransactional", h.is_transactional());
    boolean("isControl", h.is_control());
    optional_number("deleteHorizonMs", h.delete_horizon_ms());
}

void JsonWriter::batch_tail(const BatchTail& tail) {
    number("position", static_cast<std::int64_t>(tail.position));
    number(tail.timestamp_type, tail.max_timestamp);
    number("size", static_cast<std::int64_t>(tail.size));
    number("magic", tail.magic);
    text("compresscodec", tail.codec);
    number("crc", tail.crc);
    boolean("isvalid", tail.valid);
}

void JsonWriter::record(const RecordLine& line) {
    number("offset", line.offset);
    number(line.timestamp_type, line.timestamp);
    number("keySize", line.key_size);
    number("valueSize", line.value_size);
    if (line.modern) {
        number("sequence", line.modern->sequence);
        list("headerKeys");
        for (const std::string& name : line.modern->header_keys) {
            comma();
            append_jackson_string(text_, name);
        }
        close();
    }
    if (line.legacy) {
        boolean("isValid", line.legacy->valid);
        number("crc", line.legacy->crc);
    }
}

void JsonWriter::producer(const ProducerLine& p) {
    open_entry();
    number("producerId", p.producer_id);
    number("producerEpoch", p.producer_epoch);
    number("coordinatorEpoch", p.coordinator_epoch);
    optional_number("currentTxnFirstOffset", p.txn_first_offset);
    number("lastTimestamp", p.last_timestamp);
    if (p.last_batch) {
        number("firstSequence", p.last_batch->first_sequence);
        number("lastSequence", p.last_batch->last_sequence);
        number("lastOffset", p.last_batch->last_offset);
        number("offsetDelta", p.last_batch->offset_delta);
        number("timestamp", p.last_batch->timestamp);
    }
    close();
}

void JsonWriter::finish(const std::vector<std::string>& complaints) {
    // A dump that was stopped leaves more open than these.
    close_to(1);
    list("complaints");
    for (const std::string& complaint : complaints) {
        comma();
        append_jackson_string(text_, complaint);
    }
    close_to(0);
    text_ += '\n';
    flush();
}

}  // namespace

std::unique_ptr<Writer> json_writer(std::ostream& out) {
    return std::make_unique<JsonWriter>(out);
}

}  // namespace bsim::dump_log
