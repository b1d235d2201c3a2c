#pragma once
// MurmurHash2 as Kafka's clients compute it over a record's key: seed 0x9747b28c, words of four
// bytes in little-endian order. murmur2("abc") == 479470107.
// Source: org.apache.kafka.common.utils.Utils.murmur2.

#include <cstdint>

#include "sim/base/bytes.h"

namespace bsim::client {

std::int32_t murmur2(ByteView data);

}  // namespace bsim::client
