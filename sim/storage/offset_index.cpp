#include "sim/storage/offset_index.h"

#include <algorithm>
#include <array>
#include <limits>

namespace bsim {

Stored<OffsetIndex> OffsetIndex::open(Disk& disk,
                                      const std::string& path,
                                      Offset base,
                                      std::int32_t max_bytes) {
    BSIM_TRY(IndexFile file, IndexFile::open(disk, path, kEntrySize, max_bytes));
    return OffsetIndex(std::move(file), base);
}

Stored<Done> OffsetIndex::load(const std::string& path, std::int64_t log_bytes) {
    const auto corrupt = [&](const char* what) {
        return Err{StorageError{StorageErrorKind::Corrupt, path, what}};
    };
    if (file_.length() % kEntrySize != 0)
        return corrupt("length is no multiple of 8");
    BSIM_TRY(const std::vector<std::uint8_t> content, file_.read_all());
    slots_.clear();
    slots_.reserve(content.size() / kEntrySize);
    for (std::size_t at = 0; at + kEntrySize <= content.size(); at += kEntrySize) {
        const Slot slot{load_be<std::int32_t>(&content[at]),
                        load_be<std::int32_t>(&content[at + 4])};
        if (slot.relative_offset < 0 || slot.position < 0 || slot.position >= log_bytes) {
            return corrupt("entry out of range");
        }
        if (!slots_.empty() && (slot.relative_offset <= slots_.back().relative_offset ||
                                slot.position <= slots_.back().position)) {
            return corrupt("entries do not rise");
        }
        slots_.push_back(slot);
    }
    return Done{};
}

bool OffsetIndex::can_append(Offset offset) const {
    const std::int64_t relative = offset - base_;
    return relative >= 0 && relative <= std::numeric_limits<std::int32_t>::max();
}

OffsetPosition OffsetIndex::entry(std::int64_t i) const {
    const Slot& slot = slots_[static_cast<std::size_t>(i)];
    return {base_ + slot.relative_offset, slot.position};
}

Offset OffsetIndex::last_offset() const {
    return slots_.empty() ? base_ : base_ + slots_.back().relative_offset;
}

Stored<Done> OffsetIndex::append(Offset offset, std::int64_t position) {
    BSIM_CHECK(!is_full() && can_append(offset) && (slots_.empty() || offset > last_offset()));
    const Slot slot{static_cast<std::int32_t>(offset - base_), static_cast<std::int32_t>(position)};
    std::array<std::uint8_t, kEntrySize> bytes{};
    store_be(&bytes[0], slot.relative_offset);
    store_be(&bytes[4], slot.position);
    BSIM_TRY_VOID(file_.put(entries(), bytes));
    slots_.push_back(slot);
    return Done{};
}

std::int64_t OffsetIndex::entries_up_to(Offset target) const {
    const auto above = std::upper_bound(
        slots_.begin(), slots_.end(), target - base_,
        [](std::int64_t relative, const Slot& slot) { return relative < slot.relative_offset; });
    return above - slots_.begin();
}

OffsetPosition OffsetIndex::lookup(Offset target) const {
    const std::int64_t count = entries_up_to(target);
    return count == 0 ? OffsetPosition{base_, 0} : entry(count - 1);
}

void OffsetIndex::truncate_to(Offset offset) {
    while (!slots_.empty() && last_offset() >= offset)
        slots_.pop_back();
}

Stored<Done> OffsetIndex::reset() {
    slots_.clear();
    // Through an empty file, so that no old entry shows up behind the new ones.
    BSIM_TRY_VOID(file_.resize_to_entries(0));
    return file_.resize_to_max();
}

Stored<Done> OffsetIndex::resize_to_max() {
    BSIM_TRY_VOID(trim());
    return file_.resize_to_max();
}

}  // namespace bsim
