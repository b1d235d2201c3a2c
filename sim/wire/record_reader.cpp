#include "sim/wire/record_reader.h"

#include "sim/base/varint.h"
#include "sim/wire/compression.h"

namespace bsim::wire {
namespace {

// The bytes after a length prefix; nullopt for a negative length, which means null.
std::optional<ByteView> take_nullable(ByteReader& in) {
    const std::int32_t size = take_varint(in);
    if (size < 0 || in.failed())
        return std::nullopt;
    return in.take_bytes(static_cast<std::size_t>(size));
}

void take_headers(ByteReader& in, std::vector<HeaderView>& headers) {
    headers.clear();
    const std::int32_t count = take_varint(in);
    if (count < 0 || static_cast<std::size_t>(count) > in.remaining())
        return in.fail();
    for (std::int32_t i = 0; i < count && !in.failed(); ++i) {
        const auto key = take_nullable(in);
        if (!key)
            return in.fail();
        headers.push_back(HeaderView{as_text(*key), take_nullable(in)});
    }
}

}  // namespace

RecordReader::RecordReader(const BatchView& batch)
    : header_(batch.header),
      in_(batch.bytes.subspan(kBatchOverhead)),
      left_(batch.header.records_count) {
    if (left_ == 0)
        return;
    if (left_ < 0) {
        error_ = BatchError::BadRecord;
    } else if (header_.codec() != Codec::None) {
        auto plain = decompress(header_.codec(), batch.bytes.subspan(kBatchOverhead), {});
        if (!plain) {
            error_ = BatchError::BadCompression;
            return;
        }
        decompressed_ = SharedBytes(std::move(*plain));
        in_ = ByteReader(decompressed_.view());
    }
}

bool RecordReader::fail(BatchError error) {
    error_ = error;
    return false;
}

bool RecordReader::next(RecordView& out) {
    if (error_ || left_ == 0)
        return false;
    if (!take_record(out))
        return fail(BatchError::BadRecord);
    --left_;
    if (left_ == 0 && in_.remaining() > 0)
        return fail(BatchError::BadRecord);
    return true;
}

bool RecordReader::take_record(RecordView& out) {
    const std::size_t before = in_.position();
    const std::int32_t size = take_varint(in_);
    if (in_.failed() || size < 0)
        return false;
    out.size_in_bytes = in_.position() - before + static_cast<std::size_t>(size);

    ByteReader body(in_.take_bytes(static_cast<std::size_t>(size)));
    if (in_.failed())
        return false;
    body.take_i8();
    const std::int64_t timestamp_delta = take_varlong(body);
    const std::int32_t offset_delta = take_varint(body);
    out.key = take_nullable(body);
    out.value = take_nullable(body);
    take_headers(body, out.headers);
    if (body.failed() || body.remaining() > 0)
        return false;

    out.offset = wrapping_add(header_.base_offset, offset_delta);
    out.timestamp_ms = header_.timestamp_type() == TimestampType::LogAppendTime
                           ? header_.max_timestamp
                           : wrapping_add(header_.base_timestamp, timestamp_delta);
    out.sequence = header_.base_sequence >= 0
                       ? increment_sequence(header_.base_sequence, offset_delta)
                       : kNoSequence;
    return true;
}

}  // namespace bsim::wire
