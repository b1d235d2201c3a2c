#include "sim/storage/log_file_reader.h"

#include <algorithm>

namespace bsim {

std::optional<wire::BatchHeader> plausible_header(ByteView bytes, std::int64_t room) {
    const auto parsed = wire::parse_batch_header(bytes);
    if (!parsed.ok())
        return {};
    const bool fits = static_cast<std::int64_t>(parsed->size_in_bytes()) <= room;
    const bool offsets = parsed->base_offset >= 0 && parsed->base_offset <= kHighestBaseOffset &&
                         parsed->last_offset_delta >= 0;
    if (!fits || !offsets)
        return {};
    return *parsed;
}

Stored<bool> HeaderScanner::next() {
    constexpr auto kHeader = static_cast<std::int64_t>(wire::kBatchOverhead);
    if (end_ - next_ < kHeader)
        return false;
    if (next_ < window_from_ || next_ + kHeader > window_from_ + window_size_) {
        const auto wanted = std::min<std::int64_t>(end_ - next_, std::ssize(window_));
        BSIM_TRY(const std::size_t count,
                 file_.read(static_cast<std::uint64_t>(next_),
                            MutableBytes(window_).first(static_cast<std::size_t>(wanted))));
        window_from_ = next_;
        window_size_ = static_cast<std::int64_t>(count);
        if (window_size_ < kHeader)
            return false;
    }
    const auto in_window = static_cast<std::size_t>(next_ - window_from_);
    const auto header = plausible_header(
        ByteView(window_).subspan(in_window, static_cast<std::size_t>(kHeader)), end_ - next_);
    if (!header)
        return false;
    header_ = *header;
    position_ = next_;
    next_ += static_cast<std::int64_t>(header_.size_in_bytes());
    return true;
}

Stored<std::int64_t> walk_batches(const File& file,
                                  std::int64_t from,
                                  std::int64_t to,
                                  const BatchVisitor& visit) {
    constexpr std::size_t kChunk = 256 * 1024;
    std::vector<std::uint8_t> buffer;
    std::size_t held = 0;  // bytes of the file at `position` that are in the buffer, from `begin`
    std::size_t begin = 0;
    std::int64_t position = from;
    // Makes at least `count` bytes available if the range has them; false if it ends before.
    const auto fill = [&](std::size_t count) -> Stored<bool> {
        if (held >= count)
            return true;
        if (to - position < static_cast<std::int64_t>(count))
            return false;
        const std::size_t left = static_cast<std::size_t>(to - position);
        const std::size_t wanted = std::min(left, std::max(count, kChunk));
        std::copy_n(buffer.begin() + static_cast<std::ptrdiff_t>(begin), held, buffer.begin());
        begin = 0;
        if (buffer.size() < wanted)
            buffer.resize(wanted);
        BSIM_TRY(const std::size_t got,
                 file.read(static_cast<std::uint64_t>(position) + held,
                           MutableBytes(buffer).subspan(held, wanted - held)));
        held += got;
        return held >= count;
    };
    while (position < to) {
        BSIM_TRY(const bool has_header, fill(wire::kBatchOverhead));
        if (!has_header)
            break;
        const auto header =
            plausible_header(ByteView(buffer).subspan(begin, wire::kBatchOverhead), to - position);
        if (!header)
            break;
        const std::size_t size = header->size_in_bytes();
        BSIM_TRY(const bool whole, fill(size));
        if (!whole)
            break;
        BSIM_TRY(const bool accepted,
                 visit(*header, ByteView(buffer).subspan(begin, size), position));
        if (!accepted)
            break;
        begin += size;
        held -= size;
        position += static_cast<std::int64_t>(size);
    }
    return position;
}

}  // namespace bsim
