#include "sim/storage/atomic_file.h"

namespace bsim {

Stored<std::string> read_file(Disk& disk, const std::string& path) {
    BSIM_TRY(const File file, File::open(disk, path, OpenMode::Existing));
    BSIM_TRY(const std::uint64_t size, file.size());
    std::string content(size, '\0');
    const MutableBytes into(reinterpret_cast<std::uint8_t*>(content.data()), content.size());
    BSIM_TRY(const std::size_t count, file.read(0, into));
    content.resize(count);
    return content;
}

Stored<Done> write_file_synced(Disk& disk, const std::string& path, std::string_view content) {
    BSIM_TRY(const File file, File::open(disk, path, OpenMode::Truncate));
    if (!content.empty())
        BSIM_TRY_VOID(file.write(0, as_bytes(content)));
    return file.sync();
}

Stored<Done> write_file_atomically(Disk& disk, const std::string& path, std::string_view content) {
    const std::string temporary = path + ".tmp";
    BSIM_TRY_VOID(write_file_synced(disk, temporary, content));
    BSIM_TRY_VOID(disk.rename(temporary, path));
    return disk.sync_dir(parent_path(path));
}

Stored<Done> remove_if_exists(Disk& disk, const std::string& path) {
    Stored<Done> removed = disk.remove(path);
    if (!removed.ok() && removed.error().kind == StorageErrorKind::NotFound)
        return Done{};
    return removed;
}

}  // namespace bsim
