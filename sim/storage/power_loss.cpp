// What a power failure does to the files below a page cache.

#include <algorithm>
#include <limits>
#include <utility>
#include <variant>

#include "sim/storage/page_cache_disk.h"

namespace bsim {
namespace {

constexpr std::uint64_t kSector = 512;

enum class Fate { Lost, Prefix, Torn, Kept };

// The bytes of a file that are not durable, as one layer.
struct AtRisk {
    ByteRanges dirty;
    std::vector<const SavedBytes*> saved;  // the newest first: what lies deeper is put back last
    std::uint64_t size_before = 0;
    SyncNumber begun_after = std::numeric_limits<SyncNumber>::max();
};

AtRisk at_risk(const CachedFile& file) {
    AtRisk sum;
    sum.size_before = file.size;
    const auto add = [&](const DirtyLayer& layer) {
        if (layer.dirty.empty())
            return;
        for (const ByteRange& range : layer.dirty)
            add_range(sum.dirty, range.from, std::min(range.to, file.size));
        for (const SavedBytes& saved : layer.saved)
            sum.saved.push_back(&saved);
        sum.size_before = std::min(sum.size_before, layer.size_before);
        sum.begun_after = std::min(sum.begun_after, layer.begun_after);
    };
    add(file.open);
    for (auto layer = file.on_the_way.rbegin(); layer != file.on_the_way.rend(); ++layer)
        add(*layer);
    return sum;
}

// Inside of what the file held before a sector arrives as a whole; where it grew, it may end
// anywhere.
ByteRanges behind_first(const ByteRanges& dirty, std::uint64_t kept, std::uint64_t size_before) {
    ByteRanges lost;
    for (const ByteRange& range : dirty) {
        const std::uint64_t here = std::min(kept, range.to - range.from);
        kept -= here;
        std::uint64_t cut = range.from + here;
        if (cut < std::min(range.to, size_before))
            cut = std::max(range.from, cut / kSector * kSector);
        add_range(lost, cut, range.to);
    }
    return lost;
}

ByteRanges some_sectors(const ByteRanges& dirty, const DrawBelow& draw) {
    ByteRanges lost;
    for (const ByteRange& range : dirty) {
        for (std::uint64_t from = range.from; from < range.to;) {
            const std::uint64_t to = std::min((from / kSector + 1) * kSector, range.to);
            if (draw(2) == 0)
                add_range(lost, from, to);
            from = to;
        }
    }
    return lost;
}

ByteRanges choose_lost(Fate fate, const AtRisk& risk, const DrawBelow& draw) {
    const ByteRanges& dirty = risk.dirty;
    switch (fate) {
        case Fate::Lost:
            return dirty;
        case Fate::Prefix:
            return behind_first(dirty, draw(total_bytes(dirty) + 1), risk.size_before);
        case Fate::Torn:
            return some_sectors(dirty, draw);
        case Fate::Kept:
            return {};
    }
    return {};
}

// Where the file ends when the bytes in `lost` did not arrive: behind the last byte that did, or,
// torn, possibly where it ended, with zeros in the place of what is lost.
std::uint64_t end_after(const CachedFile& file,
                        const AtRisk& risk,
                        const ByteRanges& lost,
                        bool keeps_size) {
    if (keeps_size)
        return file.size;
    std::uint64_t end = file.size;
    for (auto range = lost.rbegin(); range != lost.rend() && range->to == end; ++range)
        end = std::max(range->from, std::min(risk.size_before, end));
    return end;
}

Stored<Done> write_zeros(const File& file, std::uint64_t from, std::uint64_t to) {
    const std::vector<std::uint8_t> zeros(std::min<std::uint64_t>(to - from, 1U << 16U));
    while (from < to) {
        const std::uint64_t count = std::min<std::uint64_t>(zeros.size(), to - from);
        BSIM_TRY_VOID(file.write(from, ByteView(zeros).first(count)));
        from += count;
    }
    return Done{};
}

// Puts back what the device had of the bytes in `lost`.
Stored<Done> revert(const File& file,
                    const AtRisk& risk,
                    const ByteRanges& lost,
                    std::uint64_t end) {
    for (const ByteRange& range : lost) {
        const std::uint64_t from = std::max(range.from, risk.size_before);
        if (from < std::min(range.to, end))
            BSIM_TRY_VOID(write_zeros(file, from, std::min(range.to, end)));
        for (const SavedBytes* saved : risk.saved) {
            const std::uint64_t begin = std::max(range.from, saved->at);
            const std::uint64_t stop = std::min({range.to, saved->end(), risk.size_before, end});
            if (begin >= stop)
                continue;
            const ByteView old = ByteView(saved->bytes).subspan(begin - saved->at, stop - begin);
            BSIM_TRY_VOID(file.write(begin, old));
        }
    }
    return Done{};
}

// What was written after `first_lost` had begun, the first sync that did not end, is lost.
Stored<Done> lose_bytes(Disk& below,
                        const CachedFile& file,
                        SyncNumber first_lost,
                        const DrawBelow& draw) {
    const AtRisk risk = at_risk(file);
    if (risk.dirty.empty())
        return Done{};
    auto fate = static_cast<Fate>(draw(4));
    if (risk.begun_after >= first_lost)
        fate = Fate::Lost;
    const bool keeps_size = draw(2) == 1 && fate == Fate::Torn;
    const ByteRanges lost = choose_lost(fate, risk, draw);
    if (lost.empty())
        return Done{};
    const std::uint64_t end = end_after(file, risk, lost, keeps_size);
    BSIM_TRY(const File handle, File::open(below, file.path, OpenMode::Existing));
    if (end < file.size)
        BSIM_TRY_VOID(handle.resize(end));
    return revert(handle, risk, lost, end);
}

}  // namespace

Stored<Done> PageCacheDisk::put_back(const std::string& path, const FileCopy& copy) {
    BSIM_TRY(const File file, File::open(below_, path, OpenMode::Truncate));
    if (!copy.content.empty())
        BSIM_TRY_VOID(file.write(0, copy.content));
    BSIM_TRY_VOID(file.resize(copy.size));
    copy.file->removed = false;
    copy.file->path = path;
    by_path_[path] = copy.file;
    return Done{};
}

Stored<Done> PageCacheDisk::undo(const NameCreated& change) {
    by_path_.erase(change.path);
    return below_.remove(change.path);
}

Stored<Done> PageCacheDisk::undo(const DirMade& change) {
    // Something that the cache does not know of may lie in it.
    static_cast<void>(below_.remove(change.path));
    return Done{};
}

Stored<Done> PageCacheDisk::undo(const DirRemoved& change) {
    return below_.make_dirs(change.path);
}

Stored<Done> PageCacheDisk::undo(const NameRemoved& change) {
    return put_back(change.path, change.was);
}

Stored<Done> PageCacheDisk::undo(const NameRenamed& change) {
    BSIM_TRY_VOID(below_.rename(change.to, change.from));
    move_entries(change.to, change.from);
    for (const FileCopy& copy : change.replaced)
        BSIM_TRY_VOID(put_back(change.to, copy));
    return Done{};
}

Stored<Done> PageCacheDisk::undo(const FileGrown& change) {
    BSIM_TRY(const File file, File::open(below_, change.path, OpenMode::Existing));
    BSIM_TRY_VOID(file.resize(change.size_before));
    if (const auto known = by_path_.find(change.path); known != by_path_.end())
        known->second->cut_to(change.size_before);
    return Done{};
}

Stored<Done> PageCacheDisk::undo(const FileCut& change) {
    const auto known = by_path_.find(change.path);
    BSIM_CHECK(known != by_path_.end());
    CachedFile& cached = *known->second;
    const std::uint64_t kept = std::min(change.size_after, cached.size);
    BSIM_TRY(const File file, File::open(below_, change.path, OpenMode::Existing));
    // What was written behind the cut since then has nowhere to stand.
    BSIM_TRY_VOID(file.resize(kept));
    cached.cut_to(kept);
    if (!change.cut.empty())
        BSIM_TRY_VOID(file.write(change.size_after, change.cut));
    BSIM_TRY_VOID(file.resize(change.size_before));
    if (!change.dirty.empty() && cached.open.dirty.empty())
        cached.open.size_before = change.dirty_size_before;
    for (const ByteRange& range : change.dirty)
        add_range(cached.open.dirty, range.from, range.to);
    cached.size = change.size_before;
    return Done{};
}

Stored<Done> PageCacheDisk::lose_power(SimTime now, const DrawBelow& draw) {
    forget_durable(now);
    // A number of the syncs on their way have ended; whoever waited for the next one did nothing
    // since.
    durable_ += draw(syncs_ - durable_ + 1);
    journal_.forget_durable(durable_);
    const SyncNumber first_lost =
        durable_ == syncs_ ? std::numeric_limits<SyncNumber>::max() : durable_ + 1;
    while (!journal_.empty() && journal_.last_begun_after() >= first_lost)
        BSIM_TRY_VOID(undo_last());
    for (std::uint64_t lost = draw(journal_.size() + 1); lost > 0; --lost)
        BSIM_TRY_VOID(undo_last());
    for (const auto& [path, file] : by_path_) {
        file->forget_durable(durable_);
        BSIM_TRY_VOID(lose_bytes(below_, *file, first_lost, draw));
    }
    make_all_durable();
    by_path_.clear();
    cold_ = true;
    cost_ = IoCost{};
    return Done{};
}

Stored<Done> PageCacheDisk::undo_last() {
    const NameChange last = journal_.take_last();
    return std::visit([this](const auto& change) { return undo(change); }, last);
}

}  // namespace bsim
