#include "sim/storage/index_file.h"

namespace bsim {

Stored<IndexFile> IndexFile::open(Disk& disk,
                                  const std::string& path,
                                  std::uint32_t entry_size,
                                  std::int32_t max_bytes) {
    IndexFile index;
    index.entry_size_ = entry_size;
    index.max_bytes_ = max_bytes;
    BSIM_TRY(const bool present, disk.exists(path));
    BSIM_TRY(index.file_, File::open(disk, path, OpenMode::Create));
    if (present) {
        BSIM_TRY(const std::uint64_t size, index.file_.size());
        index.length_ = static_cast<std::int64_t>(size);
    } else {
        index.created_ = true;
        BSIM_TRY_VOID(index.resize_to_max());
    }
    return index;
}

Stored<std::vector<std::uint8_t>> IndexFile::read_all() const {
    std::vector<std::uint8_t> content(static_cast<std::size_t>(length_));
    BSIM_TRY(const std::size_t count, file_.read(0, content));
    content.resize(count);
    return content;
}

Stored<Done> IndexFile::put(std::int64_t slot, ByteView entry) {
    BSIM_CHECK(entry.size() == entry_size_ && slot < max_entries());
    return file_.write(static_cast<std::uint64_t>(slot) * entry_size_, entry);
}

Stored<Done> IndexFile::resize_to_entries(std::int64_t entries) {
    const std::int64_t length = entries * entry_size_;
    if (length == length_)
        return Done{};
    BSIM_TRY_VOID(file_.resize(static_cast<std::uint64_t>(length)));
    length_ = length;
    return Done{};
}

Stored<Done> IndexFile::resize_to_max() {
    return resize_to_entries(std::int64_t{max_bytes_} / entry_size_);
}

}  // namespace bsim
