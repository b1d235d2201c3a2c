#include "sim/wire/compression.h"

#define XXH_INLINE_ALL
#include <algorithm>
#include <array>
#include <cstring>
#include <lz4.h>
#include <memory>
#include <snappy-c.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

namespace bsim::wire {
namespace {

using Outcome = Result<Done, CompressionError>;
constexpr Err kCorrupt{CompressionError::Corrupt};
constexpr Err kTooLarge{CompressionError::TooLarge};

// The growing result. room() gives writable bytes behind what is kept, keep() keeps some of them.
class Output {
  public:
    explicit Output(std::size_t limit) : limit_(limit) {}

    // At most `wanted` bytes; fewer, down to none, where the limit is near.
    std::span<std::uint8_t> room(std::size_t wanted) {
        const std::size_t size = std::min(wanted, limit_ - kept_);
        if (bytes_.size() < kept_ + size)
            bytes_.resize(kept_ + size);
        return std::span(bytes_).subspan(kept_, size);
    }
    void keep(std::size_t count) { kept_ += count; }
    bool append(ByteView more) {
        if (more.size() > limit_ - kept_)
            return false;
        const auto to = room(more.size());
        std::copy(more.begin(), more.end(), to.begin());
        keep(more.size());
        return true;
    }
    std::vector<std::uint8_t> take() {
        bytes_.resize(kept_);
        return std::move(bytes_);
    }

