#include "sim/protocol/replication/delayed_produce.h"

#include "sim/base/check.h"

namespace bsim::replication {

using wire::ErrorCode;

void DelayedProduces::add(Request request,
                          const ProduceStatusView& view,
                          std::vector<CompletedProduce>& done) {
    Parked parked{request.deadline, 0, std::move(request.parts)};
    for (ProducePart& part : parked.parts) {
        if (!part.answer)
            part.answer = view.produce_status(part.tp, part.required);
        if (!part.answer)
            ++parked.pending;
    }
    if (parked.pending == 0) {
        done.push_back({request.id, false, std::move(parked.parts)});
        return;
    }
    for (std::size_t i = 0; i < parked.parts.size(); ++i) {
        const ProducePart& part = parked.parts[i];
        if (!part.answer)
            watches_[part.tp].insert({part.required, request.id, i});
    }
    deadlines_.insert({parked.deadline, request.id});
    const bool added = parked_.emplace(request.id, std::move(parked)).second;
    BSIM_CHECK(added);
}

void DelayedProduces::check(const TopicIdPartition& tp,
                            const ProduceStatusView& view,
                            std::vector<CompletedProduce>& done) {
    const auto watched = watches_.find(tp);
    if (watched == watches_.end())
        return;
    std::set<Watch>& waiting = watched->second;
    while (!waiting.empty()) {
        const Watch first = *waiting.begin();
        const std::optional<ErrorCode> answer = view.produce_status(tp, first.required);
        if (!answer)
            return;
        waiting.erase(waiting.begin());
        const auto at = parked_.find(first.id);
        at->second.parts[first.part].answer = answer;
        if (--at->second.pending == 0)
            unpark(at, false, done);
    }
    watches_.erase(watched);
}

void DelayedProduces::expire(SimTime now, std::vector<CompletedProduce>& done) {
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto at = parked_.find(deadlines_.begin()->second);
        unwatch(at->first, at->second);
        for (ProducePart& part : at->second.parts) {
            if (!part.answer)
                part.answer = ErrorCode::RequestTimedOut;
        }
        unpark(at, true, done);
    }
}

void DelayedProduces::drop(OperationId id) {
    const auto at = parked_.find(id);
    if (at == parked_.end())
        return;
    unwatch(id, at->second);
    deadlines_.erase({at->second.deadline, id});
    parked_.erase(at);
}

void DelayedProduces::unpark(std::map<OperationId, Parked>::iterator at,
                             bool expired,
                             std::vector<CompletedProduce>& done) {
    deadlines_.erase({at->second.deadline, at->first});
    done.push_back({at->first, expired, std::move(at->second.parts)});
    parked_.erase(at);
}

void DelayedProduces::unwatch(OperationId id, const Parked& parked) {
    for (std::size_t i = 0; i < parked.parts.size(); ++i) {
        const ProducePart& part = parked.parts[i];
        if (part.answer)
            continue;
        const auto watched = watches_.find(part.tp);
        watched->second.erase({part.required, id, i});
        if (watched->second.empty())
            watches_.erase(watched);
    }
}

std::optional<SimTime> DelayedProduces::next_deadline() const {
    if (deadlines_.empty())
        return std::nullopt;
    return deadlines_.begin()->first;
}

}  // namespace bsim::replication
