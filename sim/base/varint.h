#pragma once
// Kafka's variable-length integers: little-endian groups of seven bits, the top bit says "more".
// put_varint/put_varlong zig-zag first (used inside records); put_uvarint does not (used by
// flexible messages, KIP-482). At most 5 bytes for 32 bits, 10 for 64; longer input fails the
// reader. Source: org.apache.kafka.common.utils.ByteUtils.

#include <bit>
#include <cstddef>
#include <cstdint>

#include "sim/base/bytes.h"

namespace bsim {

constexpr std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1U) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t bits) {
    return static_cast<std::int64_t>(bits >> 1U) ^ -static_cast<std::int64_t>(bits & 1U);
}

constexpr std::size_t uvarlong_size(std::uint64_t value) {
    return static_cast<std::size_t>(std::bit_width(value | 1U) + 6) / 7;
}
constexpr std::size_t uvarint_size(std::uint32_t value) {
    return uvarlong_size(value);
}
constexpr std::size_t varint_size(std::int32_t value) {
    return uvarlong_size(zigzag(value));
}
constexpr std::size_t varlong_size(std::int64_t value) {
    return uvarlong_size(zigzag(value));
}

inline void put_uvarlong(ByteWriter& out, std::uint64_t value) {
    while (value >= 0x80) {
        out.put_int(static_cast<std::uint8_t>(value | 0x80U));
        value >>= 7U;
    }
    out.put_int(static_cast<std::uint8_t>(value));
}
inline void put_uvarint(ByteWriter& out, std::uint32_t value) {
    put_uvarlong(out, value);
}
inline void put_varint(ByteWriter& out, std::int32_t value) {
    put_uvarlong(out, zigzag(value));
}
inline void put_varlong(ByteWriter& out, std::int64_t value) {
    put_uvarlong(out, zigzag(value));
}

inline std::uint64_t take_uvarlong(ByteReader& in, int max_bytes = 10) {
    std::uint64_t value = 0;
    for (int i = 0; i < max_bytes; ++i) {
        const auto byte = in.take_int<std::uint8_t>();
        value |= static_cast<std::uint64_t>(byte & 0x7fU) << static_cast<unsigned>(7 * i);
        if ((byte & 0x80U) == 0)
            return value;
    }
    in.fail();
    return 0;
}
inline std::uint32_t take_uvarint(ByteReader& in) {
    return static_cast<std::uint32_t>(take_uvarlong(in, 5));
}
inline std::int32_t take_varint(ByteReader& in) {
    return static_cast<std::int32_t>(unzigzag(take_uvarint(in)));
}
inline std::int64_t take_varlong(ByteReader& in) {
    return unzigzag(take_uvarlong(in));
}

}  // namespace bsim
