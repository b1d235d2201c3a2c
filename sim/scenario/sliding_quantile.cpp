#include "sim/scenario/sliding_quantile.h"

#include <iterator>

namespace bsim {

void SlidingQuantile::add(SimTime now, SimDuration value) {
    entries_.push_back({now, value});
    const bool low = !low_.empty() && value <= *low_.rbegin();
    (low ? low_ : high_).insert(value);
    balance();
}

void SlidingQuantile::forget(SimTime until) {
    while (!entries_.empty() && entries_.front().came <= until) {
        const SimDuration value = entries_.front().value;
        entries_.pop_front();
        // One of those that are equal: which of them makes no difference.
        auto& side = value <= *low_.rbegin() ? low_ : high_;
        side.erase(side.find(value));
        balance();
    }
}

void SlidingQuantile::balance() {
    const auto count = static_cast<std::int64_t>(entries_.size());
    const std::int64_t rank = count / 1000 * permille_ + (count % 1000 * permille_ + 999) / 1000;
    const auto wanted = static_cast<std::size_t>(rank);
    while (low_.size() < wanted)
        low_.insert(high_.extract(high_.begin()));
    while (low_.size() > wanted)
        high_.insert(low_.extract(std::prev(low_.end())));
}

std::optional<SimDuration> SlidingQuantile::value() const {
    return low_.empty() ? std::nullopt : std::optional(*low_.rbegin());
}

std::optional<SimTime> SlidingQuantile::oldest() const {
    return entries_.empty() ? std::nullopt : std::optional(entries_.front().came);
}

}  // namespace bsim
