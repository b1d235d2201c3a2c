#include "sim/protocol/replication/delayed_fetch.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim::replication {

using wire::ErrorCode;

bool DelayedFetches::answer_now(const FirstRead& read,
                                SimDuration max_wait,
                                const Request& request) {
    return max_wait <= SimDuration() || request.parts.empty() || read.bytes >= request.min_bytes ||
           read.error || read.diverging;
}

// Refreshes what is known of one partition; true if the fetch must be answered.
bool DelayedFetches::look(Parked& parked, std::size_t part_no, const ReadableView& view) {
    const FetchPart& part = parked.request.parts[part_no];
    if (!part.start)
        return false;
    const ReadableNow now = view.readable(part, parked.request.isolation);
    if (now.error != ErrorCode::None)
        return true;

    std::int64_t bytes = 0;
    const LogPosition& start = *part.start;
    if (start.offset > now.end.offset)
        return true;
    // At equal offsets the end may still be known by the older segment, just after a roll.
    if (start.offset < now.end.offset) {
        if (start.segment_base < now.end.segment_base)
            return true;
        if (start.segment_base == now.end.segment_base) {
            bytes = std::min<std::int64_t>(now.end.position - start.position, part.max_bytes);
        }
    }
    if (part.fetch.last_fetched_epoch) {
        const auto& end = now.end_of_last_fetched;
        if (!end || end->epoch < *part.fetch.last_fetched_epoch ||
            end->end < part.fetch.fetch_offset) {
            return true;
        }
    }
    parked.total += bytes - parked.readable[part_no];
    parked.readable[part_no] = bytes;
    return parked.total >= parked.request.min_bytes;
}

bool DelayedFetches::add(Request request, const ReadableView& view) {
    const OperationId id = request.id;
    Parked parked{std::move(request), {}, 0};
    const std::size_t parts = parked.request.parts.size();
    parked.readable.assign(parts, 0);
    for (std::size_t i = 0; i < parts; ++i) {
        if (look(parked, i, view))
            return false;
    }
    for (std::size_t i = 0; i < parts; ++i) {
        std::vector<Watch>& watches = watches_[parked.request.parts[i].tp];
        const Watch watch{id, i};
        watches.insert(std::upper_bound(watches.begin(), watches.end(), watch), watch);
    }
    deadlines_.insert({parked.request.deadline, id});
    const bool added = parked_.emplace(id, std::move(parked)).second;
    BSIM_CHECK(added);
    return true;
}

void DelayedFetches::check(const TopicIdPartition& tp,
                           const ReadableView& view,
                           std::vector<OperationId>& done) {
    const auto watched = watches_.find(tp);
    if (watched == watches_.end())
        return;
    const std::size_t first = done.size();
    for (const auto& [id, part] : watched->second) {
        if (look(parked_.at(id), part, view))
            done.push_back(id);
    }
    for (std::size_t i = first; i < done.size(); ++i)
        erase(done[i]);
}

void DelayedFetches::expire(SimTime now, std::vector<OperationId>& done) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const OperationId id = deadlines_.begin()->second;
        done.push_back(id);
        erase(id);
    }
}

void DelayedFetches::erase(OperationId id) {
    const auto at = parked_.find(id);
    const Request& request = at->second.request;
    for (std::size_t i = 0; i < request.parts.size(); ++i) {
        std::vector<Watch>& watches = watches_.at(request.parts[i].tp);
        watches.erase(std::lower_bound(watches.begin(), watches.end(), Watch{id, i}));
    }
    deadlines_.erase({request.deadline, id});
    parked_.erase(at);
}

std::optional<SimTime> DelayedFetches::next_deadline() const {
    if (deadlines_.empty())
        return std::nullopt;
    return deadlines_.begin()->first;
}

}  // namespace bsim::replication
