#include <fmt/format.h>
#include <iterator>

#include "sim/app/dump_log/java_text.h"
#include "sim/app/dump_log/writer.h"

namespace bsim::dump_log {
namespace {

constexpr std::size_t kFlushAt = std::size_t{64} << 10U;

class TextWriter : public Writer {
  public:
    TextWriter(std::ostream& out, bool many) : out_(out), many_(many) {}

    void begin_file(const std::string& path) override {
        if (many_)
            line("Dumping {}\n", path);
    }
    void log_start(std::int64_t offset) override { line("Log starting offset: {}\n", offset); }
    void bootstrap_snapshot() override { line("KRaft bootstrap snapshot\n"); }
    void snapshot_end(std::int64_t offset, std::int32_t epoch) override {
        line("Snapshot end offset: {}, epoch: {}\n", offset, epoch);
    }

    void batch_head(const BatchHead& head) override;
    void batch_tail(const BatchTail& tail) override {
        line(" position: {} {}: {} size: {} magic: {} compresscodec: {} crc: {} isvalid: {}\n",
             tail.position, tail.timestamp_type, tail.max_timestamp, tail.size, int{tail.magic},
             tail.codec, tail.crc, tail.valid);
    }

    void begin_record() override { indent_ = "| "; }
    void record(const RecordLine& line) override;
    void control(const EndTxnLine& marker) override {
        line(" endTxnMarker: {} coordinatorEpoch: {}", marker.type, marker.coordinator_epoch);
    }
    void control(const ControlMessageLine& message) override {
        line(" {} {}", message.name, message.json);
    }
    void control(const ControlTypeLine& type) override {
        line(" controlType: {}({})", type.name, type.id);
    }
    void contents(const Contents& contents) override {
        if (contents.key)
            line("{}key: {}", indent_, contents.key->text);
        if (contents.payload)
            line(" payload: {}", contents.payload->text);
    }
    void end_record() override { line("\n"); }

    void trailing_bytes(std::size_t count, std::string_view file_name) override {
        line("Found {} invalid bytes at the end of {}\n", count, file_name);
    }
    void empty_index(const std::string& path) override { line("{} is empty.\n", path); }
    void passed_sanity_check(const std::string& path) override {
        line("{} passed sanity check.\n", path);
    }
    void entry(const std::vector<NamedNumber>& numbers) override {
        const char* separator = "";
        for (const auto& [name, number] : numbers) {
            line("{}{}: {}", separator, name, number);
            separator = " ";
        }
        line("\n");
    }
    void producer(const ProducerLine& line) override;

    void finish(const std::vector<std::string>&) override { flush(); }

  private:
    template <class... Args>
    void line(fmt::format_string<Args...> format, Args&&... args) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
        if (text_.size() >= kFlushAt)
            flush();
    }
    void flush() {
        out_.write(text_.data(), static_cast<std::streamsize>(text_.size()));
        text_.clear();
    }

    std::ostream& out_;
    bool many_;
    std::string text_;
    std::string_view indent_;  // before the first thing shown of a record
};

void TextWriter::batch_head(const BatchHead& head) {
    if (!head.header)
        return line("offset: {}", head.last_offset);
    const wire::BatchHeader& h = *head.header;
    line(
        "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} "
        "producerId: {} producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} "
        "isControl: {} deleteHorizonMs: {}",
        h.base_offset, head.last_offset, h.records_count, h.base_sequence, h.last_sequence(),
        h.producer_id, h.producer_epoch, h.partition_leader_epoch, h.is_transactional(),
        h.is_control(), optional_long(h.delete_horizon_ms()));
}

void TextWriter::record(const RecordLine& record) {
    line("{}offset: {} {}: {} keySize: {} valueSize: {}", indent_, record.offset,
         record.timestamp_type, record.timestamp, record.key_size, record.value_size);
    indent_ = " ";
    if (record.modern) {
        line(" sequence: {} headerKeys: [{}]", record.modern->sequence,
             fmt::join(record.modern->header_keys, ","));
    }
    // The brace is the tool's.
    if (record.legacy)
        line(" isValid: {} crc: {}}}", record.legacy->valid, record.legacy->crc);
}

void TextWriter::producer(const ProducerLine& p) {
    line(
        "producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: {} "
        "lastTimestamp: {} ",
        p.producer_id, p.producer_epoch, p.coordinator_epoch, optional_long(p.txn_first_offset),
        p.last_timestamp);
    if (p.last_batch) {
        line("firstSequence: {} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}",
             p.last_batch->first_sequence, p.last_batch->last_sequence, p.last_batch->last_offset,
             p.last_batch->offset_delta, p.last_batch->timestamp);
    }
    line("\n");
}

}  // namespace

std::unique_ptr<Writer> text_writer(std::ostream& out, bool many) {
    return std::make_unique<TextWriter>(out, many);
}

}  // namespace bsim::dump_log
