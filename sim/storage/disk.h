#pragma once
// The seam between storage and the machine's files: everything that storage does to a disk goes
// through one virtual call here, so that a decorator can count it, fail it or lose it.
// Paths are relative to the disk's root, with '/' between their parts, without "." or "..".
// Positions and sizes are bytes. Every call returns an error instead of throwing; after an error a
// write may have reached the file in part. Files are opened by id: an implementation may close and
// reopen the descriptor behind it at any time, and an id follows its file through rename().

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/strong.h"
#include "sim/storage/storage_error.h"

namespace bsim {

using FileId = Strong<struct FileIdTag, std::uint32_t>;
using MutableBytes = std::span<std::uint8_t>;

enum class OpenMode : std::uint8_t {
    Existing,  // NotFound if absent
    Create,    // made empty if absent, kept if present
    Truncate,  // made empty in either case
};

class Disk {
  public:
    virtual ~Disk() = default;

    virtual Stored<FileId> open(const std::string& path, OpenMode mode) = 0;
    // Releases the id. Never fails: what cannot be written then, later calls report.
    virtual void close(FileId file) = 0;

    virtual Stored<std::uint64_t> size(FileId file) = 0;
    // Reads up to into.size() bytes; fewer only where the file ends.
    virtual Stored<std::size_t> read(FileId file, std::uint64_t at, MutableBytes into) = 0;
    // Counts a read for a caller who knows what it would give: the simulated machine reads, ours
    // need not.
    virtual void charge_read(FileId /*file*/, std::uint64_t /*at*/, std::size_t /*count*/) {}
    virtual Stored<Done> write(FileId file, std::uint64_t at, ByteView bytes) = 0;
    // Writes `head` and `tail` one after the other as a single operation.
    virtual Stored<Done> write2(FileId file, std::uint64_t at, ByteView head, ByteView tail) = 0;
    // Sets the size; what is added reads as zeros and takes no room on the device (sparse).
    virtual Stored<Done> resize(FileId file, std::uint64_t size) = 0;
    virtual Stored<Done> sync(FileId file) = 0;

    virtual Stored<Done> rename(const std::string& from, const std::string& to) = 0;
    // Removes a file, or a directory that is empty.
    virtual Stored<Done> remove(const std::string& path) = 0;
    virtual Stored<bool> exists(const std::string& path) = 0;
    // Names in a directory, sorted by their bytes; sub-folders included.
    virtual Stored<std::vector<std::string>> list(const std::string& dir) = 0;
    virtual Stored<Done> make_dirs(const std::string& dir) = 0;
    // Makes creations, renames and removals inside `dir` durable.
    virtual Stored<Done> sync_dir(const std::string& dir) = 0;
};

// An open file; closes itself. Requires the disk to outlive it.
class File {
  public:
    File() = default;
    static Stored<File> open(Disk& disk, const std::string& path, OpenMode mode);
    ~File() { close(); }
    File(File&& other) noexcept : disk_(std::exchange(other.disk_, nullptr)), id_(other.id_) {}
    File& operator=(File&& other) noexcept;
    File(const File&) = delete;
    File& operator=(const File&) = delete;

    bool is_open() const { return disk_ != nullptr; }
    void close();

    Stored<std::uint64_t> size() const { return disk_->size(id_); }
    Stored<std::size_t> read(std::uint64_t at, MutableBytes into) const {
        return disk_->read(id_, at, into);
    }
    void charge_read(std::uint64_t at, std::size_t count) const {
        disk_->charge_read(id_, at, count);
    }
    Stored<Done> write(std::uint64_t at, ByteView bytes) const {
        return disk_->write(id_, at, bytes);
    }
    Stored<Done> write2(std::uint64_t at, ByteView head, ByteView tail) const {
        return disk_->write2(id_, at, head, tail);
    }
    Stored<Done> resize(std::uint64_t size) const { return disk_->resize(id_, size); }
    Stored<Done> sync() const { return disk_->sync(id_); }

  private:
    File(Disk& disk, FileId id) : disk_(&disk), id_(id) {}

    Disk* disk_ = nullptr;
    FileId id_;
};

// "a/b" + "c" = "a/b/c"; an empty directory stands for the root.
std::string join_path(std::string_view dir, std::string_view name);
// "a/b/c" -> "a/b"; "c" -> "".
std::string parent_path(std::string_view path);

}  // namespace bsim
