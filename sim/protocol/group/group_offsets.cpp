#include "sim/protocol/group/group_offsets.h"

#include <algorithm>

namespace bsim::group {

void GroupOffsets::prepare(const TopicPartition& tp, const OffsetAndMetadata& value) {
    pending_.insert_or_assign(tp, value);
}

bool GroupOffsets::complete(const TopicPartition& tp, const CommittedOffset& committed) {
    const auto staged = pending_.find(tp);
    // The topic may have been deleted meanwhile, and its offsets with it.
    if (staged == pending_.end())
        return false;
    const auto known = committed_.find(tp);
    const bool newest = known == committed_.end() || known->second.batch < committed.batch;
    if (newest)
        committed_.insert_or_assign(tp, committed);
    if (staged->second == committed.value)
        pending_.erase(staged);
    return newest;
}

void GroupOffsets::fail(const TopicPartition& tp, const OffsetAndMetadata& value) {
    const auto staged = pending_.find(tp);
    if (staged != pending_.end() && staged->second == value)
        pending_.erase(staged);
}

const OffsetAndMetadata* GroupOffsets::find(const TopicPartition& tp) const {
    const auto found = committed_.find(tp);
    return found == committed_.end() ? nullptr : &found->second.value;
}

bool GroupOffsets::has_pending(const TopicPartition& tp) const {
    return pending_.contains(tp) || std::any_of(open_.begin(), open_.end(), [&](const auto& open) {
               return open.second.contains(tp);
           });
}

void GroupOffsets::load(const TopicPartition& tp, const CommittedOffset& committed) {
    committed_.insert_or_assign(tp, committed);
}

void GroupOffsets::load_open(ProducerId producer, const TopicPartition& tp) {
    open_[producer].insert(tp);
}

std::vector<TopicPartition> GroupOffsets::remove(const std::vector<TopicPartition>& partitions) {
    std::vector<TopicPartition> removed;
    for (const TopicPartition& tp : partitions) {
        pending_.erase(tp);
        for (auto& [producer, open] : open_)
            open.erase(tp);
        if (committed_.erase(tp) > 0)
            removed.push_back(tp);
    }
    return removed;
}

std::vector<TopicPartition> GroupOffsets::remove_all() {
    std::vector<TopicPartition> all;
    for (const auto& [tp, committed] : committed_)
        all.push_back(tp);
    return remove(all);
}

bool GroupOffsets::is_expired(const TopicPartition& tp,
                              const CommittedOffset& committed,
                              const Retention& rule) const {
    if (rule.subscribed.contains(tp.topic) || pending_.contains(tp))
        return false;
    const OffsetAndMetadata& value = committed.value;
    if (value.expires_at)
        return rule.now >= *value.expires_at;
    const WallMs since = rule.since.value_or(value.committed_at);
    return rule.now.value() - since.value() >= rule.retention_ms;
}

std::vector<TopicPartition> GroupOffsets::remove_expired(const Retention& rule) {
    std::vector<TopicPartition> expired;
    for (auto at = committed_.begin(); at != committed_.end();) {
        if (is_expired(at->first, at->second, rule)) {
            expired.push_back(at->first);
            at = committed_.erase(at);
        } else {
            ++at;
        }
    }
    return expired;
}

}  // namespace bsim::group
