#include "sim/storage/posix_disk.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

namespace bsim {
namespace {

// What is not longer is taken for an index entry: they have 8 and 12 bytes, batches above 61.
constexpr std::size_t kLongestEntry = 16;
// In all files of a disk, of which a large cluster has tens of thousands.
constexpr std::size_t kMostWaiting = 4 * 1024 * 1024;

Err<StorageError> failure(std::string_view path, std::string_view call, int code) {
    StorageErrorKind kind = StorageErrorKind::Io;
    if (code == ENOENT)
        kind = StorageErrorKind::NotFound;
    std::string detail(call);
    detail += ": ";
    detail += std::strerror(code);
    return Err{StorageError{kind, std::string(path), std::move(detail)}};
}

// Drops `done` bytes from the front of what is left to write.
void advance(iovec*& first, int& count, std::size_t done) {
    while (count > 0 && done >= first->iov_len) {
        done -= first->iov_len;
        ++first;
        --count;
    }
    if (count > 0) {
        first->iov_base = static_cast<char*>(first->iov_base) + done;
        first->iov_len -= done;
    }
}

}  // namespace

Stored<std::unique_ptr<PosixDisk>> PosixDisk::open_root(const std::string& root,
                                                        std::uint32_t max_open) {
    BSIM_CHECK(max_open >= 1);
    std::unique_ptr<PosixDisk> disk(new PosixDisk(root, max_open));
    for (std::size_t at = 1; at != std::string::npos;) {
        at = root.find('/', at);
        const bool made = ::mkdir(root.substr(0, at).c_str(), 0755) == 0;
        if (!made && errno != EEXIST)
            return failure("", "mkdir", errno);
        if (at != std::string::npos)
            ++at;
        else if (made)
            disk->names_.made("");
    }
    return disk;
}

PosixDisk::~PosixDisk() {
    for (Entry& entry : entries_) {
        if (entry.fd < 0)
            continue;
        static_cast<void>(flush(entry));  // who wants to know has called flush()
        ::close(entry.fd);
    }
}

std::string PosixDisk::absolute(std::string_view path) const {
    return join_path(root_, path);
}

Stored<int> PosixDisk::open_descriptor(const std::string& path, int flags) {
    make_room();
    const int fd = ::open(absolute(path).c_str(), flags | O_CLOEXEC, 0644);
    if (fd < 0)
        return failure(path, "open", errno);
    return fd;
}

void PosixDisk::make_room() {
    while (open_count_ >= max_open_)
        drop_descriptor(oldest_);
}

void PosixDisk::drop_descriptor(std::uint32_t index) {
    unlink(index);
    static_cast<void>(flush(entries_[index]));  // lost_ has its error
    entries_[index].tail = WriteTail();
    entries_[index].page = MappedPage();
    ::close(entries_[index].fd);
    entries_[index].fd = -1;
    --open_count_;
}

void PosixDisk::link_newest(std::uint32_t index) {
    Entry& entry = entries_[index];
    entry.newer = kNone;
    entry.older = newest_;
    if (newest_ != kNone)
        entries_[newest_].newer = index;
    newest_ = index;
    if (oldest_ == kNone)
        oldest_ = index;
}

void PosixDisk::unlink(std::uint32_t index) {
    Entry& entry = entries_[index];
    (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
    (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
}

Stored<FileId> PosixDisk::open(const std::string& path, OpenMode mode) {
    if (mode == OpenMode::Existing && names_.has(path) == false)
        return failure(path, "open", ENOENT);
    int flags = O_RDWR;
    if (mode != OpenMode::Existing)
        flags |= O_CREAT;
    if (mode == OpenMode::Truncate) {
        flags |= O_TRUNC;
        unmap_pages(path);
    }
    const auto [from, to] = by_path_.equal_range(path);
    for (auto at = from; at != to; ++at) {
        BSIM_TRY_VOID(flush(entries_[at->second]));
        entries_[at->second].alone = false;
    }
    const bool alone = from == to;
    BSIM_TRY(const int fd, open_descriptor(path, flags));
    std::uint32_t index = 0;
    if (free_.empty()) {
        index = static_cast<std::uint32_t>(entries_.size());
        entries_.emplace_back();
    } else {
        index = free_.back();
        free_.pop_back();
    }
    Entry& entry = entries_[index];
    entry.path = path;
    entry.fd = fd;
    entry.used = true;
    entry.alone = alone;
    by_path_.emplace(path, index);
    if (mode != OpenMode::Existing)
        names_.appeared(path);
    ++open_count_;
    link_newest(index);
    return FileId(index);
}

void PosixDisk::close(FileId file) {
    const std::uint32_t index = file.value();
    BSIM_CHECK(index < entries_.size() && entries_[index].used);
    if (entries_[index].fd >= 0)
        drop_descriptor(index);
    auto [at, end] = by_path_.equal_range(entries_[index].path);
    while (at != end && at->second != index)
        ++at;
    BSIM_CHECK(at != end);
    by_path_.erase(at);
    entries_[index] = Entry{};
    free_.push_back(index);
}

Stored<int> PosixDisk::descriptor(FileId file) {
    const std::uint32_t index = file.value();
    BSIM_CHECK(index < entries_.size() && entries_[index].used);
    if (lost_)
        return Err{*lost_};
    if (entries_[index].fd < 0) {
        BSIM_TRY(entries_[index].fd, open_descriptor(entries_[index].path, O_RDWR));
        ++open_count_;
        link_newest(index);
    } else if (newest_ != index) {
        unlink(index);
        link_newest(index);
    }
    return entries_[index].fd;
}

Stored<std::uint64_t> PosixDisk::size(FileId file) {
    BSIM_TRY(const int fd, descriptor(file));
    BSIM_TRY_VOID(flush(entries_[file.value()]));
    struct stat info {};
    if (::fstat(fd, &info) != 0)
        return failure(entries_[file.value()].path, "fstat", errno);
    return static_cast<std::uint64_t>(info.st_size);
}

Stored<std::size_t> PosixDisk::read(FileId file, std::uint64_t at, MutableBytes into) {
    BSIM_TRY(const int fd, descriptor(file));
    if (entries_[file.value()].tail.read(at, into))
        return into.size();
    BSIM_TRY_VOID(flush(entries_[file.value()]));
    std::size_t done = 0;
    while (done < into.size()) {
        const ssize_t count =
            ::pread(fd, into.data() + done, into.size() - done, static_cast<off_t>(at + done));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failure(entries_[file.value()].path, "pread", errno);
        if (count == 0)
            break;
        done += static_cast<std::size_t>(count);
    }
    return done;
}

Stored<Done> PosixDisk::write(FileId file, std::uint64_t at, ByteView bytes) {
    return write2(file, at, bytes, {});
}

Stored<Done> PosixDisk::write2(FileId file, std::uint64_t at, ByteView head, ByteView tail) {
    BSIM_TRY_VOID(descriptor(file));
    Entry& entry = entries_[file.value()];
    if (tail.empty() && head.size() <= kLongestEntry) {
        BSIM_TRY_VOID(flush(entry));
        if (entry.page.write(at, head))
            return Done{};
        BSIM_TRY_VOID(write_out(entry, at, head, {}));
        note_entry(entry, at);
        return Done{};
    }
    if (entry.alone && entry.tail.take(at, head, tail)) {
        waited_ += head.size() + tail.size();
        return waited_ < kMostWaiting ? Done{} : flush();
    }
    BSIM_TRY_VOID(flush(entry));
    return write_out(entry, at, head, tail);
}

// Requires that nothing waits, unless it is what is written.
Stored<Done> PosixDisk::write_out(Entry& entry, std::uint64_t at, ByteView head, ByteView tail) {
    // iovec has no const variant; pwritev only reads.
    iovec parts[2] = {{const_cast<std::uint8_t*>(head.data()), head.size()},
                      {const_cast<std::uint8_t*>(tail.data()), tail.size()}};
    iovec* first = parts;
    int count = 2;
    advance(first, count, 0);
    while (count > 0) {
        const ssize_t done = ::pwritev(entry.fd, first, count, static_cast<off_t>(at));
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return failure(entry.path, "pwrite", errno);
        at += static_cast<std::uint64_t>(done);
        advance(first, count, static_cast<std::size_t>(done));
    }
    entry.tail.given(at);
    return Done{};
}

Stored<Done> PosixDisk::flush(Entry& entry) {
    if (entry.tail.empty())
        return Done{};
    const Stored<Done> written = write_out(entry, entry.tail.at(), entry.tail.bytes(), {});
    if (!written.ok()) {
        lost_ = written.error();
        entry.tail.given(entry.tail.at());
    }
    return written;
}

Stored<Done> PosixDisk::flush() {
    waited_ = 0;
    for (Entry& entry : entries_) {
        if (entry.tail.empty())
            entry.tail.release();  // nothing has come since the last time
        BSIM_TRY_VOID(flush(entry));
    }
    if (lost_)
        return Err{*lost_};
    return Done{};
}

// The page with this byte has just been written to.
void PosixDisk::note_entry(Entry& entry, std::uint64_t at) {
    const std::uint64_t page = at / MappedPage::kBytes;
    if (std::exchange(entry.page_of_last_entry, page) == page)
        entry.page = MappedPage::of(entry.fd, at);
}

// Nothing may be mapped of a file that is about to be cut, under whichever id.
void PosixDisk::unmap_pages(const std::string& path) {
    const auto [from, to] = by_path_.equal_range(path);
    for (auto at = from; at != to; ++at)
        entries_[at->second].page = MappedPage();
}

Stored<Done> PosixDisk::resize(FileId file, std::uint64_t size) {
    BSIM_TRY(const int fd, descriptor(file));
    BSIM_TRY_VOID(flush(entries_[file.value()]));
    unmap_pages(entries_[file.value()].path);
    if (::ftruncate(fd, static_cast<off_t>(size)) != 0) {
        return failure(entries_[file.value()].path, "ftruncate", errno);
    }
    return Done{};
}

Stored<Done> PosixDisk::sync(FileId file) {
    BSIM_CHECK(file.value() < entries_.size() && entries_[file.value()].used);
    if (lost_)
        return Err{*lost_};
    return Done{};
}

Stored<Done> PosixDisk::rename(const std::string& from, const std::string& to) {
    if (::rename(absolute(from).c_str(), absolute(to).c_str()) != 0) {
        return failure(from, "rename", errno);
    }
    repath(from, to);
    names_.renamed(from, to);
    return Done{};
}

// Open files follow their names, those below a renamed directory too.
void PosixDisk::repath(const std::string& from, const std::string& to) {
    std::vector<std::multimap<std::string, std::uint32_t>::node_type> moved;
    const std::string below = from + "/";
    for (auto at = by_path_.lower_bound(from); at != by_path_.end() && at->first == from;) {
        moved.push_back(by_path_.extract(at++));
    }
    for (auto at = by_path_.lower_bound(below);
         at != by_path_.end() && at->first.compare(0, below.size(), below) == 0;) {
        moved.push_back(by_path_.extract(at++));
    }
    for (auto& node : moved) {
        node.key().replace(0, from.size(), to);
        entries_[node.mapped()].path = node.key();
        by_path_.insert(std::move(node));
    }
}

Stored<Done> PosixDisk::remove(const std::string& path) {
    const std::string full = absolute(path);
    if (::unlink(full.c_str()) != 0) {
        if (errno != EISDIR && errno != EPERM)
            return failure(path, "unlink", errno);
        if (::rmdir(full.c_str()) != 0)
            return failure(path, "rmdir", errno);
    }
    names_.removed(path);
    return Done{};
}

Stored<bool> PosixDisk::exists(const std::string& path) {
    if (const auto known = names_.has(path))
        return *known;
    if (::access(absolute(path).c_str(), F_OK) == 0)
        return true;
    if (errno == ENOENT || errno == ENOTDIR)
        return false;
    return failure(path, "access", errno);
}

Stored<std::vector<std::string>> PosixDisk::list(const std::string& dir) {
    if (const auto* const known = names_.in(dir))
        return *known;
    DIR* stream = ::opendir(absolute(dir).c_str());
    if (stream == nullptr)
        return failure(dir, "opendir", errno);
    std::vector<std::string> names;
    errno = 0;
    while (const dirent* entry = ::readdir(stream)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..")
            names.emplace_back(name);
    }
    const int code = errno;
    ::closedir(stream);
    if (code != 0)
        return failure(dir, "readdir", code);
    std::sort(names.begin(), names.end());
    names_.listed(dir, names);
    return names;
}

Stored<Done> PosixDisk::make_dirs(const std::string& dir) {
    for (std::size_t end = 0; end < dir.size();) {
        end = std::min(dir.find('/', end + 1), dir.size());
        const std::string part = dir.substr(0, end);
        if (names_.in(part) != nullptr)
            continue;
        if (::mkdir(absolute(part).c_str(), 0755) == 0)
            names_.made(part);
        else if (errno != EEXIST)
            return failure(dir, "mkdir", errno);
    }
    return Done{};
}

Stored<Done> PosixDisk::sync_dir(const std::string& dir) {
    if (names_.in(dir) == nullptr && ::access(absolute(dir).c_str(), F_OK) != 0)
        return failure(dir, "access", errno);
    return Done{};
}

}  // namespace bsim
