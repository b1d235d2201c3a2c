#include "sim/storage/disk.h"

namespace bsim {

Stored<File> File::open(Disk& disk, const std::string& path, OpenMode mode) {
    BSIM_TRY(const FileId id, disk.open(path, mode));
    return File(disk, id);
}

File& File::operator=(File&& other) noexcept {
    if (this != &other) {
        close();
        disk_ = std::exchange(other.disk_, nullptr);
        id_ = other.id_;
    }
    return *this;
}

void File::close() {
    if (disk_ != nullptr)
        std::exchange(disk_, nullptr)->close(id_);
}

std::string join_path(std::string_view dir, std::string_view name) {
    std::string path(dir);
    if (!path.empty())
        path += '/';
    path += name;
    return path;
}

std::string parent_path(std::string_view path) {
    const std::size_t slash = path.rfind('/');
    return slash == std::string_view::npos ? std::string() : std::string(path.substr(0, slash));
}

}  // namespace bsim
