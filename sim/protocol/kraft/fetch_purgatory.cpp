#include "sim/protocol/kraft/fetch_purgatory.h"

#include <algorithm>

namespace bsim::kraft {

namespace {

template <class Condition, class Key>
std::vector<FetchPurgatory::Parked> take(std::vector<FetchPurgatory::Parked>& from,
                                         Condition condition,
                                         Key key) {
    std::vector<FetchPurgatory::Parked> taken;
    std::vector<FetchPurgatory::Parked> kept;
    for (FetchPurgatory::Parked& fetch : from) {
        (condition(fetch) ? taken : kept).push_back(std::move(fetch));
    }
    from = std::move(kept);
    std::stable_sort(taken.begin(), taken.end(),
                     [key](const auto& a, const auto& b) { return key(a) < key(b); });
    return taken;
}

Offset by_offset(const FetchPurgatory::Parked& fetch) {
    return fetch.request.fetch_offset;
}
SimTime by_deadline(const FetchPurgatory::Parked& fetch) {
    return fetch.deadline;
}

}  // namespace

std::vector<FetchPurgatory::Parked> FetchPurgatory::take_up_to(Offset end) {
    return take(
        parked_, [end](const Parked& fetch) { return fetch.request.fetch_offset <= end; },
        by_offset);
}

std::vector<FetchPurgatory::Parked> FetchPurgatory::take_expired(SimTime now) {
    return take(
        parked_, [now](const Parked& fetch) { return fetch.deadline <= now; }, by_deadline);
}

std::vector<FetchPurgatory::Parked> FetchPurgatory::take_all() {
    return take(
        parked_, [](const Parked&) { return true; }, by_offset);
}

std::optional<SimTime> FetchPurgatory::next_deadline() const {
    std::optional<SimTime> next;
    for (const Parked& fetch : parked_) {
        if (!next || fetch.deadline < *next)
            next = fetch.deadline;
    }
    return next;
}

}  // namespace bsim::kraft
