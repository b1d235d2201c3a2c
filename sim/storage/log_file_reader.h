#pragma once
// Walks the batches of a `.log` file by position. Damaged content ends a walk, it never fails it:
// an incomplete batch at the end, a length or magic that cannot be, offsets that cannot be either.
// Source: FileLogInputStream.

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <vector>

#include "sim/storage/disk.h"
#include "sim/wire/record_batch.h"

namespace bsim {

// Leaves room to reckon with the offsets of one batch.
inline constexpr std::int64_t kHighestBaseOffset =
    std::numeric_limits<std::int64_t>::max() - (std::int64_t{1} << 32);

// The header, if the batch fits into `room` bytes and its offsets can be reckoned with.
std::optional<wire::BatchHeader> plausible_header(ByteView bytes, std::int64_t room);

// Steps over headers only, reading a few KiB at a time: to find a position near an index entry.
class HeaderScanner {
  public:
    static constexpr std::int64_t kWindow = 8192;  // read at once

    // Scans [from, to). Requires the file to outlive the scanner.
    HeaderScanner(const File& file, std::int64_t from, std::int64_t to)
        : file_(file), next_(from), end_(to) {}

    // Moves to the next whole batch; false at the end.
    Stored<bool> next();
    void restart(std::int64_t from) { next_ = from; }
    const wire::BatchHeader& header() const { return header_; }
    std::int64_t position() const { return position_; }

  private:
    const File& file_;
    std::int64_t next_;
    std::int64_t end_;
    std::int64_t position_ = 0;
    wire::BatchHeader header_;
    std::int64_t window_from_ = 0;
    std::int64_t window_size_ = 0;
    std::array<std::uint8_t, kWindow> window_;
};

// Returns false to stop before this batch.
using BatchVisitor = std::function<Stored<bool>(
    const wire::BatchHeader& header, ByteView batch, std::int64_t position)>;

// Calls `visit` for each whole batch in [from, to). Returns the position behind the last batch that
// was accepted.
Stored<std::int64_t> walk_batches(const File& file,
                                  std::int64_t from,
                                  std::int64_t to,
                                  const BatchVisitor& visit);

}  // namespace bsim
