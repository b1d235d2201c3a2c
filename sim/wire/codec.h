#pragma once
// What generated codecs are made of: the encodings of Kafka's field types. `flexible` selects
// KIP-482's compact form: an unsigned varint of length + 1 with 0 for null, instead of a 16-bit
// length (strings) or a 32-bit length (bytes, records, arrays) with -1 for null.
// A take_ that meets what its type does not allow fails the reader, like a read past the end.
// Source: org.apache.kafka.message.MessageDataGenerator; org.apache.kafka.common.protocol.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/uuid.h"
#include "sim/base/varint.h"

namespace bsim::wire {

using Bytes = std::vector<std::uint8_t>;

// ---- sizes
inline std::size_t length_size(std::size_t length, bool flexible, std::size_t fixed) {
    return flexible ? uvarlong_size(length + 1) : fixed;
}
inline std::size_t string_size(const std::string& text, bool flexible) {
    return length_size(text.size(), flexible, 2) + text.size();
}
inline std::size_t bytes_size(const Bytes& bytes, bool flexible) {
    return length_size(bytes.size(), flexible, 4) + bytes.size();
}
inline std::size_t records_size(const SharedBytes& bytes, bool flexible) {
    return length_size(bytes.size(), flexible, 4) + bytes.size();
}
inline std::size_t string_size(const std::optional<std::string>& text, bool flexible) {
    return text ? string_size(*text, flexible) : (flexible ? 1 : 2);
}
inline std::size_t bytes_size(const std::optional<Bytes>& bytes, bool flexible) {
    return bytes ? bytes_size(*bytes, flexible) : (flexible ? 1 : 4);
}
inline std::size_t records_size(const std::optional<SharedBytes>& bytes, bool flexible) {
    return bytes ? records_size(*bytes, flexible) : (flexible ? 1 : 4);
}
template <class T>
std::size_t fixed_array_size(const std::vector<T>& items, std::size_t each, bool flexible) {
    return length_size(items.size(), flexible, 4) + items.size() * each;
}
template <class T>
std::size_t fixed_array_size(const std::optional<std::vector<T>>& items,
                             std::size_t each,
                             bool flexible) {
    return items ? fixed_array_size(*items, each, flexible) : (flexible ? 1 : 4);
}
template <class T, class Size>
std::size_t array_size(const std::vector<T>& items, bool flexible, Size size) {
    std::size_t total = length_size(items.size(), flexible, 4);
    for (const T& item : items)
        total += size(item);
    return total;
}
template <class T, class Size>
std::size_t array_size(const std::optional<std::vector<T>>& items, bool flexible, Size size) {
    return items ? array_size(*items, flexible, size) : (flexible ? 1 : 4);
}
// A tagged field: its tag, its size, its bytes.
inline std::size_t tagged_size(std::uint32_t tag, std::size_t size) {
    return uvarint_size(tag) + uvarlong_size(size) + size;
}

// ---- put
void put_string(ByteWriter& out, const std::string& text, bool flexible);
void put_string(ByteWriter& out, const std::optional<std::string>& text, bool flexible);
void put_bytes(ByteWriter& out, const Bytes& bytes, bool flexible);
void put_bytes(ByteWriter& out, const std::optional<Bytes>& bytes, bool flexible);
void put_records(ByteWriter& out, const SharedBytes& bytes, bool flexible);
void put_records(ByteWriter& out, const std::optional<SharedBytes>& bytes, bool flexible);
void put_length(ByteWriter& out, std::optional<std::size_t> length, bool flexible);
void put_uuid(ByteWriter& out, const Uuid& id);
void put_float64(ByteWriter& out, double value);

// ---- take
void take_string(ByteReader& in, std::string& text, bool flexible);
void take_string(ByteReader& in, std::optional<std::string>& text, bool flexible, bool may_be_null);
void take_bytes(ByteReader& in, Bytes& bytes, bool flexible);
void take_bytes(ByteReader& in, std::optional<Bytes>& bytes, bool flexible, bool may_be_null);
void take_records(ByteReader& in, SharedBytes& bytes, bool flexible);
void take_records(ByteReader& in,
                  std::optional<SharedBytes>& bytes,
                  bool flexible,
                  bool may_be_null);
// The length of an array, nullopt for null. Fails on more elements than bytes are left.
std::optional<std::size_t> take_length(ByteReader& in, bool flexible);
Uuid take_uuid(ByteReader& in);
double take_float64(ByteReader& in);
// DEVIATION: unknown tagged fields are passed over; Kafka keeps their bytes and writes them again.
void skip_tagged_fields(ByteReader& in);

}  // namespace bsim::wire
