#pragma once
// The batches of a .log or .checkpoint file as the real tool comes upon them: what can be read
// without error is taken as it is, damaged or not, in every format since the first.
// Errors: Stopped, where the tool's own reading fails.
// Source: FileRecords, FileLogInputStream, DefaultRecordBatch, AbstractLegacyRecordBatch.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/app/dump_log/input_file.h"
#include "sim/wire/legacy_record.h"
#include "sim/wire/record.h"
#include "sim/wire/record_batch.h"

namespace bsim::dump_log {

// The file, read, and a range of it.
class LogFile {
  public:
    explicit LogFile(InputFile file) : file_(std::move(file)), bytes_(file_.read()) {}

    const InputFile& file() const { return file_; }
    ByteView bytes() const { return bytes_; }

    struct Range {
        std::size_t from = 0;
        std::size_t to = 0;
        std::size_t size() const { return to - from; }
    };
    // Up to `size` bytes from `position`, which may be the end but not behind it.
    Range slice(std::int32_t position, std::int32_t size) const;

  private:
    InputFile file_;
    std::vector<std::uint8_t> bytes_;
};

class FileBatch {
  public:
    FileBatch() = default;
    FileBatch(const LogFile& log, std::size_t position);

    std::int8_t magic() const { return magic_; }
    // Any magic from 2 on is read as v2, any other as what came before.
    bool is_modern() const { return magic_ >= wire::kMagicV2; }
    std::size_t size_in_bytes() const { return wire::kLogOverhead + length_; }

    // v2 only. Reads 61 bytes, even out of the batches behind a batch that claims to be smaller.
    wire::BatchHeader header() const;
    std::int64_t last_offset() const;
    bool is_control() const { return is_modern() && header().is_control(); }

    std::string_view timestamp_type() const;
    std::int64_t max_timestamp() const;
    std::uint32_t crc() const;
    std::string_view codec_name() const;
    bool is_valid() const;

    ByteView bytes() const { return log_->bytes().subspan(position_, size_in_bytes()); }
    // v0 and v1 only: the whole set, which is one record.
    wire::LegacyEntry legacy() const;

  private:
    std::uint8_t codec_id() const;

    const LogFile* log_ = nullptr;
    std::size_t position_ = 0;
    std::int64_t offset_ = 0;
    std::size_t length_ = 0;  // as the batch says, behind the first 12 bytes
    std::int8_t magic_ = 0;
};

class FileBatches {
  public:
    FileBatches(const LogFile& log, LogFile::Range range)
        : log_(log), position_(range.from), end_(range.to) {}

    // Fills `out` with the next batch that ends inside the range; false when there is none.
    bool next(FileBatch& out);

  private:
    const LogFile& log_;
    std::size_t position_;
    std::size_t end_;
};

// A record of any format. A size below zero means null.
struct FileRecord {
    std::int64_t offset = 0;
    std::int64_t timestamp = 0;
    std::int32_t key_size = -1;
    std::int32_t value_size = -1;
    std::optional<ByteView> key{};
    std::optional<ByteView> value{};
    // Set if the value should reach beyond the record, which only the old formats leave unnoticed:
    // what Java's ByteBuffer says to that.
    std::string value_error{};
    const wire::RecordView* modern = nullptr;
    const wire::LegacyRecord* legacy = nullptr;
};

// The records of a compressed batch are all read before the first is visited.
void for_each_record(const FileBatch& batch, const std::function<void(const FileRecord&)>& visit);

}  // namespace bsim::dump_log
