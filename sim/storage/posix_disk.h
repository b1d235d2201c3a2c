#pragma once
// A Disk on real files below one directory: the only code of storage that calls the system.
// At most `max_open` descriptors are open at a time; the one used longest ago is closed first and
// reopened when needed, so that ten thousand partitions fit under the usual limit of the process.
// sync() and sync_dir() do not wait for the machine's own device: what a simulated crash takes is
// decided by the layers above, and the run's files need not outlive the machine.
// Which names there are is asked of the system once per directory (known_names.h).
// Appends wait in memory until more have come (write_tail.h), at most until flush(), until the
// file's descriptor is closed, until it is opened again, cut, measured, written to elsewhere or
// read around them, until 256 KiB wait in it, or 4 MiB have come to wait in all files.
// If the system refuses them then, that error is kept: each later call for an open file and flush()
// report it. Not thread-safe. Errors carry the name of the call and the system's text.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "sim/storage/disk.h"
#include "sim/storage/known_names.h"
#include "sim/storage/mapped_page.h"
#include "sim/storage/write_tail.h"

namespace bsim {

inline constexpr std::uint32_t kDefaultMaxOpenDescriptors = 512;

class PosixDisk final : public Disk {
  public:
    // `root` is made if absent. Requires max_open >= 1.
    static Stored<std::unique_ptr<PosixDisk>> open_root(const std::string& root,
                                                        std::uint32_t max_open);
    ~PosixDisk() override;
    PosixDisk(const PosixDisk&) = delete;
    PosixDisk& operator=(const PosixDisk&) = delete;

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

    // Gives the system what waits to be written.
    Stored<Done> flush();
    // Required after somebody else has made, renamed or removed anything below the root.
    void forget_names() { names_ = KnownNames(); }

    std::uint32_t open_descriptors() const { return open_count_; }

  private:
    static constexpr std::uint32_t kNone = ~0U;
    struct Entry {
        std::string path;
        int fd = -1;
        bool used = false;
        bool alone = true;  // no other id was open on the file since this one is
        WriteTail tail;     // empty while the descriptor is closed, or not alone
        // Where index entries go at present, as long as the descriptor is open. Mapped at the
        // second entry in a row that goes there: a system call each would cost a fifth of an append
        // of 16 KiB.
        MappedPage page;
        std::uint64_t page_of_last_entry = ~0ULL;  // by number
        // Neighbours in the list of open descriptors, most recent first.
        std::uint32_t newer = kNone;
        std::uint32_t older = kNone;
    };

    PosixDisk(std::string root, std::uint32_t max_open)
        : root_(std::move(root)), max_open_(max_open) {}

    std::string absolute(std::string_view path) const;
    Stored<int> descriptor(FileId file);
    Stored<Done> write_out(Entry& entry, std::uint64_t at, ByteView head, ByteView tail);
    Stored<Done> flush(Entry& entry);
    void note_entry(Entry& entry, std::uint64_t at);
    void unmap_pages(const std::string& path);
    Stored<int> open_descriptor(const std::string& path, int flags);
    void link_newest(std::uint32_t index);
    void unlink(std::uint32_t index);
    void drop_descriptor(std::uint32_t index);
    void make_room();
    void repath(const std::string& from, const std::string& to);

    std::string root_;
    KnownNames names_;
    std::uint32_t max_open_;
    std::uint32_t open_count_ = 0;
    std::vector<Entry> entries_;
    std::vector<std::uint32_t> free_;
    std::multimap<std::string, std::uint32_t> by_path_;
    std::uint32_t newest_ = kNone;
    std::uint32_t oldest_ = kNone;
    std::size_t waited_ = 0;            // bytes that came to wait since all were flushed
    std::optional<StorageError> lost_;  // a write that nobody was told of
};

}  // namespace bsim
