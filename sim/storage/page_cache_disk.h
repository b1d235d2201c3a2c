#pragma once
// A Disk decorator that plays the operating system's page cache and journal. Calls pass through to
// the files below at once; remembered is what a power failure would take: bytes not synced and not
// written back, with what stood there before, and changes of names and sizes not committed. It
// counts what everything costs, so that the node can turn the cost into simulated time.
//
// Killing a process keeps the page cache, hence nothing has to be undone then.
//
// Time: calls of one event form a window. The caller ends it by take_cost() and window_ends(),
// which says when the device has what was synced in it.
//
// Promises:
// - What is synced, or written back, by a time that has come survives lose_power(); so do names and
//   sizes changed before it.
// - Of the syncs still on their way a number of the first ones may have ended; what was done after
//   the next one had begun never happened, for whoever waited for it.
// - Of what is not durable, each file keeps nothing, all, a prefix of the bytes in file order
//   (inside of what it held before: of the sectors), or any set of 512-byte sectors, the others as
//   they were (zeros where the file was shorter).
// - Names and sizes: a prefix of the changes survives. A file renamed over another is there or the
//   other one is, whole.
// - Memory: kMaxSaved bytes of old content; beyond that, or when a single change would need more
//   than kMaxSavedAtOnce to be undone, what is open counts as written back early, as a kernel may.
// Not modelled: eviction, and throttling of writers by the amount of dirty memory.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/storage/cached_file.h"
#include "sim/storage/disk.h"
#include "sim/storage/io_cost.h"
#include "sim/storage/name_journal.h"

namespace bsim {

// Uniform in [0, bound), bound > 0.
using DrawBelow = std::function<std::uint64_t(std::uint64_t bound)>;

class PageCacheDisk final : public Disk {
  public:
    static constexpr std::uint64_t kMaxSaved = 64ULL << 20U;
    static constexpr std::uint64_t kMaxSavedAtOnce = 1ULL << 20U;

    // Requires `below` to outlive this.
    explicit PageCacheDisk(Disk& below) : below_(below) {}

    Stored<FileId> open(const std::string& path, OpenMode mode) override;
    void close(FileId file) override;
    Stored<std::uint64_t> size(FileId file) override;
    Stored<std::size_t> read(FileId file, std::uint64_t at, MutableBytes into) override;
    void charge_read(FileId file, std::uint64_t at, std::size_t count) override;
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

    // The cost since the last call.
    IoCost take_cost();
    // The window was at `now`; the device has what was synced in it at `synced`. Nothing: that is
    // not known yet, a later call will tell.
    void window_ends(SimTime now, std::optional<SimTime> synced);
    // The device has at `latest` whatever it was to have later.
    void hasten(SimTime latest);

    struct WriteBack {
        std::vector<std::string> files;  // each as a whole
        std::int64_t bytes = 0;
        bool journal = false;  // changes of names are committed, too
    };
    // Hands the files that were first written at `before` or earlier to the device, and the journal
    // whatever its age; window_ends() says when they arrive.
    WriteBack write_back(SimTime before);

    // The machine loses power. Open files must not be used any more; what is read afterwards comes
    // from the device.
    Stored<Done> lose_power(SimTime now, const DrawBelow& draw);

    // Bytes neither synced nor given to the device for writing back.
    ByteRanges dirty(const std::string& path) const;
    std::uint64_t dirty_bytes() const;
    bool is_dirty(const std::string& path) const;

  private:
    CachedFile& file_of(FileId file);
    Stored<CachedFilePtr> cached(const std::string& path, FileId file);
    Stored<FileCopy> copy_of(const std::string& path);
    Stored<Done> note_write(FileId id, std::uint64_t from, std::uint64_t to);
    Stored<Done> save_old(FileId id, CachedFile& file, std::uint64_t from, std::uint64_t to);
    Stored<Done> cut(FileId id, CachedFile& file, std::uint64_t size);
    void journal(NameChange change) { journal_.add(std::move(change), syncs_); }
    void hand_over(CachedFile& file);
    void forget_durable(SimTime now);
    void make_all_durable();
    void move_entries(const std::string& from, const std::string& to);

    Stored<Done> undo_last();
    Stored<Done> undo(const NameCreated& change);
    Stored<Done> undo(const DirMade& change);
    Stored<Done> undo(const DirRemoved& change);
    Stored<Done> undo(const NameRemoved& change);
    Stored<Done> undo(const NameRenamed& change);
    Stored<Done> undo(const FileGrown& change);
    Stored<Done> undo(const FileCut& change);
    Stored<Done> put_back(const std::string& path, const FileCopy& copy);

    Disk& below_;
    IoCost cost_;
    std::map<std::string, CachedFilePtr, std::less<>> by_path_;
    std::vector<CachedFilePtr> by_id_;      // index: FileId
    std::vector<CachedFilePtr> dirty_;      // since they were last clean; some may be clean again
    std::vector<CachedFilePtr> new_dirty_;  // since the window began
    NameJournal journal_;
    SyncNumber syncs_ = 0;  // have begun
    SyncNumber durable_ = 0;
    // Syncs on their way: when all up to a number have ended.
    std::deque<std::pair<SyncNumber, SimTime>> arrivals_;
    std::uint64_t saved_bytes_ = 0;
    bool cold_ = false;  // files that were there before are not in memory
};

}  // namespace bsim
