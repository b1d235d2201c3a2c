#include "sim/storage/mapped_page.h"

#include <sys/mman.h>
#include <sys/stat.h>

namespace bsim {

MappedPage MappedPage::of(int descriptor, std::uint64_t at) {
    MappedPage page;
    page.begin_ = at / kBytes * kBytes;
    struct stat info {};
    const bool whole = ::fstat(descriptor, &info) == 0 &&
                       static_cast<std::uint64_t>(info.st_size) >= page.begin_ + kBytes;
    if (!whole)
        return page;
    void* data = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor,
                        static_cast<off_t>(page.begin_));
    if (data != MAP_FAILED)
        page.data_ = static_cast<std::uint8_t*>(data);
    return page;
}

MappedPage::~MappedPage() {
    if (data_ != nullptr)
        ::munmap(data_, kBytes);
}

}  // namespace bsim
