#pragma once
// A Disk decorator that gives a device a size: a write that needs more room than is left puts down
// as much as fits, and fails with NoSpace (ENOSPC). What is removed, cut off or renamed over
// gives its room back. Holes take none, nor do names and directories.
//
// Room is given in blocks of 4 KiB, from a file's start to the end of what was written to it, as on
// ext4. DEVIATION: nothing is reserved for the superuser or for the file system's own tables.
// Requires that all files of the disk below were made through it.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/storage/disk.h"

namespace bsim {

class CapacityDisk final : public Disk {
  public:
    static constexpr std::uint64_t kBlockBytes = 4096;

    // Requires `below` to outlive this.
    CapacityDisk(Disk& below, std::uint64_t capacity) : below_(below), capacity_(capacity) {}

    std::uint64_t used() const { return used_; }
    // Has a write been refused since the last forget_refusal()?
    bool refused() const { return refused_; }
    void forget_refusal() { refused_ = false; }
    // Without a limit, as when the state before a loss of power is put back, which had room.
    void limit(bool on) { limited_ = on; }

    Stored<FileId> open(const std::string& path, OpenMode mode) override;
    void close(FileId file) override;
    Stored<std::uint64_t> size(FileId file) override { return below_.size(file); }
    Stored<std::size_t> read(FileId file, std::uint64_t at, MutableBytes into) override {
        return below_.read(file, at, into);
    }
    Stored<Done> write(FileId file, std::uint64_t at, ByteView bytes) override {
        return write2(file, at, bytes, {});
    }
    Stored<Done> write2(FileId file, std::uint64_t at, ByteView head, ByteView tail) override;
    Stored<Done> resize(FileId file, std::uint64_t size) override;
    Stored<Done> sync(FileId file) override { return below_.sync(file); }
    Stored<Done> rename(const std::string& from, const std::string& to) override;
    Stored<Done> remove(const std::string& path) override;
    Stored<bool> exists(const std::string& path) override { return below_.exists(path); }
    Stored<std::vector<std::string>> list(const std::string& dir) override {
        return below_.list(dir);
    }
    Stored<Done> make_dirs(const std::string& dir) override { return below_.make_dirs(dir); }
    Stored<Done> sync_dir(const std::string& dir) override { return below_.sync_dir(dir); }

  private:
    struct Held {
        std::string path;
        std::uint64_t end = 0;  // of what was written
        bool removed = false;   // its room is given back, though it may be open
    };
    using HeldPtr = std::shared_ptr<Held>;

    void set_end(Held& file, std::uint64_t end);
    void release(const std::string& path);

    Disk& below_;
    std::uint64_t capacity_;
    std::uint64_t used_ = 0;  // whole blocks
    bool limited_ = true;
    bool refused_ = false;
    std::map<std::string, HeldPtr, std::less<>> by_path_;
    std::vector<HeldPtr> by_id_;  // index: FileId
};

}  // namespace bsim
