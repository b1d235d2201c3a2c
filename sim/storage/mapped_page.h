#pragma once
// One page of a file in memory, for many small writes into the same place: index entries. They then
// cost a copy instead of a system call each. Who reads the file sees them at once.
// Requires that the page exists on the device (somebody has written to it), as there is no way to
// report that it cannot be made; and that the file is not cut short of it while it is mapped.

#include <cstdint>
#include <utility>

#include "sim/base/bytes.h"

namespace bsim {

class MappedPage {
  public:
    static constexpr std::uint64_t kBytes = 4096;

    MappedPage() = default;
    // Maps the page with this byte; nothing is mapped if the system will not, or if the file ends
    // within the page.
    static MappedPage of(int descriptor, std::uint64_t at);
    ~MappedPage();
    MappedPage(MappedPage&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), begin_(other.begin_) {}
    MappedPage& operator=(MappedPage&& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(begin_, other.begin_);
        return *this;
    }
    MappedPage(const MappedPage&) = delete;
    MappedPage& operator=(const MappedPage&) = delete;

    // Writes the bytes if all of them go into the page.
    bool write(std::uint64_t at, ByteView bytes) {
        if (data_ == nullptr || at < begin_ || at + bytes.size() > begin_ + kBytes)
            return false;
        std::memcpy(data_ + (at - begin_), bytes.data(), bytes.size());
        return true;
    }

  private:
    std::uint8_t* data_ = nullptr;
    std::uint64_t begin_ = 0;
};

}  // namespace bsim
