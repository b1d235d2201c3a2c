#include "sim/protocol/replication/delayed_delete.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim::replication {

using wire::ErrorCode;

void DelayedDeletes::add(Request request, std::vector<CompletedDelete>& done) {
    Parked parked{request.deadline, std::move(request.parts), {}};
    for (std::size_t i = 0; i < parked.parts.size(); ++i) {
        const DeletePart& part = parked.parts[i];
        if (part.answer.error == ErrorCode::None && part.answer.low_watermark < part.required)
            parked.pending.insert(i);
    }
    if (parked.pending.empty()) {
        done.push_back({request.id, std::move(parked.parts)});
        return;
    }
    BSIM_CHECK(parked_.emplace(request.id, std::move(parked)).second);
}

void DelayedDeletes::check(const TopicIdPartition& tp,
                           const DeleteStatusView& view,
                           std::vector<CompletedDelete>& done) {
    for (auto at = parked_.begin(); at != parked_.end();) {
        Parked& parked = at->second;
        const bool concerned = std::any_of(parked.parts.begin(), parked.parts.end(),
                                           [&tp](const DeletePart& part) { return part.tp == tp; });
        if (!concerned) {
            ++at;
            continue;
        }
        // Whatever woke it, all that it waits for is looked at.
        std::erase_if(parked.pending, [&](std::size_t i) {
            DeletePart& part = parked.parts[i];
            const DeleteStatus status = view.delete_status(part.tp);
            if (status.error == ErrorCode::None && status.low_watermark < part.required)
                return false;
            part.answer = status;
            return true;
        });
        if (!parked.pending.empty()) {
            ++at;
            continue;
        }
        done.push_back({at->first, std::move(parked.parts)});
        at = parked_.erase(at);
    }
}

void DelayedDeletes::expire(SimTime now, std::vector<CompletedDelete>& done) {
    for (auto at = parked_.begin(); at != parked_.end();) {
        Parked& parked = at->second;
        if (parked.deadline > now) {
            ++at;
            continue;
        }
        for (const std::size_t i : parked.pending)
            parked.parts[i].answer.error = ErrorCode::RequestTimedOut;
        done.push_back({at->first, std::move(parked.parts)});
        at = parked_.erase(at);
    }
}

std::optional<SimTime> DelayedDeletes::next_deadline() const {
    std::optional<SimTime> next;
    for (const auto& [id, parked] : parked_) {
        if (!next || parked.deadline < *next)
            next = parked.deadline;
    }
    return next;
}

}  // namespace bsim::replication
