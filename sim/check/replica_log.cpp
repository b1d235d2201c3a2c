#include "sim/check/replica_log.h"

#include <algorithm>
#include <fmt/format.h>

namespace bsim {

std::string LoggedBatch::to_string() const {
    return fmt::format("{}..{} of epoch {} (crc {})", base.value(), last.value(), epoch.value(),
                       crc);
}

void ReplicaLog::append(const LoggedBatch& batch, std::vector<LoggedBatch>& removed) {
    if (batches_.empty() && end_ == Offset())
        start_ = std::min(start_, batch.base);
    while (!batches_.empty() && batches_.back().last >= batch.base) {
        removed.push_back(batches_.back());
        batches_.pop_back();
    }
    batches_.push_back(batch);
    end_ = batch.last + 1;
}

void ReplicaLog::set_end(Offset leo, std::vector<LoggedBatch>& removed) {
    while (!batches_.empty() && batches_.back().last >= leo) {
        removed.push_back(batches_.back());
        batches_.pop_back();
    }
    end_ = leo;
    start_ = std::min(start_, end_);
}

void ReplicaLog::clear_and_start_at(Offset start, std::vector<LoggedBatch>& removed) {
    removed.insert(removed.end(), batches_.begin(), batches_.end());
    batches_.clear();
    start_ = start;
    end_ = start;
}

void ReplicaLog::set_start(Offset start) {
    start_ = std::max(start_, start);
    const auto kept = static_cast<std::ptrdiff_t>(index_at(start_));
    batches_.erase(batches_.begin(), batches_.begin() + kept);
}

std::size_t ReplicaLog::index_at(Offset offset) const {
    const auto found =
        std::partition_point(batches_.begin(), batches_.end(),
                             [&](const LoggedBatch& batch) { return batch.last < offset; });
    return static_cast<std::size_t>(found - batches_.begin());
}

const LoggedBatch* ReplicaLog::at(Offset offset) const {
    const std::size_t i = index_at(offset);
    return i < batches_.size() && batches_[i].base <= offset ? &batches_[i] : nullptr;
}

const LoggedBatch* ReplicaLog::before(std::size_t i) const {
    if (i == 0 || i > batches_.size())
        return nullptr;
    const LoggedBatch& previous = batches_[i - 1];
    const bool adjoins = i == batches_.size() || previous.last + 1 == batches_[i].base;
    return adjoins ? &previous : nullptr;
}

bool ReplicaLog::holds(const LoggedBatch& batch) const {
    if (batch.last < start_)
        return true;
    const LoggedBatch* const found = at(batch.base);
    return found != nullptr && *found == batch;
}

}  // namespace bsim