  private:
    std::size_t limit_;
    std::size_t kept_ = 0;
    std::vector<std::uint8_t> bytes_;
};

constexpr std::size_t kStep = std::size_t{64} << 10U;

// ---- gzip
constexpr int kGzipWindowBits = 15 + 16;
constexpr std::array<std::uint8_t, 3> kGzipMagic{0x1f, 0x8b, 8};

struct InflateEnd {
    void operator()(z_stream* stream) const { inflateEnd(stream); }
};

// Reads one member from the front of `in` and takes it off.
Outcome gunzip_member(ByteView& in, Output& out) {
    z_stream stream{};
    if (inflateInit2(&stream, kGzipWindowBits) != Z_OK)
        return kCorrupt;
    const std::unique_ptr<z_stream, InflateEnd> guard(&stream);
    stream.next_in = const_cast<Bytef*>(in.data());
    stream.avail_in = static_cast<uInt>(in.size());
    int status = Z_OK;
    while (status == Z_OK) {
        const auto room = out.room(kStep);
        if (room.empty())
            return kTooLarge;
        stream.next_out = room.data();
        stream.avail_out = static_cast<uInt>(room.size());
        status = inflate(&stream, Z_NO_FLUSH);
        out.keep(room.size() - stream.avail_out);
    }
    if (status != Z_STREAM_END)
        return kCorrupt;
    in = in.last(stream.avail_in);
    return Done{};
}

Outcome gunzip(ByteView in, Output& out) {
    BSIM_TRY_VOID(gunzip_member(in, out));
    // What follows a member is another one or is ignored.
    while (in.size() > kGzipMagic.size() &&
           std::equal(kGzipMagic.begin(), kGzipMagic.end(), in.begin())) {
        BSIM_TRY_VOID(gunzip_member(in, out));
    }
    return Done{};
}

// ---- snappy
constexpr std::array<std::uint8_t, 8> kXerialMagic{0x82, 'S', 'N', 'A', 'P', 'P', 'Y', 0};
constexpr std::size_t kXerialHeader = 16;
constexpr std::int32_t kOldestXerialReader = 1;
// The first four bytes of the magic, met where a chunk's size is expected: streams put end to end.
constexpr std::uint32_t kXerialMagicHead = 0x82534e41;
// The best that Snappy can do is 64 bytes from a copy of three.
constexpr std::size_t kSnappyBestRatio = 64;

Outcome unsnappy_block(ByteView block, Output& out) {
    const char* const from = as_text(block).data();
    std::size_t size = 0;
    if (snappy_uncompressed_length(from, block.size(), &size) != SNAPPY_OK)
        return kCorrupt;
    if (size > block.size() * kSnappyBestRatio)
        return kCorrupt;
    const auto room = out.room(size);
    if (room.size() < size)
        return kTooLarge;
    // A block of nothing still has to be valid; the library wants a place for it.
    char nothing = 0;
    char* const to = size == 0 ? &nothing : reinterpret_cast<char*>(room.data());
    if (snappy_uncompress(from, block.size(), to, &size) != SNAPPY_OK)
        return kCorrupt;
    out.keep(size);
    return Done{};
}

bool has_xerial_magic(ByteView in) {
    return in.size() >= kXerialHeader &&
           std::equal(kXerialMagic.begin(), kXerialMagic.end(), in.begin());
}

// The header is known to be there; false if a newer library is needed.
bool take_xerial_header(ByteReader& in) {
    in.take_bytes(kXerialMagic.size());
    in.take_i32();
    return in.take_i32() >= kOldestXerialReader;
}

Outcome unsnappy(ByteView bytes, Output& out) {
    if (!has_xerial_magic(bytes))
        return unsnappy_block(bytes, out);
    ByteReader in(bytes);
    if (!take_xerial_header(in))
        return kCorrupt;
    while (in.remaining() >= sizeof(std::int32_t)) {
        const ByteView rest = bytes.subspan(in.position());
        if (load_be<std::uint32_t>(rest.data()) == kXerialMagicHead) {
            if (!has_xerial_magic(rest) || !take_xerial_header(in))
                return kCorrupt;
            continue;
        }
        const std::int32_t size = in.take_i32();
        if (size < 0 || static_cast<std::size_t>(size) > in.remaining())
            return kCorrupt;
        BSIM_TRY_VOID(unsnappy_block(in.take_bytes(static_cast<std::size_t>(size)), out));
    }
    return Done{};
}

// ---- lz4
constexpr std::uint32_t kLz4Magic = 0x184d2204;
constexpr std::uint32_t kLz4Stored = 0x80000000;
constexpr std::uint8_t kLz4FlagsReserved = 0x03;
constexpr std::uint8_t kLz4FlagContentSize = 0x08;
constexpr std::uint8_t kLz4FlagBlockChecksum = 0x10;
constexpr std::uint8_t kLz4FlagContentChecksum = 0x04;
constexpr std::uint8_t kLz4FlagIndependent = 0x20;
constexpr unsigned kLz4Version = 1;
constexpr unsigned kLz4SmallestBlock = 4;  // 64 KiB, then 256 KiB, 1 MiB, 4 MiB

struct Lz4Frame {
    std::uint8_t flags = 0;
    std::size_t block_max = 0;
};

std::uint32_t take_le32(ByteReader& in) {
    const auto big = in.take_u32();
    return big >> 24U | (big >> 8U & 0xff00U) | (big << 8U & 0xff0000U) | big << 24U;
}

Result<Lz4Frame, CompressionError> take_lz4_header(ByteReader& in,
                                                   ByteView bytes,
                                                   bool ignore_checksum) {
    if (take_le32(in) != kLz4Magic)
        return kCorrupt;
    const std::size_t from = in.position();
    Lz4Frame frame;
    frame.flags = in.take_int<std::uint8_t>();
    const auto descriptor = in.take_int<std::uint8_t>();
    const unsigned size_code = descriptor >> 4U;
    const bool known = frame.flags >> 6U == kLz4Version &&
                       (frame.flags & kLz4FlagIndependent) != 0 &&
                       (frame.flags & kLz4FlagsReserved) == 0 && (descriptor & 0x8fU) == 0;
    if (in.failed() || !known || size_code < kLz4SmallestBlock)
        return kCorrupt;
    frame.block_max = std::size_t{1} << (8 + 2 * size_code);
    if ((frame.flags & kLz4FlagContentSize) != 0)
        in.take_bytes(sizeof(std::uint64_t));
    const std::size_t size = in.position() - from;
    const auto checksum = in.take_int<std::uint8_t>();
    if (in.failed())
        return kCorrupt;
    const std::uint32_t hash = XXH32(bytes.data() + from, size, 0);
    if (!ignore_checksum && checksum != static_cast<std::uint8_t>(hash >> 8U))
        return kCorrupt;
    return frame;
}

Outcome unlz4_block(ByteView block, std::size_t block_max, Output& out) {
    const auto room = out.room(block_max);
    const int made =
        LZ4_decompress_safe(as_text(block).data(), reinterpret_cast<char*>(room.data()),
                            static_cast<int>(block.size()), static_cast<int>(room.size()));
    if (made < 0)
        return room.size() < block_max ? kTooLarge : kCorrupt;
    out.keep(static_cast<std::size_t>(made));
    return Done{};
}

Outcome unlz4(ByteView bytes, bool ignore_checksum, Output& out) {
    ByteReader in(bytes);
    BSIM_TRY(const Lz4Frame frame, take_lz4_header(in, bytes, ignore_checksum));
    while (true) {
        const std::uint32_t word = take_le32(in);
        if (in.failed())
            return kCorrupt;
        const std::uint32_t size = word & ~kLz4Stored;
        if (size == 0)
            break;
        const ByteView block = in.take_bytes(size);
        if (in.failed() || size > frame.block_max)
            return kCorrupt;
        if ((word & kLz4Stored) == 0) {
            BSIM_TRY_VOID(unlz4_block(block, frame.block_max, out));
        } else if (!out.append(block)) {
            return kTooLarge;
        }
        if ((frame.flags & kLz4FlagBlockChecksum) != 0 &&
            take_le32(in) != XXH32(block.data(), block.size(), 0)) {
            return kCorrupt;
        }
    }
    if ((frame.flags & kLz4FlagContentChecksum) != 0)
        in.take_u32();
    if (in.failed())
        return kCorrupt;
    return Done{};
}

// ---- zstd
struct ZstdFree {
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

Outcome unzstd(ByteView bytes, Output& out) {
    const std::unique_ptr<ZSTD_DCtx, ZstdFree> context(ZSTD_createDCtx());
    BSIM_CHECK(context != nullptr);
    ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
    std::size_t wanted = 0;  // 0: between two frames
    while (in.pos < in.size || wanted != 0) {
        const auto room = out.room(kStep);
        if (room.empty())
            return kTooLarge;
        ZSTD_outBuffer made{room.data(), room.size(), 0};
        const std::size_t before = in.pos;
        wanted = ZSTD_decompressStream(context.get(), &made, &in);
        if (ZSTD_isError(wanted) != 0)
            return kCorrupt;
        out.keep(made.pos);
        if (wanted != 0 && in.pos == before && made.pos == 0)
            return kCorrupt;
    }
    return Done{};
}

Outcome decompress_to(Codec codec, ByteView bytes, const DecompressOptions& options, Output& out) {
    switch (codec) {
        case Codec::None:
            return out.append(bytes) ? Outcome(Done{}) : Outcome(kTooLarge);
        case Codec::Gzip:
            return gunzip(bytes, out);
        case Codec::Snappy:
            return unsnappy(bytes, out);
        case Codec::Lz4:
            return unlz4(bytes, options.ignore_lz4_header_checksum, out);
        case Codec::Zstd:
            return unzstd(bytes, out);
    }
    return kCorrupt;
}

}  // namespace

Result<std::vector<std::uint8_t>, CompressionError> decompress(Codec codec,
                                                               ByteView bytes,
                                                               const DecompressOptions& options) {
    Output out(options.limit);
    BSIM_TRY_VOID(decompress_to(codec, bytes, options, out));
    return out.take();
}

}  // namespace bsim::wire
