#include "sim/storage/leader_epoch_cache.h"

#include <algorithm>

#include "sim/storage/log_files.h"

namespace bsim {

Stored<LeaderEpochCache> LeaderEpochCache::open(Disk& disk, const std::string& dir) {
    LeaderEpochCache cache(disk, join_path(dir, kLeaderEpochCheckpoint));
    { BSIM_TRY(const File touched, File::open(disk, cache.path_, OpenMode::Create)); }
    BSIM_TRY(const std::vector<EpochEntry> entries, read_epoch_checkpoint(disk, cache.path_));
    for (const EpochEntry& entry : entries) {
        if (entry.epoch < LeaderEpoch(0) || entry.start < Offset(0)) {
            return Err{StorageError{StorageErrorKind::Corrupt, cache.path_, "negative entry"}};
        }
        cache.apply(entry);
    }
    return cache;
}

bool LeaderEpochCache::apply(const EpochEntry& entry) {
    if (!entries_.empty() && entries_.back().epoch == entry.epoch &&
        entries_.back().start <= entry.start) {
        return false;
    }
    while (!entries_.empty() &&
           (entries_.back().epoch >= entry.epoch || entries_.back().start >= entry.start)) {
        entries_.pop_back();
    }
    entries_.push_back(entry);
    return true;
}

Stored<Done> LeaderEpochCache::persist() {
    return write_epoch_checkpoint(*disk_, path_, entries_);
}

Stored<Done> LeaderEpochCache::assign(LeaderEpoch epoch, Offset start) {
    BSIM_CHECK(epoch >= LeaderEpoch(0) && start >= Offset(0));
    if (!apply({epoch, start}))
        return Done{};
    return persist();
}

std::optional<LeaderEpoch> LeaderEpochCache::latest_epoch() const {
    if (entries_.empty())
        return {};
    return entries_.back().epoch;
}

std::optional<EpochEntry> LeaderEpochCache::earliest_entry() const {
    if (entries_.empty())
        return {};
    return entries_.front();
}

std::optional<LeaderEpoch> LeaderEpochCache::epoch_for_offset(Offset offset) const {
    std::optional<LeaderEpoch> found;
    for (const EpochEntry& entry : entries_) {
        if (entry.start > offset)
            break;
        found = entry.epoch;
    }
    return found;
}

std::optional<EpochEnd> LeaderEpochCache::end_offset_for(LeaderEpoch requested,
                                                         Offset log_end) const {
    if (entries_.empty() || requested < LeaderEpoch(0))
        return {};
    if (entries_.back().epoch == requested)
        return EpochEnd{requested, log_end};
    const auto higher =
        std::upper_bound(entries_.begin(), entries_.end(), requested,
                         [](LeaderEpoch e, const EpochEntry& entry) { return e < entry.epoch; });
    if (higher == entries_.end())
        return {};
    const LeaderEpoch floor = higher == entries_.begin() ? requested : std::prev(higher)->epoch;
    return EpochEnd{floor, higher->start};
}

Stored<Done> LeaderEpochCache::truncate_from_end(Offset end) {
    const std::size_t before = entries_.size();
    while (!entries_.empty() && entries_.back().start >= end)
        entries_.pop_back();
    if (entries_.size() == before)
        return Done{};
    return persist();
}

Stored<Done> LeaderEpochCache::truncate_from_start(Offset start) {
    const auto kept = std::find_if(entries_.begin(), entries_.end(),
                                   [&](const EpochEntry& entry) { return entry.start > start; });
    if (kept == entries_.begin())
        return Done{};
    const auto last = std::prev(kept);
    // Kafka rewrites the file in this case too; it would come out the same.
    if (last == entries_.begin() && last->start == start)
        return Done{};
    last->start = start;
    entries_.erase(entries_.begin(), last);
    return persist();
}

Stored<Done> LeaderEpochCache::clear() {
    entries_.clear();
    return persist();
}

}  // namespace bsim
