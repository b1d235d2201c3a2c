#include "sim/check/committed_truth.h"

#include <algorithm>

namespace bsim {

bool agrees_below(const ReplicaLog& reference, const ReplicaLog& log, Offset end) {
    if (log.end() < end)
        return false;
    const LoggedBatch* const last = end > Offset() ? reference.at(end + -1) : nullptr;
    return last == nullptr || log.holds(*last);
}

void CommittedTruth::raise(const ReplicaLog& leader, Offset hw) {
    if (hw <= end_)
        return;
    const auto& batches = leader.batches();
    for (std::size_t i = leader.index_at(end_); i < batches.size() && batches[i].last < hw; ++i)
        log_.append(batches[i], scratch_);
    scratch_.clear();
    end_ = hw;
    if (leader.start() > log_.start())
        log_.set_start(leader.start());
}

bool CommittedTruth::held_by(const ReplicaLog& log) const {
    return log.end() >= end_ && (log_.batches().empty() || log.holds(log_.batches().back()));
}

bool CommittedTruth::contains(const LoggedBatch& batch) const {
    const LoggedBatch* const found = log_.at(batch.base);
    return found != nullptr && *found == batch;
}

std::optional<LoggedBatch> CommittedTruth::adopt(const ReplicaLog& log) {
    const auto& batches = log_.batches();
    const auto lacking = std::partition_point(
        batches.begin(), batches.end(), [&](const LoggedBatch& batch) { return log.holds(batch); });
    std::optional<LoggedBatch> first;
    if (lacking != batches.end())
        first = *lacking;
    end_ = std::min(end_, first ? first->base : log.end());
    log_.set_end(end_, scratch_);
    scratch_.clear();
    return first;
}

}  // namespace bsim
