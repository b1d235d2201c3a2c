#include "tests/allocations/allocations.h"

#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

std::uint64_t count = 0;

void* counted(void* memory) {
    ++count;
    return memory;
}
void* counted_or_throw(void* memory) {
    if (memory == nullptr)
        throw std::bad_alloc();
    return counted(memory);
}

}  // namespace

std::uint64_t bsim::allocations() {
    return count;
}

// Out of line, since gcc 12 takes an inlined pair of these for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
    return counted_or_throw(std::malloc(size));
}
[[gnu::noinline]] void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return counted(std::malloc(size));
}
[[gnu::noinline]] void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted_or_throw(std::aligned_alloc(static_cast<std::size_t>(alignment), size));
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::align_val_t) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t, std::align_val_t) noexcept {
    std::free(memory);
}
