#include "sim/check/history_values.h"

#include <algorithm>
#include <iterator>

namespace bsim {

namespace {

constexpr std::size_t kFirstTable = 1024;

}  // namespace

HistoryValues::HistoryValues() : table_(kFirstTable, kNoValue) {}

// Where the value stands, or the free place where it would.
std::size_t HistoryValues::slot_of(std::uint64_t hash) const {
    const std::size_t mask = table_.size() - 1;
    std::size_t slot = hash & mask;
    while (table_[slot] != kNoValue && values_[table_[slot]].hash != hash)
        slot = (slot + 1) & mask;
    return slot;
}

ValueIndex HistoryValues::find(std::uint64_t hash) const {
    return table_[slot_of(hash)];
}

ValueIndex HistoryValues::add(std::uint64_t hash) {
    const auto index = static_cast<ValueIndex>(values_.size());
    const std::size_t slot = slot_of(hash);
    values_.emplace_back().hash = hash;
    if (table_[slot] == kNoValue) {
        table_[slot] = index;
        if (++used_ * 5 > table_.size() * 3)
            grow();
    }
    return index;
}

void HistoryValues::grow() {
    std::vector<ValueIndex> old(table_.size() * 2, kNoValue);
    old.swap(table_);
    for (const ValueIndex index : old) {
        if (index != kNoValue)
            table_[slot_of(values_[index].hash)] = index;
    }
}

HistoryOffsets::Page* HistoryOffsets::find_page(std::int64_t number) {
    if (number != last_number_) {
        const auto page = pages_.find(number);
        if (page == pages_.end())
            return nullptr;
        last_number_ = number;
        last_ = &page->second;
    }
    return last_;
}

ValueIndex HistoryOffsets::at(Offset offset) {
    const Page* const page = find_page(offset.value() / kPage);
    return page == nullptr ? kNoValue : (*page)[static_cast<std::size_t>(offset.value() % kPage)];
}

void HistoryOffsets::set(Offset offset, ValueIndex value) {
    const std::int64_t number = offset.value() / kPage;
    Page* page = find_page(number);
    if (page == nullptr) {
        page = &pages_[number];
        page->fill(kNoValue);
    }
    (*page)[static_cast<std::size_t>(offset.value() % kPage)] = value;
}

std::optional<Offset> HistoryOffsets::first_known(Offset from, Offset to) const {
    for (auto page = pages_.lower_bound(from.value() / kPage); page != pages_.end(); ++page) {
        const std::int64_t base = page->first * kPage;
        const std::int64_t begin = std::max(from.value(), base);
        const std::int64_t end = std::min(to.value(), base + kPage);
        if (begin >= to.value())
            break;
        for (std::int64_t offset = begin; offset < end; ++offset) {
            if (page->second[static_cast<std::size_t>(offset - base)] != kNoValue)
                return Offset(offset);
        }
    }
    return std::nullopt;
}

void OffsetRanges::add(Offset from, Offset to) {
    auto next = ranges_.upper_bound(from);
    if (next != ranges_.begin() && std::prev(next)->second >= from) {
        --next;
        from = next->first;
        to = std::max(to, next->second);
    }
    while (next != ranges_.end() && next->first <= to) {
        to = std::max(to, next->second);
        next = ranges_.erase(next);
    }
    ranges_[from] = to;
}

bool OffsetRanges::contains(Offset offset) const {
    const auto next = ranges_.upper_bound(offset);
    return next != ranges_.begin() && std::prev(next)->second > offset;
}

}  // namespace bsim
