#pragma once
// A Disk decorator that plays the operating system's page cache: writes pass through at once and
// are remembered as dirty until the file is synced. It counts what everything costs, so that the
// node can turn the cost into simulated time. Killing a process keeps the page cache, hence
// nothing has to be undone then; what is still dirty is what a power loss may take.
// Promise: dirty(path) lists exactly the byte ranges written since the last successful sync, sorted
// and disjoint; it follows a rename and ends with a removal.

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sim/storage/disk.h"
#include "sim/storage/io_cost.h"

namespace bsim {

struct DirtyRange {
    std::uint64_t from = 0;
    std::uint64_t to = 0;  // exclusive
    bool operator==(const DirtyRange&) const = default;
};

class PageCacheDisk final : public Disk {
  public:
    // Requires `below` to outlive this.
    explicit PageCacheDisk(Disk& below) : below_(below) {}

    Stored<FileId> open(const std::string& path, OpenMode mode) override;
    void close(FileId file) override;
    Stored<std::uint64_t> size(FileId file) override;
    Stored<std::size_t> read(FileId file, std::uint64_t at, MutableBytes into) override;
    Stored<Done> write(FileId file, std::uint64_t at, ByteView bytes) override;
    Stored<Done> write2(FileId file, std::uint64_t at, ByteView head, ByteView tail) override;
    Stored<Done> resize(FileId file, std::uint64_t size) override;
    Stored<Done> sync(FileId file) override;
    Stored<Done> rename(const std::string& from, const std::string& to) override;
    Stored<Done> remove(const std::string& path) override;
    Stored<bool> exists(const std::string& path) override;
    Stored<std::vector<std::string>> list(const std::string& dir) override;
    Stored<Done> make_dirs(const std::string& dir) override;
    Stored<Done> sync_dir(const std::string& dir) override;

    // The cost since the last call; starts a new window.
    IoCost take_cost();

    std::vector<DirtyRange> dirty(const std::string& path) const;
    std::uint64_t dirty_bytes() const;

  private:
    // Dirty state outlives the handle: closing a file does not write it back.
    struct Pages {
        std::vector<DirtyRange> dirty;
    };

    Pages& pages_of(FileId file);
    void mark(FileId file, std::uint64_t from, std::uint64_t to);

    Disk& below_;
    IoCost cost_;
    std::map<std::string, std::shared_ptr<Pages>, std::less<>> by_path_;
    std::vector<std::shared_ptr<Pages>> by_file_;  // index: FileId
};

}  // namespace bsim
