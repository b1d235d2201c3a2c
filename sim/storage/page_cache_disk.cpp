#include "sim/storage/page_cache_disk.h"

#include <algorithm>

namespace bsim {

IoCost& IoCost::operator+=(const IoCost& other) {
    writes += other.writes;
    bytes_written += other.bytes_written;
    reads += other.reads;
    bytes_read += other.bytes_read;
    fsyncs += other.fsyncs;
    fsynced_bytes += other.fsynced_bytes;
    metadata_ops += other.metadata_ops;
    return *this;
}

namespace {

std::uint64_t total(const std::vector<DirtyRange>& ranges) {
    std::uint64_t sum = 0;
    for (const DirtyRange& range : ranges)
        sum += range.to - range.from;
    return sum;
}

// Adds [from, to) to a sorted list of disjoint ranges, joining what touches.
void add_range(std::vector<DirtyRange>& ranges, std::uint64_t from, std::uint64_t to) {
    if (from >= to)
        return;
    // Appending to the end of a log is the common case.
    if (!ranges.empty() && ranges.back().to == from) {
        ranges.back().to = to;
        return;
    }
    auto first = std::lower_bound(ranges.begin(), ranges.end(), from,
                                  [](const DirtyRange& r, std::uint64_t at) { return r.to < at; });
    auto last = first;
    while (last != ranges.end() && last->from <= to) {
        from = std::min(from, last->from);
        to = std::max(to, last->to);
        ++last;
    }
    first = ranges.erase(first, last);
    ranges.insert(first, DirtyRange{from, to});
}

void cut_ranges(std::vector<DirtyRange>& ranges, std::uint64_t size) {
    while (!ranges.empty() && ranges.back().from >= size)
        ranges.pop_back();
    if (!ranges.empty())
        ranges.back().to = std::min(ranges.back().to, size);
}

}  // namespace

PageCacheDisk::Pages& PageCacheDisk::pages_of(FileId file) {
    BSIM_CHECK(file.value() < by_file_.size() && by_file_[file.value()]);
    return *by_file_[file.value()];
}

void PageCacheDisk::mark(FileId file, std::uint64_t from, std::uint64_t to) {
    add_range(pages_of(file).dirty, from, to);
}

Stored<FileId> PageCacheDisk::open(const std::string& path, OpenMode mode) {
    BSIM_TRY(const FileId file, below_.open(path, mode));
    if (mode != OpenMode::Existing)
        ++cost_.metadata_ops;
    std::shared_ptr<Pages>& pages = by_path_[path];
    if (!pages)
        pages = std::make_shared<Pages>();
    if (mode == OpenMode::Truncate)
        pages->dirty.clear();
    if (by_file_.size() <= file.value())
        by_file_.resize(file.value() + 1);
    by_file_[file.value()] = pages;
    return file;
}

void PageCacheDisk::close(FileId file) {
    below_.close(file);
    by_file_[file.value()].reset();
}

Stored<std::uint64_t> PageCacheDisk::size(FileId file) {
    return below_.size(file);
}

Stored<std::size_t> PageCacheDisk::read(FileId file, std::uint64_t at, MutableBytes into) {
    BSIM_TRY(const std::size_t count, below_.read(file, at, into));
    ++cost_.reads;
    cost_.bytes_read += static_cast<std::int64_t>(count);
    return count;
}

Stored<Done> PageCacheDisk::write(FileId file, std::uint64_t at, ByteView bytes) {
    return write2(file, at, bytes, {});
}

Stored<Done> PageCacheDisk::write2(FileId file, std::uint64_t at, ByteView head, ByteView tail) {
    const std::size_t count = head.size() + tail.size();
    // Marked before the outcome is known: a write that failed may have reached the file in part.
    mark(file, at, at + count);
    BSIM_TRY_VOID(below_.write2(file, at, head, tail));
    ++cost_.writes;
    cost_.bytes_written += static_cast<std::int64_t>(count);
    return Done{};
}

Stored<Done> PageCacheDisk::resize(FileId file, std::uint64_t size) {
    BSIM_TRY(const std::uint64_t before, below_.size(file));
    BSIM_TRY_VOID(below_.resize(file, size));
    ++cost_.metadata_ops;
    // Growing makes a hole, which costs the device nothing; only the new size is yet to be synced.
    if (size < before)
        cut_ranges(pages_of(file).dirty, size);
    return Done{};
}

Stored<Done> PageCacheDisk::sync(FileId file) {
    BSIM_TRY_VOID(below_.sync(file));
    ++cost_.fsyncs;
    cost_.fsynced_bytes += static_cast<std::int64_t>(total(pages_of(file).dirty));
    pages_of(file).dirty.clear();
    return Done{};
}

Stored<Done> PageCacheDisk::rename(const std::string& from, const std::string& to) {
    BSIM_TRY_VOID(below_.rename(from, to));
    ++cost_.metadata_ops;
    const auto single = by_path_.find(from);
    if (single != by_path_.end()) {
        by_path_[to] = std::move(single->second);
        by_path_.erase(single);
    }
    // A directory takes its files along.
    const std::string below = from + "/";
    for (auto at = by_path_.lower_bound(below);
         at != by_path_.end() && at->first.compare(0, below.size(), below) == 0;) {
        std::string moved = to + at->first.substr(from.size());
        std::shared_ptr<Pages> pages = std::move(at->second);
        at = by_path_.erase(at);
        by_path_[std::move(moved)] = std::move(pages);
    }
    return Done{};
}

Stored<Done> PageCacheDisk::remove(const std::string& path) {
    BSIM_TRY_VOID(below_.remove(path));
    ++cost_.metadata_ops;
    by_path_.erase(path);
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
    return below_.make_dirs(dir);
}

Stored<Done> PageCacheDisk::sync_dir(const std::string& dir) {
    BSIM_TRY_VOID(below_.sync_dir(dir));
    ++cost_.fsyncs;
    return Done{};
}

IoCost PageCacheDisk::take_cost() {
    return std::exchange(cost_, IoCost{});
}

std::vector<DirtyRange> PageCacheDisk::dirty(const std::string& path) const {
    const auto found = by_path_.find(path);
    return found == by_path_.end() ? std::vector<DirtyRange>() : found->second->dirty;
}

std::uint64_t PageCacheDisk::dirty_bytes() const {
    std::uint64_t sum = 0;
    for (const auto& [path, pages] : by_path_)
        sum += total(pages->dirty);
    return sum;
}

}  // namespace bsim
