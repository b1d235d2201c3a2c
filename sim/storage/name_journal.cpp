#include "sim/storage/name_journal.h"

#include <algorithm>

namespace bsim {

void NameJournal::commit(SyncNumber sync) {
    for (; committing_ < entries_.size(); ++committing_)
        entries_[committing_].sync = sync;
}

void NameJournal::forget_durable(SyncNumber durable) {
    while (committing_ > 0 && entries_.front().sync <= durable) {
        entries_.pop_front();
        --committing_;
    }
}

NameChange NameJournal::take_last() {
    NameChange last = std::move(entries_.back().change);
    entries_.pop_back();
    committing_ = std::min(committing_, entries_.size());
    return last;
}

void NameJournal::clear() {
    entries_.clear();
    committing_ = 0;
}

}  // namespace bsim
