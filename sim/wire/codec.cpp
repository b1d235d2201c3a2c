#include "sim/wire/codec.h"

#include <bit>
#include <cstdint>

#include "sim/base/check.h"

namespace bsim::wire {
namespace {

constexpr std::size_t kLongestString = 0x7fff;

void put_string_length(ByteWriter& out, std::size_t length, bool flexible) {
    BSIM_CHECK(length <= kLongestString);
    if (flexible)
        return put_uvarint(out, static_cast<std::uint32_t>(length + 1));
    out.put_i16(static_cast<std::int16_t>(length));
}

// Length of a string, -1 for null.
std::int64_t take_string_length(ByteReader& in, bool flexible) {
    const std::int64_t length = flexible ? std::int64_t{take_uvarint(in)} - 1 : in.take_i16();
    if (length > static_cast<std::int64_t>(kLongestString))
        in.fail();
    return length < 0 ? -1 : length;
}

std::int64_t take_long_length(ByteReader& in, bool flexible) {
    // As Kafka reads it, the varint less one is a signed 32-bit number.
    const std::int32_t length =
        flexible ? static_cast<std::int32_t>(take_uvarint(in) - 1U) : in.take_i32();
    return length < 0 ? -1 : length;
}

// The bytes that a length announces; nullopt for null. Fails when null is not allowed.
std::optional<ByteView> take_counted(ByteReader& in, std::int64_t length, bool may_be_null) {
    if (in.failed())
        return ByteView{};
    if (length < 0) {
        if (!may_be_null)
            in.fail();
        return std::nullopt;
    }
    return in.take_bytes(static_cast<std::size_t>(length));
}

Bytes copy(ByteView bytes) {
    return {bytes.begin(), bytes.end()};
}

}  // namespace

void put_string(ByteWriter& out, const std::string& text, bool flexible) {
    put_string_length(out, text.size(), flexible);
    out.put_bytes(as_bytes(text));
}

void put_string(ByteWriter& out, const std::optional<std::string>& text, bool flexible) {
    if (text)
        return put_string(out, *text, flexible);
    if (flexible)
        return put_uvarint(out, 0);
    out.put_i16(-1);
}

void put_bytes(ByteWriter& out, const Bytes& bytes, bool flexible) {
    put_length(out, bytes.size(), flexible);
    out.put_bytes(bytes);
}

void put_bytes(ByteWriter& out, const std::optional<Bytes>& bytes, bool flexible) {
    if (bytes)
        return put_bytes(out, *bytes, flexible);
    put_length(out, std::nullopt, flexible);
}

void put_records(ByteWriter& out, const SharedBytes& bytes, bool flexible) {
    put_length(out, bytes.size(), flexible);
    out.put_bytes(bytes.view());
}

void put_records(ByteWriter& out, const std::optional<SharedBytes>& bytes, bool flexible) {
    if (bytes)
        return put_records(out, *bytes, flexible);
    put_length(out, std::nullopt, flexible);
}

void put_length(ByteWriter& out, std::optional<std::size_t> length, bool flexible) {
    BSIM_CHECK(!length || *length < INT32_MAX);
    if (flexible) {
        return put_uvarint(out, length ? static_cast<std::uint32_t>(*length + 1) : 0U);
    }
    out.put_i32(length ? static_cast<std::int32_t>(*length) : -1);
}

void put_uuid(ByteWriter& out, const Uuid& id) {
    out.put_int(id.high);
    out.put_int(id.low);
}

void put_float64(ByteWriter& out, double value) {
    out.put_int(std::bit_cast<std::uint64_t>(value));
}

void take_string(ByteReader& in, std::string& text, bool flexible) {
    const auto bytes = take_counted(in, take_string_length(in, flexible), false);
    text = bytes ? std::string(as_text(*bytes)) : std::string();
}

void take_string(ByteReader& in,
                 std::optional<std::string>& text,
                 bool flexible,
                 bool may_be_null) {
    const auto bytes = take_counted(in, take_string_length(in, flexible), may_be_null);
    text = bytes ? std::optional(std::string(as_text(*bytes))) : std::nullopt;
}

void take_bytes(ByteReader& in, Bytes& bytes, bool flexible) {
    const auto view = take_counted(in, take_long_length(in, flexible), false);
    bytes = view ? copy(*view) : Bytes{};
}

void take_bytes(ByteReader& in, std::optional<Bytes>& bytes, bool flexible, bool may_be_null) {
    const auto view = take_counted(in, take_long_length(in, flexible), may_be_null);
    bytes = view ? std::optional(copy(*view)) : std::nullopt;
}

void take_records(ByteReader& in, SharedBytes& bytes, bool flexible) {
    const auto view = take_counted(in, take_long_length(in, flexible), false);
    bytes = view ? SharedBytes::copy_of(*view) : SharedBytes();
}

void take_records(ByteReader& in,
                  std::optional<SharedBytes>& bytes,
                  bool flexible,
                  bool may_be_null) {
    const auto view = take_counted(in, take_long_length(in, flexible), may_be_null);
    bytes = view ? std::optional(SharedBytes::copy_of(*view)) : std::nullopt;
}

std::optional<std::size_t> take_length(ByteReader& in, bool flexible) {
    const std::int64_t length = take_long_length(in, flexible);
    if (length < 0)
        return std::nullopt;
    if (static_cast<std::size_t>(length) > in.remaining()) {
        in.fail();
        return 0;
    }
    return static_cast<std::size_t>(length);
}

Uuid take_uuid(ByteReader& in) {
    Uuid id;
    id.high = in.take_int<std::uint64_t>();
    id.low = in.take_int<std::uint64_t>();
    return id;
}

double take_float64(ByteReader& in) {
    return std::bit_cast<double>(in.take_int<std::uint64_t>());
}

void skip_tagged_fields(ByteReader& in) {
    // Java counts in signed numbers: too large a count is none.
    for (auto left = static_cast<std::int32_t>(take_uvarint(in)); left > 0 && !in.failed();
         --left) {
        take_uvarint(in);
        in.take_bytes(take_uvarint(in));
    }
}

}  // namespace bsim::wire
