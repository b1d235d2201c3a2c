#include "sim/app/dump_log/log_dump.h"

#include <fmt/format.h>

#include "sim/app/dump_log/control_line.h"
#include "sim/app/dump_log/decoder.h"
#include "sim/app/dump_log/java_text.h"
#include "sim/app/dump_log/log_batches.h"
#include "sim/app/dump_log/stopped.h"

namespace bsim::dump_log {
namespace {

// <20 digits of offset>-<10 digits of epoch>.checkpoint
constexpr std::size_t kOffsetWidth = 20;
constexpr std::size_t kEpochWidth = 10;

std::int64_t part_of_name(std::string_view name, std::size_t from, std::size_t size) {
    const std::string_view digits = from <= name.size() ? name.substr(from, size) : "";
    const auto number = digits.size() == size ? parse_long(digits) : std::nullopt;
    if (!number)
        throw Stopped(fmt::format("{} is no name of a snapshot: OFFSET-EPOCH.checkpoint", name));
    return *number;
}

void show_start(const InputFile& file, Writer& writer) {
    if (file.suffix() == ".log")
        return writer.log_start(file.base_offset());
    if (file.name() == "bootstrap.checkpoint")
        return writer.bootstrap_snapshot();
    const std::int64_t offset = part_of_name(file.name(), 0, kOffsetWidth);
    const std::int64_t epoch = part_of_name(file.name(), kOffsetWidth + 1, kEpochWidth);
    if (epoch != static_cast<std::int32_t>(epoch))
        throw Stopped(fmt::format("{} has too large an epoch", file.name()));
    writer.snapshot_end(offset, static_cast<std::int32_t>(epoch));
}

void show_batch(const FileBatch& batch, std::size_t position, Writer& writer) {
    BatchHead head;
    head.last_offset = batch.last_offset();
    if (batch.is_modern())
        head.header = batch.header();
    writer.batch_head(head);

    BatchTail tail;
    tail.position = position;
    tail.timestamp_type = batch.timestamp_type();
    tail.max_timestamp = batch.max_timestamp();
    tail.size = batch.size_in_bytes();
    tail.magic = batch.magic();
    tail.codec = batch.codec_name();
    tail.crc = batch.crc();
    tail.valid = batch.is_valid();
    writer.batch_tail(tail);
}

RecordLine line_of(const FileRecord& record, std::string_view timestamp_type) {
    RecordLine line;
    line.offset = record.offset;
    line.timestamp_type = timestamp_type;
    line.timestamp = record.timestamp;
    line.key_size = record.key_size;
    line.value_size = record.value_size;
    if (record.modern != nullptr) {
        auto& modern = line.modern.emplace(RecordLine::Modern{});
        modern.sequence = record.modern->sequence;
        for (const wire::HeaderView& header : record.modern->headers)
            modern.header_keys.push_back(java_utf8(as_bytes(header.key)));
    } else {
        line.legacy = RecordLine::Legacy{record.legacy->is_valid(), record.legacy->crc()};
    }
    return line;
}

// Walks one file; knows the offset of the record before.
class LogDump {
  public:
    LogDump(const LogFile& log, Session& session) : log_(log), session_(session) {}

    void run() {
        const Options& options = session_.options;
        const LogFile::Range range = log_.slice(0, options.max_bytes);
        FileBatches batches(log_, range);
        FileBatch batch;
        std::size_t position = 0;
        while (batches.next(batch)) {
            show_batch(batch, position, session_.writer);
            if (options.goes_deep())
                show_records(batch);
            position += batch.size_in_bytes();
        }
        if (position < range.size() && options.max_bytes == INT32_MAX)
            session_.writer.trailing_bytes(range.size() - position, log_.file().name());
    }

  private:
    void show_records(const FileBatch& batch) {
        const bool control = batch.is_control();
        const std::string_view type = batch.timestamp_type();
        for_each_record(batch, [&](const FileRecord& record) {
            note_offset(record.offset);
            Writer& writer = session_.writer;
            writer.begin_record();
            if (!session_.options.skip_record_metadata) {
                writer.record(line_of(record, type));
                if (control)
                    show_control(record, writer);
            }
            if (session_.options.prints_contents() && !control)
                writer.contents(decode(session_.options.decoder, record));
            writer.end_record();
        });
    }

    void note_offset(std::int64_t offset) {
        if (last_offset_ != -1 && offset != wire::wrapping_add(last_offset_, 1))
            session_.complaints.gap(log_.file().path(), {last_offset_, offset});
        last_offset_ = offset;
    }

    const LogFile& log_;
    Session& session_;
    std::int64_t last_offset_ = -1;
};

}  // namespace

void dump_log_segment(const InputFile& file, Session& session) {
    show_start(file, session.writer);
    const LogFile log(file);
    LogDump(log, session).run();
}

}  // namespace bsim::dump_log
