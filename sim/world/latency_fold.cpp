#include "sim/world/latency_fold.h"

#include <algorithm>

namespace bsim {

void LatencyFold::on(const Event& event, std::string_view) {
    ended_.clear();
    if (const auto* append = as<LogAppended>(event)) {
        appended(*append, event.t);
    } else if (const auto* poll = as<RecordsConsumed>(event)) {
        consumed(*poll, event.t);
    } else if (const auto* started = as<RebalanceStarted>(event)) {
        rebalances_.try_emplace(started->group, event.t);
    } else if (const auto* completed = as<RebalanceCompleted>(event)) {
        const auto found = rebalances_.find(completed->group);
        if (found == rebalances_.end())
            return;
        ended_.push_back(event.t - found->second);
        rebalances_.erase(found);
    }
}

void LatencyFold::appended(const LogAppended& e, SimTime at) {
    if (e.p.topic.starts_with("__"))
        return;
    auto& batches = batches_[e.p];
    // A later leader writes anew what an earlier one has lost.
    while (!batches.empty() && batches.back().last >= e.base) {
        if (batches.back().epoch >= e.epoch)
            return;
        batches.pop_back();
    }
    batches.push_back({e.last, e.epoch, at});
}

void LatencyFold::consumed(const RecordsConsumed& e, SimTime at) {
    const auto found = batches_.find(e.p);
    if (found == batches_.end())
        return;
    auto batch = std::partition_point(found->second.begin(), found->second.end(),
                                      [&](const Appended& one) { return one.last < e.from; });
    for (; batch != found->second.end(); ++batch) {
        ended_.push_back(at - batch->at);
        if (batch->last + 1 >= e.to)
            break;
    }
}

}  // namespace bsim
