#include "sim/storage/capacity_disk.h"

#include <algorithm>
#include <utility>

namespace bsim {
namespace {

std::uint64_t room_of(std::uint64_t end) {
    const std::uint64_t blocks = (end + CapacityDisk::kBlockBytes - 1) / CapacityDisk::kBlockBytes;
    return blocks * CapacityDisk::kBlockBytes;
}

}  // namespace

void CapacityDisk::set_end(Held& file, std::uint64_t end) {
    if (!file.removed)
        used_ = used_ - room_of(file.end) + room_of(end);
    file.end = end;
}

Stored<FileId> CapacityDisk::open(const std::string& path, OpenMode mode) {
    BSIM_TRY(const FileId id, below_.open(path, mode));
    HeldPtr& file = by_path_[path];
    if (!file)
        file = std::make_shared<Held>(Held{path});
    if (mode == OpenMode::Truncate)
        set_end(*file, 0);
    if (by_id_.size() <= id.value())
        by_id_.resize(id.value() + 1);
    by_id_[id.value()] = file;
    return id;
}

void CapacityDisk::close(FileId file) {
    below_.close(file);
    by_id_[file.value()].reset();
}

Stored<Done> CapacityDisk::write2(FileId id, std::uint64_t at, ByteView head, ByteView tail) {
    Held& file = *by_id_[id.value()];
    const std::uint64_t end = at + head.size() + tail.size();
    const std::uint64_t room = room_of(file.end);
    const std::uint64_t left = capacity_ > used_ ? capacity_ - used_ : 0;
    const std::uint64_t most = room + left / kBlockBytes * kBlockBytes;
    if (end > most && end > room && limited_ && !file.removed) {
        const std::uint64_t fits = std::max(most, at) - at;
        const ByteView first = head.first(std::min<std::size_t>(head.size(), fits));
        const ByteView second = tail.first(std::min<std::size_t>(tail.size(), fits - first.size()));
        if (fits > 0) {
            BSIM_TRY_VOID(below_.write2(id, at, first, second));
            set_end(file, std::max(file.end, at + fits));
        }
        refused_ = true;
        return Err{
            StorageError{StorageErrorKind::NoSpace, file.path, "write: No space left on device"}};
    }
    BSIM_TRY_VOID(below_.write2(id, at, head, tail));
    set_end(file, std::max(file.end, end));
    return Done{};
}

Stored<Done> CapacityDisk::resize(FileId id, std::uint64_t size) {
    BSIM_TRY_VOID(below_.resize(id, size));
    Held& file = *by_id_[id.value()];
    set_end(file, std::min(file.end, size));
    return Done{};
}

void CapacityDisk::release(const std::string& path) {
    const auto found = by_path_.find(path);
    if (found == by_path_.end())
        return;
    set_end(*found->second, 0);
    found->second->removed = true;
    by_path_.erase(found);
}

Stored<Done> CapacityDisk::rename(const std::string& from, const std::string& to) {
    BSIM_TRY_VOID(below_.rename(from, to));
    if (from == to)
        return Done{};
    release(to);
    // A directory takes its files along.
    const std::string below_from = from + "/";
    std::vector<HeldPtr> moved;
    for (auto at = by_path_.lower_bound(from); at != by_path_.end();) {
        const bool is_inside = at->first.starts_with(below_from);
        if (at->first != from && !is_inside && !at->first.starts_with(from))
            break;
        if (at->first == from || is_inside) {
            moved.push_back(at->second);
            at = by_path_.erase(at);
        } else {
            ++at;
        }
    }
    for (const HeldPtr& file : moved) {
        file->path = to + file->path.substr(from.size());
        by_path_[file->path] = file;
    }
    return Done{};
}

Stored<Done> CapacityDisk::remove(const std::string& path) {
    BSIM_TRY_VOID(below_.remove(path));
    release(path);
    return Done{};
}

}  // namespace bsim
