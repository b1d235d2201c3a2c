#include "sim/check/replica_log.h"

#include <algorithm>
#include <fmt/format.h>
#include <limits>
#include <set>

namespace bsim {

std::int32_t LoggedBatch::last_sequence() const {
    constexpr std::int64_t kSequences = std::int64_t{std::numeric_limits<std::int32_t>::max()} + 1;
    return static_cast<std::int32_t>((sequence + (last - base)) % kSequences);
}

std::string LoggedBatch::to_string() const {
    return fmt::format("{}..{} of epoch {} (crc {})", base.value(), last.value(), epoch.value(),
                       crc);
}

void ReplicaLog::append(const LoggedBatch& batch, std::vector<LoggedBatch>& removed) {
    if (batches_.empty() && end_ == Offset())
        start_ = std::min(start_, batch.base);
    const std::size_t first = removed.size();
    while (!batches_.empty() && batches_.back().last >= batch.base) {
        removed.push_back(batches_.back());
        batches_.pop_back();
    }
    look_for_producers(removed, first);
    batches_.push_back(batch);
    end_ = batch.last + 1;
    note_producer(batch);
}

void ReplicaLog::note_producer(const LoggedBatch& batch) {
    if (batch.producer_id < 0)
        return;
    const ProducerTail::End end{batch.base, batch.last_sequence(), batch.producer_epoch};
    const auto [tail, fresh] = producers_.try_emplace(batch.producer_id, ProducerTail{end, {}});
    if (!fresh)
        tail->second = {end, tail->second.newest};
}

void ReplicaLog::look_for_producers(const std::vector<LoggedBatch>& removed, std::size_t first) {
    std::set<std::int64_t> wanted;
    for (std::size_t i = first; i < removed.size(); ++i) {
        if (producers_.erase(removed[i].producer_id) > 0)
            wanted.insert(removed[i].producer_id);
    }
    for (auto batch = batches_.rbegin(); batch != batches_.rend() && !wanted.empty(); ++batch) {
        if (wanted.erase(batch->producer_id) > 0)
            note_producer(*batch);
    }
}

const ProducerTail* ReplicaLog::producer(std::int64_t producer_id) const {
    const auto found = producers_.find(producer_id);
    return found == producers_.end() ? nullptr : &found->second;
}

void ReplicaLog::set_end(Offset leo, std::vector<LoggedBatch>& removed) {
    const std::size_t first = removed.size();
    while (!batches_.empty() && batches_.back().last >= leo) {
        removed.push_back(batches_.back());
        batches_.pop_back();
    }
    look_for_producers(removed, first);
    end_ = leo;
    start_ = std::min(start_, end_);
}

void ReplicaLog::clear_and_start_at(Offset start, std::vector<LoggedBatch>& removed) {
    removed.insert(removed.end(), batches_.begin(), batches_.end());
    batches_.clear();
    producers_.clear();
    start_ = start;
    end_ = start;
}

void ReplicaLog::set_start(Offset start) {
    start_ = std::max(start_, start);
    const auto kept = static_cast<std::ptrdiff_t>(index_at(start_));
    batches_.erase(batches_.begin(), batches_.begin() + kept);
}

std::size_t ReplicaLog::index_at(Offset offset) const {
    const auto before = [&](const LoggedBatch& batch) { return batch.last < offset; };
    // Mostly it lies near the end: from there by steps that double, then halved as usual.
    auto begin = batches_.end();
    auto end = begin;
    for (std::ptrdiff_t step = 1; begin != batches_.begin() && !before(*(begin - 1)); step *= 2) {
        end = begin - 1;
        begin -= std::min(step, begin - batches_.begin());
    }
    const auto found = std::partition_point(begin, end, before);
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
