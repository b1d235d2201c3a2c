#include "sim/storage/page_cache_disk.h"

#include <algorithm>

namespace bsim {
namespace {

// Linux reads ahead so far.
constexpr std::uint64_t kReadAhead = 128 * 1024;

bool is_below(const std::string& path, const std::string& dir_slash) {
    return path.compare(0, dir_slash.size(), dir_slash) == 0;
}

}  // namespace

CachedFile& PageCacheDisk::file_of(FileId file) {
    BSIM_CHECK(file.value() < by_id_.size() && by_id_[file.value()]);
    return *by_id_[file.value()];
}

Stored<CachedFilePtr> PageCacheDisk::cached(const std::string& path, FileId file) {
    BSIM_TRY(const std::uint64_t size, below_.size(file));
    const auto known = by_path_.find(path);
    // Another size means that the file was changed behind the cache's back: a damaged disk.
    if (known != by_path_.end() && known->second->size == size)
        return known->second;
    auto made = std::make_shared<CachedFile>();
    made->path = path;
    made->size = size;
    made->written_end = made->size;
    if (cold_)
        add_range(made->cold, 0, made->size);
    by_path_[path] = made;
    return made;
}

Stored<FileId> PageCacheDisk::open(const std::string& path, OpenMode mode) {
    bool present = true;
    if (mode != OpenMode::Existing) {
        BSIM_TRY(present, below_.exists(path));
    }
    const bool truncate = present && mode == OpenMode::Truncate;
    const OpenMode how = truncate ? OpenMode::Existing : mode;
    BSIM_TRY(const FileId file, below_.open(path, how));
    if (mode != OpenMode::Existing)
        ++cost_.metadata_ops;
    if (!present)
        journal(NameCreated{path});
    Stored<CachedFilePtr> entry = cached(path, file);
    if (!entry.ok()) {
        below_.close(file);
        return Err{entry.error()};
    }
    if (by_id_.size() <= file.value())
        by_id_.resize(file.value() + 1);
    by_id_[file.value()] = *entry;
    if (truncate) {
        const Stored<Done> emptied = cut(file, **entry, 0);
        if (!emptied.ok()) {
            close(file);
            return Err{emptied.error()};
        }
    }
    return file;
}

void PageCacheDisk::close(FileId file) {
    below_.close(file);
    by_id_[file.value()].reset();
}

Stored<std::uint64_t> PageCacheDisk::size(FileId file) {
    return file_of(file).size;
}

Stored<std::size_t> PageCacheDisk::read(FileId id, std::uint64_t at, MutableBytes into) {
    BSIM_TRY(const std::size_t count, below_.read(id, at, into));
    charge_read(id, at, count);
    return count;
}

void PageCacheDisk::charge_read(FileId id, std::uint64_t at, std::size_t count) {
    ++cost_.reads;
    cost_.bytes_read += static_cast<std::int64_t>(count);
    CachedFile& file = file_of(id);
    if (!file.cold.empty() && take_range(file.cold, at, at + count) > 0) {
        // The device is asked for whole stretches, of which later reads find the rest in memory.
        const std::uint64_t from = at / kReadAhead * kReadAhead;
        const std::uint64_t stretches = (at + count - from + kReadAhead - 1) / kReadAhead;
        const std::uint64_t to = std::min(from + stretches * kReadAhead, file.size);
        take_range(file.cold, from, to);
        cost_.device_reads += static_cast<std::int64_t>(stretches);
        cost_.device_bytes_read += static_cast<std::int64_t>(to - from);
    }
}

// Keeps what the device holds of [from, to), for the case that the new bytes do not reach it.
Stored<Done> PageCacheDisk::save_old(FileId id,
                                     CachedFile& file,
                                     std::uint64_t from,
                                     std::uint64_t to) {
    for (const ByteRange& gap : gaps_within(file.open.dirty, from, to)) {
        std::vector<SavedBytes>& all = file.open.saved;
        if (all.empty() || all.back().end() != gap.from)
            all.push_back({gap.from, {}});
        std::vector<std::uint8_t>& into = all.back().bytes;
        const std::size_t known = into.size();
        into.resize(known + (gap.to - gap.from));
        saved_bytes_ += gap.to - gap.from;
        if (gap.from < file.written_end) {
            const MutableBytes bytes(into.data() + known, gap.to - gap.from);
            BSIM_TRY_VOID(below_.read(id, gap.from, bytes));
        }
    }
    return Done{};
}

Stored<Done> PageCacheDisk::note_write(FileId id, std::uint64_t from, std::uint64_t to) {
    CachedFile& file = file_of(id);
    if (from >= to)
        return Done{};
    if (file.open.dirty.empty()) {
        file.open.size_before = file.size;
        file.open.begun_after = syncs_;
        new_dirty_.push_back(by_id_[id.value()]);
        if (!std::exchange(file.listed, true))
            dirty_.push_back(by_id_[id.value()]);
    }
    if (from < file.open.size_before)
        BSIM_TRY_VOID(save_old(id, file, from, std::min(to, file.open.size_before)));
    add_range(file.open.dirty, from, to);
    if (!file.cold.empty())
        take_range(file.cold, from, to);
    file.size = std::max(file.size, to);
    file.written_end = std::max(file.written_end, to);
    if (saved_bytes_ > kMaxSaved)
        make_all_durable();
    return Done{};
}

Stored<Done> PageCacheDisk::write(FileId file, std::uint64_t at, ByteView bytes) {
    return write2(file, at, bytes, {});
}

Stored<Done> PageCacheDisk::write2(FileId file, std::uint64_t at, ByteView head, ByteView tail) {
    const std::size_t count = head.size() + tail.size();
    // Noted before the outcome is known: a write that failed may have reached the file in part.
    BSIM_TRY_VOID(note_write(file, at, at + count));
    const Stored<Done> written = below_.write2(file, at, head, tail);
    if (!written.ok()) {
        BSIM_TRY(const std::uint64_t size, below_.size(file));
        if (size < file_of(file).size)
            file_of(file).cut_to(size);
        return written;
    }
    ++cost_.writes;
    cost_.bytes_written += static_cast<std::int64_t>(count);
    return Done{};
}

Stored<Done> PageCacheDisk::cut(FileId id, CachedFile& file, std::uint64_t size) {
    const std::uint64_t end = std::max(size, file.written_end);
    if (end - size > kMaxSavedAtOnce) {
        BSIM_TRY_VOID(below_.resize(id, size));
        file.cut_to(size);
        make_all_durable();
        return Done{};
    }
    FileCut change;
    change.path = file.path;
    change.size_before = file.size;
    change.size_after = size;
    change.cut.resize(end - size);
    change.dirty_size_before = file.open.size_before;
    BSIM_TRY_VOID(below_.read(id, size, change.cut));
    BSIM_TRY_VOID(below_.resize(id, size));
    for (const ByteRange& range : file.open.dirty)
        add_range(change.dirty, std::max(range.from, size), std::max(range.to, size));
    file.cut_to(size);
    journal(std::move(change));
    return Done{};
}

Stored<Done> PageCacheDisk::resize(FileId id, std::uint64_t size) {
    CachedFile& file = file_of(id);
    if (size < file.size) {
        BSIM_TRY_VOID(cut(id, file, size));
    } else {
        // A hole costs the device nothing.
        BSIM_TRY_VOID(below_.resize(id, size));
        if (size > file.size)
            journal(FileGrown{file.path, file.size});
        file.size = size;
    }
    ++cost_.metadata_ops;
    return Done{};
}

// Closes the open layer; the sync in hand brings it to the device.
void PageCacheDisk::hand_over(CachedFile& file) {
    saved_bytes_ -= file.forget_durable(durable_);
    if (!file.is_dirty())
        return;
    file.on_the_way.push_back(std::exchange(file.open, DirtyLayer{}));
    file.on_the_way.back().sync = syncs_;
}

Stored<Done> PageCacheDisk::sync(FileId id) {
    BSIM_TRY_VOID(below_.sync(id));
    CachedFile& file = file_of(id);
    if (!file.is_dirty() && !journal_.has_open()) {
        ++cost_.idle_fsyncs;
        return Done{};
    }
    ++cost_.fsyncs;
    cost_.fsynced_bytes += static_cast<std::int64_t>(total_bytes(file.open.dirty));
    ++syncs_;
    hand_over(file);
    journal_.commit(syncs_);
    return Done{};
}

Stored<Done> PageCacheDisk::sync_dir(const std::string& dir) {
    BSIM_TRY_VOID(below_.sync_dir(dir));
    if (!journal_.has_open()) {
        ++cost_.idle_fsyncs;
        return Done{};
    }
    ++cost_.fsyncs;
    journal_.commit(++syncs_);
    return Done{};
}

void PageCacheDisk::move_entries(const std::string& from, const std::string& to) {
    std::vector<std::pair<std::string, CachedFilePtr>> moved;
    const std::string below = from + "/";
    const auto take = [&](auto at) {
        moved.emplace_back(to + at->first.substr(from.size()), std::move(at->second));
        return by_path_.erase(at);
    };
    if (const auto single = by_path_.find(from); single != by_path_.end())
        take(single);
    for (auto at = by_path_.lower_bound(below);
         at != by_path_.end() && is_below(at->first, below);) {
        at = take(at);
    }
    for (auto& [path, file] : moved) {
        file->path = path;
        by_path_[path] = std::move(file);
    }
}

// The file under this path; its content too, if it is small enough.
Stored<FileCopy> PageCacheDisk::copy_of(const std::string& path) {
    BSIM_TRY(const FileId id, below_.open(path, OpenMode::Existing));
    const auto read_it = [&]() -> Stored<FileCopy> {
        BSIM_TRY(const CachedFilePtr file, cached(path, id));
        FileCopy copy{file, {}, file->size};
        if (file->written_end <= kMaxSavedAtOnce) {
            copy.content.resize(file->written_end);
            BSIM_TRY_VOID(below_.read(id, 0, copy.content));
        }
        return copy;
    };
    Stored<FileCopy> copy = read_it();
    below_.close(id);
    return copy;
}

Stored<Done> PageCacheDisk::rename(const std::string& from, const std::string& to) {
    NameRenamed change{from, to, {}};
    Stored<FileCopy> over = copy_of(to);  // fails for what is not there, and for directories
    BSIM_TRY_VOID(below_.rename(from, to));
    ++cost_.metadata_ops;
    if (over.ok()) {
        over->file->removed = true;
        by_path_.erase(to);
    }
    move_entries(from, to);
    if (over.ok() && over->content.size() < over->file->written_end) {
        make_all_durable();
        return Done{};
    }
    if (over.ok())
        change.replaced.push_back(std::move(*over));
    journal(std::move(change));
    return Done{};
}

Stored<Done> PageCacheDisk::remove(const std::string& path) {
    Stored<FileCopy> copy = copy_of(path);
    BSIM_TRY_VOID(below_.remove(path));
    ++cost_.metadata_ops;
    if (!copy.ok()) {
        journal(DirRemoved{path});
        return Done{};
    }
    copy->file->removed = true;
    by_path_.erase(path);
    if (copy->content.size() < copy->file->written_end) {
        make_all_durable();
    } else {
        journal(NameRemoved{path, std::move(*copy)});
    }
    return Done{};
}

Stored<bool> PageCacheDisk::exists(const std::string& path) {
    return below_.exists(path);
}

Stored<std::vector<std::string>> PageCacheDisk::list(const std::string& dir) {
    return below_.list(dir);
}

Stored<Done> PageCacheDisk::make_dirs(const std::string& dir) {
    ++cost_.metadata_ops;
    std::vector<std::string> missing;
    for (std::string part = dir; !part.empty(); part = parent_path(part)) {
        BSIM_TRY(const bool present, below_.exists(part));
        if (present)
            break;
        missing.push_back(part);
    }
    BSIM_TRY_VOID(below_.make_dirs(dir));
    for (auto part = missing.rbegin(); part != missing.rend(); ++part)
        journal(DirMade{*part});
    return Done{};
}

IoCost PageCacheDisk::take_cost() {
    return std::exchange(cost_, IoCost{});
}

void PageCacheDisk::window_ends(SimTime now, std::optional<SimTime> synced) {
    for (const CachedFilePtr& file : new_dirty_)
        file->dirty_since = now;
    new_dirty_.clear();
    const SyncNumber timed = arrivals_.empty() ? durable_ : arrivals_.back().first;
    if (synced && syncs_ > timed)
        arrivals_.emplace_back(syncs_, *synced);
    forget_durable(now);
}

void PageCacheDisk::hasten(SimTime latest) {
    for (auto& [number, at] : arrivals_)
        at = std::min(at, latest);
}

void PageCacheDisk::forget_durable(SimTime now) {
    while (!arrivals_.empty() && arrivals_.front().second <= now) {
        durable_ = arrivals_.front().first;
        arrivals_.pop_front();
    }
    journal_.forget_durable(durable_);
}

PageCacheDisk::WriteBack PageCacheDisk::write_back(SimTime before) {
    WriteBack out;
    std::vector<CachedFilePtr> kept;
    ++syncs_;
    for (const CachedFilePtr& file : dirty_) {
        const bool stays = file->is_dirty() && !file->removed && file->dirty_since > before;
        file->listed = stays;
        if (stays) {
            kept.push_back(file);
            continue;
        }
        if (!file->is_dirty() || file->removed)
            continue;
        out.files.push_back(file->path);
        out.bytes += static_cast<std::int64_t>(total_bytes(file->open.dirty));
        hand_over(*file);
    }
    dirty_ = std::move(kept);
    out.journal = journal_.has_open();
    journal_.commit(syncs_);
    return out;
}

void PageCacheDisk::make_all_durable() {
    for (const auto& [path, file] : by_path_) {
        file->open = DirtyLayer{};
        file->on_the_way.clear();
        file->listed = false;
    }
    dirty_.clear();
    new_dirty_.clear();
    journal_.clear();
    arrivals_.clear();
    durable_ = syncs_;
    saved_bytes_ = 0;
}

ByteRanges PageCacheDisk::dirty(const std::string& path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? ByteRanges() : found->second->open.dirty;
}

bool PageCacheDisk::is_dirty(const std::string& path) const {
    const auto found = by_path_.find(path);
    return found != by_path_.end() && found->second->is_dirty();
}

std::uint64_t PageCacheDisk::dirty_bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [path, file] : by_path_)
        sum += total_bytes(file->open.dirty);
    return sum;
}

}  // namespace bsim
