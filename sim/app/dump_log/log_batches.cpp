#include "sim/app/dump_log/log_batches.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/app/dump_log/stopped.h"
#include "sim/wire/record_reader.h"

namespace bsim::dump_log {
namespace {

constexpr std::size_t kUpToMagic = 17;
constexpr std::size_t kMagicAt = 16;
constexpr std::size_t kLengthAt = 8;
constexpr std::string_view kCodecNames[] = {"none", "gzip", "snappy", "lz4", "zstd"};

std::string_view name(wire::TimestampType type) {
    return type == wire::TimestampType::CreateTime ? "CreateTime" : "LogAppendTime";
}

void visit_modern(const FileBatch& batch, const std::function<void(const FileRecord&)>& visit) {
    if (batch.size_in_bytes() < wire::kBatchOverhead)
        throw Stopped("a batch is too small to hold records");
    wire::RecordReader reader(wire::BatchView{batch.header(), batch.bytes()});
    wire::RecordView record;
    if (batch.header().codec() != wire::Codec::None) {
        wire::RecordReader rehearsal = reader;
        while (rehearsal.next(record)) {
        }
        if (rehearsal.error())
            throw Stopped(std::string(wire::describe(*rehearsal.error())));
    }
    while (reader.next(record)) {
        FileRecord out;
        out.offset = record.offset;
        out.timestamp = record.timestamp_ms;
        out.key = record.key;
        out.value = record.value;
        out.key_size = record.key ? static_cast<std::int32_t>(record.key->size()) : -1;
        out.value_size = record.value ? static_cast<std::int32_t>(record.value->size()) : -1;
        out.modern = &record;
        visit(out);
    }
    if (reader.error())
        throw Stopped(std::string(wire::describe(*reader.error())));
}

FileRecord legacy_record(const wire::LegacyEntry& entry) {
    FileRecord out;
    out.offset = entry.offset;
    out.timestamp = entry.record.timestamp_ms();
    const auto key_size = entry.record.key_size();
    const auto value_size = entry.record.value_size();
    if (!key_size || !value_size)
        throw Stopped(fmt::format("the record at offset {} is cut short", entry.offset));
    out.key_size = *key_size;
    out.value_size = *value_size;
    out.key = entry.record.key();
    out.value = entry.record.value();
    // The key is whole, or the value's size could not be read.
    if (out.value_size >= 0 && !out.value) {
        out.value_error = fmt::format("newLimit > capacity: ({} > {})", out.value_size,
                                      entry.record.bytes_behind_value_size());
    }
    out.legacy = &entry.record;
    return out;
}

void visit_legacy(const FileBatch& batch, const std::function<void(const FileRecord&)>& visit) {
    const wire::LegacyEntry wrapper = batch.legacy();
    if (wrapper.record.codec_id() == 0)
        return visit(legacy_record(wrapper));
    const auto entries = wire::legacy_set(wrapper);
    if (!entries.ok())
        throw Stopped(std::string(wire::describe(entries.error())));
    for (const wire::LegacyEntry& entry : *entries) {
        if (entry.record.codec_id() != 0)
            throw Stopped("a compressed record lies inside a compressed one");
        visit(legacy_record(entry));
    }
}

}  // namespace

LogFile::Range LogFile::slice(std::int32_t position, std::int32_t size) const {
    if (position < 0)
        throw Stopped(fmt::format("position {} in {}", position, file_.path()));
    const auto from = static_cast<std::size_t>(position);
    if (from > bytes_.size()) {
        throw Stopped(fmt::format("position {} is behind the {} bytes of {}", position,
                                  bytes_.size(), file_.path()));
    }
    if (size < 0)
        throw Stopped(fmt::format("a size of {} bytes", size));
    return {from, std::min(from + static_cast<std::size_t>(size), bytes_.size())};
}

bool FileBatches::next(FileBatch& out) {
    if (position_ + kUpToMagic >= end_)
        return false;
    const auto length = load_be<std::int32_t>(log_.bytes().data() + position_ + kLengthAt);
    if (length < static_cast<std::int32_t>(wire::kLegacyRecordMin)) {
        throw Stopped(fmt::format("a batch of {} bytes at position {} of {}; the smallest has {}",
                                  length, position_, log_.file().path(), wire::kLegacyRecordMin));
    }
    if (position_ + wire::kLogOverhead + static_cast<std::size_t>(length) > end_)
        return false;
    out = FileBatch(log_, position_);
    position_ += out.size_in_bytes();
    return true;
}

FileBatch::FileBatch(const LogFile& log, std::size_t position) : log_(&log), position_(position) {
    const std::uint8_t* at = log.bytes().data() + position;
    offset_ = load_be<std::int64_t>(at);
    length_ = load_be<std::uint32_t>(at + kLengthAt);
    magic_ = static_cast<std::int8_t>(at[kMagicAt]);
}

wire::BatchHeader FileBatch::header() const {
    const auto header = wire::read_batch_header_fields(log_->bytes().subspan(position_));
    if (!header) {
        throw Stopped(fmt::format("the file ends inside the batch header at position {} of {}",
                                  position_, log_->file().path()));
    }
    return *header;
}

wire::LegacyEntry FileBatch::legacy() const {
    if (magic_ != wire::kMagicV0 && magic_ != wire::kMagicV1)
        throw Stopped(fmt::format("magic {} at position {}", int{magic_}, position_));
    return {offset_, wire::LegacyRecord(SharedBytes::copy_of(bytes().subspan(wire::kLogOverhead)))};
}

std::int64_t FileBatch::last_offset() const {
    return is_modern() ? header().last_offset() : offset_;
}

std::string_view FileBatch::timestamp_type() const {
    if (is_modern())
        return name(header().timestamp_type());
    const auto type = legacy().record.timestamp_type();
    return type ? name(*type) : "NoTimestampType";
}

std::int64_t FileBatch::max_timestamp() const {
    return is_modern() ? header().max_timestamp : legacy().record.timestamp_ms();
}

std::uint32_t FileBatch::crc() const {
    return is_modern() ? header().crc : legacy().record.crc();
}

std::uint8_t FileBatch::codec_id() const {
    return is_modern() ? static_cast<std::uint8_t>(header().codec()) : legacy().record.codec_id();
}

std::string_view FileBatch::codec_name() const {
    const std::uint8_t id = codec_id();
    if (id >= std::size(kCodecNames))
        throw Stopped(fmt::format("unknown compression type {} at position {}", id, position_));
    return kCodecNames[id];
}

bool FileBatch::is_valid() const {
    return is_modern() ? wire::crc_matches(bytes()) : legacy().record.is_valid();
}

void for_each_record(const FileBatch& batch, const std::function<void(const FileRecord&)>& visit) {
    if (batch.is_modern())
        visit_modern(batch, visit);
    else
        visit_legacy(batch, visit);
}

}  // namespace bsim::dump_log
