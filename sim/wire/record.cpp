#include "sim/wire/record.h"

#include "sim/base/check.h"
#include "sim/base/varint.h"

namespace bsim::wire {
namespace {

// Length prefix 5, attributes 1, timestamp 10, offset 5.
constexpr std::size_t kMaxRecordOverhead = 21;

std::int32_t length_of(std::size_t size) {
    BSIM_CHECK(size <= INT32_MAX);
    return static_cast<std::int32_t>(size);
}

std::size_t counted_size(std::size_t size) {
    return varint_size(length_of(size)) + size;
}

std::size_t nullable_size(const std::optional<ByteView>& bytes) {
    return bytes ? counted_size(bytes->size()) : varint_size(-1);
}

std::size_t payload_size(const RecordFields& fields) {
    std::size_t size = nullable_size(fields.key) + nullable_size(fields.value) +
                       varint_size(length_of(fields.headers.size()));
    for (const HeaderView& header : fields.headers) {
        size += counted_size(header.key.size()) + nullable_size(header.value);
    }
    return size;
}

std::size_t body_size(const RecordDelta& delta, const RecordFields& fields) {
    return 1 + varlong_size(delta.timestamp_ms) + varint_size(delta.offset) + payload_size(fields);
}

void put_nullable(ByteWriter& out, const std::optional<ByteView>& bytes) {
    put_varint(out, bytes ? length_of(bytes->size()) : -1);
    if (bytes)
        out.put_bytes(*bytes);
}

}  // namespace

std::size_t record_size(const RecordDelta& delta, const RecordFields& fields) {
    return counted_size(body_size(delta, fields));
}

std::size_t record_size_upper_bound(const RecordFields& fields) {
    return kMaxRecordOverhead + payload_size(fields);
}

void put_record(ByteWriter& out, const RecordDelta& delta, const RecordFields& fields) {
    put_varint(out, length_of(body_size(delta, fields)));
    out.put_i8(0);
    put_varlong(out, delta.timestamp_ms);
    put_varint(out, delta.offset);
    put_nullable(out, fields.key);
    put_nullable(out, fields.value);
    put_varint(out, length_of(fields.headers.size()));
    for (const HeaderView& header : fields.headers) {
        put_varint(out, length_of(header.key.size()));
        out.put_bytes(as_bytes(header.key));
        put_nullable(out, header.value);
    }
}

}  // namespace bsim::wire
