#include "sim/storage/time_index.h"

#include <algorithm>
#include <array>
#include <limits>

namespace bsim {

Stored<TimeIndex> TimeIndex::open(Disk& disk,
                                  const std::string& path,
                                  Offset base,
                                  std::int32_t max_bytes) {
    BSIM_TRY(IndexFile file, IndexFile::open(disk, path, kEntrySize, max_bytes));
    return TimeIndex(std::move(file), base);
}

Stored<Done> TimeIndex::load(const std::string& path) {
    const auto corrupt = [&](const char* what) {
        return Err{StorageError{StorageErrorKind::Corrupt, path, what}};
    };
    if (file_.length() % kEntrySize != 0)
        return corrupt("length is no multiple of 12");
    BSIM_TRY(const std::vector<std::uint8_t> content, file_.read_all());
    slots_.clear();
    slots_.reserve(content.size() / kEntrySize);
    for (std::size_t at = 0; at + kEntrySize <= content.size(); at += kEntrySize) {
        const Slot slot{load_be<std::int64_t>(&content[at]),
                        load_be<std::int32_t>(&content[at + 8])};
        if (slot.relative_offset < 0)
            return corrupt("entry out of range");
        if (!slots_.empty() && (slot.timestamp <= slots_.back().timestamp ||
                                slot.relative_offset < slots_.back().relative_offset)) {
            return corrupt("entries do not rise");
        }
        slots_.push_back(slot);
    }
    return Done{};
}

TimestampOffset TimeIndex::entry(std::int64_t i) const {
    const Slot& slot = slots_[static_cast<std::size_t>(i)];
    return {WallMs(slot.timestamp), base_ + slot.relative_offset};
}

TimestampOffset TimeIndex::last_entry() const {
    return slots_.empty() ? TimestampOffset{WallMs(-1), base_} : entry(entries() - 1);
}

Stored<Done> TimeIndex::maybe_append(const TimestampOffset& entry, bool at_roll) {
    if (entry.timestamp <= last_entry().timestamp)
        return Done{};
    BSIM_CHECK(at_roll || !is_full());
    // A segment whose index has no room at all is rolled while it is empty, without an entry.
    if (entries() >= file_.max_entries())
        return Done{};
    const std::int64_t relative = entry.offset - base_;
    BSIM_CHECK(relative >= 0 && relative <= std::numeric_limits<std::int32_t>::max());
    const Slot slot{entry.timestamp.value(), static_cast<std::int32_t>(relative)};
    std::array<std::uint8_t, kEntrySize> bytes{};
    store_be(&bytes[0], slot.timestamp);
    store_be(&bytes[8], slot.relative_offset);
    BSIM_TRY_VOID(file_.put(entries(), bytes));
    slots_.push_back(slot);
    return Done{};
}

TimestampOffset TimeIndex::lookup(WallMs target) const {
    const auto above = std::upper_bound(
        slots_.begin(), slots_.end(), target.value(),
        [](std::int64_t timestamp, const Slot& slot) { return timestamp < slot.timestamp; });
    if (above == slots_.begin())
        return {WallMs(-1), base_};
    return entry(above - slots_.begin() - 1);
}

void TimeIndex::truncate_to(Offset offset) {
    while (!slots_.empty() && last_entry().offset >= offset)
        slots_.pop_back();
}

Stored<Done> TimeIndex::reset() {
    slots_.clear();
    BSIM_TRY_VOID(file_.resize_to_entries(0));
    return file_.resize_to_max();
}

Stored<Done> TimeIndex::resize_to_max() {
    BSIM_TRY_VOID(trim());
    return file_.resize_to_max();
}

}  // namespace bsim
