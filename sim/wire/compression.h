#pragma once
// Decompresses what a producer or a broker has compressed: the records of a batch, or the value of
// a wrapper record of format v0 and v1. Streams as Kafka's own libraries write and read them:
//
//   gzip    members after RFC 1952, one or more
//   snappy  snappy-java: 82 "SNAPPY" 00, i32 version, i32 oldest version that can read it, then
//           chunks of i32 size and a raw Snappy block; without that header the whole is one block
//   lz4     one frame: u32 0x184d2204, flags, block size, checksum of these; blocks of u32 size
//   (top
//           bit: stored as it is) and data; ends with a size of 0; these integers are
//           little-endian. Blocks must be independent. As in Kafka the content checksum is not
//           verified, and what follows the frame is not looked at.
//   zstd    frames after RFC 8878, one or more
//
// Promises: reads no byte outside the input whatever it holds, and never makes more than `limit`.
// Source: org.apache.kafka.common.compress.*, Lz4BlockInputStream; snappy-java SnappyInputStream.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/record_batch.h"

namespace bsim::wire {

enum class CompressionError : std::uint8_t {
    Corrupt,   // no such stream, or one that is damaged or cut short
    TooLarge,  // more than the limit would come out
};

// Kafka bounds this by the heap alone. A broker takes batches of 1 MiB unless told otherwise, and
// one of those can be made to expand to about 1 GiB.
inline constexpr std::size_t kDecompressedMax = std::size_t{256} << 20U;

struct DecompressOptions {
    std::size_t limit = kDecompressedMax;
    // Producers of format v0 computed the checksum of the LZ4 frame header wrongly.
    bool ignore_lz4_header_checksum = false;
};

// For Codec::None a copy of the input.
Result<std::vector<std::uint8_t>, CompressionError> decompress(Codec codec,
                                                               ByteView bytes,
                                                               const DecompressOptions& options);

}  // namespace bsim::wire
