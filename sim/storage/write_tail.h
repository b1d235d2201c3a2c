#pragma once
// What was written to a file last and the system has not been given yet: writes, each of which goes
// on where the one before it ended. Many appends then cost one system call, and whoever reads what
// has just been appended, as followers do, none.

#include <cstdint>
#include <cstring>
#include <vector>

#include "sim/base/bytes.h"

namespace bsim {

class WriteTail {
  public:
    // A leader appends 1-KiB records in batches of 16 KiB at 0.85 of the rate of "CRC + write +
    // index" with 8 KiB here, at 1.08 with 256 (ext4).
    static constexpr std::size_t kBytes = 256 * 1024;
    static constexpr std::size_t kLongestWrite = 32 * 1024;

    bool empty() const { return bytes_.empty(); }
    std::uint64_t at() const { return at_; }
    ByteView bytes() const { return bytes_; }

    // Takes a write that goes on where the last one ended, if it is not too long and there is room.
    // Not a file's first one: most files, checkpoints above all, get just that, and whoever writes
    // it hears of a failure at once.
    bool take(std::uint64_t at, ByteView head, ByteView tail) {
        const std::size_t count = head.size() + tail.size();
        if (at != at_ + bytes_.size() || at == 0 || count > kLongestWrite ||
            bytes_.size() + count > kBytes)
            return false;
        bytes_.insert(bytes_.end(), head.begin(), head.end());
        bytes_.insert(bytes_.end(), tail.begin(), tail.end());
        return true;
    }
    // Fills `into` from `at` on, if it is all here.
    bool read(std::uint64_t at, std::span<std::uint8_t> into) const {
        if (into.empty() || at < at_ || at + into.size() > at_ + bytes_.size())
            return false;
        std::memcpy(into.data(), bytes_.data() + (at - at_), into.size());
        return true;
    }
    // The system has all that was written, up to `end`.
    void given(std::uint64_t end) {
        at_ = end;
        bytes_.clear();
    }
    // Gives the memory back, too. Requires empty().
    void release() { bytes_ = std::vector<std::uint8_t>(); }

  private:
    std::uint64_t at_ = 0;
    std::vector<std::uint8_t> bytes_;
};

}  // namespace bsim
