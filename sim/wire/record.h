#pragma once
// A record inside a batch, as views into somebody's bytes, and its exact size.
//
//   varint  length of what follows          varint  key length, -1 null; key
//   1 byte  attributes, 0                   varint  value length, -1 null; value
//   varlong timestamp - base timestamp      varint  number of headers, each:
//   varint  offset - base offset                varint key length, key; varint value length, value
//
// Source: org.apache.kafka.common.record.DefaultRecord.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "sim/base/bytes.h"

namespace bsim::wire {

struct HeaderView {
    std::string_view key{};
    std::optional<ByteView> value{};
};

// What goes into a record. The timestamp is in wall-clock milliseconds.
struct RecordFields {
    std::int64_t timestamp_ms = 0;
    std::optional<ByteView> key{};
    std::optional<ByteView> value{};
    std::span<const HeaderView> headers{};
};

// What comes out of one. Views point into the batch.
struct RecordView {
    std::int64_t offset = 0;
    std::int64_t timestamp_ms = 0;
    std::int32_t sequence = -1;
    std::size_t size_in_bytes = 0;  // with its length prefix
    std::optional<ByteView> key{};
    std::optional<ByteView> value{};
    std::vector<HeaderView> headers{};
};

// Distances from the base of a batch.
struct RecordDelta {
    std::int32_t offset = 0;
    std::int64_t timestamp_ms = 0;
};

// Bytes of the whole record, length prefix included.
std::size_t record_size(const RecordDelta& delta, const RecordFields& fields);
// The most bytes that the record can take in any batch: what a producer compares with batch.size
// before it knows the batch (21 bytes of overhead). For the size of a batch of one, add 61.
std::size_t record_size_upper_bound(const RecordFields& fields);

void put_record(ByteWriter& out, const RecordDelta& delta, const RecordFields& fields);

}  // namespace bsim::wire
