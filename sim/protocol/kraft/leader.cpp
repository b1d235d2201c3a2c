#include "sim/protocol/kraft/leader.h"

#include <algorithm>

#include "sim/base/check.h"

namespace bsim::kraft {

namespace {

constexpr SimDuration kObserverSession = seconds(300);

// None sorts last.
bool further(const std::optional<Offset>& a, const std::optional<Offset>& b) {
    if (!a || !b)
        return a.has_value() && !b.has_value();
    return *a > *b;
}

void note_fetch(ReplicaProgress& replica,
                Offset offset,
                std::optional<Offset> leader_end,
                SimTime now) {
    if (leader_end) {
        if (offset >= *leader_end) {
            replica.last_caught_up = now;
        } else if (replica.leader_end_at_last_fetch &&
                   replica.leader_end_at_last_fetch->value() > 0 &&
                   offset >= *replica.leader_end_at_last_fetch) {
            replica.last_caught_up = std::max(replica.last_caught_up, replica.last_fetch);
        }
        replica.leader_end_at_last_fetch = leader_end;
    }
    replica.last_fetch = now;
    replica.end = offset;
}

}  // namespace

Leader::Leader(const RaftConfig& config,
               LeaderEpoch epoch_,
               Offset epoch_start_,
               std::vector<BrokerId> granting_,
               SimTime now)
    : epoch(epoch_),
      self(config.id),
      epoch_start(epoch_start_),
      granting(std::move(granting_)),
      accumulator(epoch_, epoch_start_, config.append_linger),
      next_begin_quorum(now),
      check_quorum_timeout_(config.fetch_timeout * 3 / 2),
      check_quorum_(now + check_quorum_timeout_),
      resigns_without_fetches_(config.leader_resign_on_no_fetch),
      commits_own_epoch_only_(config.commit_own_epoch_only) {
    for (const BrokerId voter : config.voters)
        voters_[voter] = {};
}

bool Leader::update_local_end(Offset end) {
    const auto own = voters_.find(self);
    BSIM_CHECK(own != voters_.end());
    BSIM_CHECK(!own->second.end || *own->second.end <= end);
    own->second.end = end;
    return maybe_advance_hw();
}

bool Leader::update_replica(const ReplicaKey& replica, Offset offset, SimTime now) {
    BSIM_CHECK(replica.id != self);
    if (replica.id.value() < 0)
        return false;
    const std::optional<Offset> own_end = voters_.at(self).end;
    const auto voter = voters_.find(replica.id);
    if (voter == voters_.end()) {
        note_fetch(observers_[replica], offset, own_end, now);
        return false;
    }
    note_fetch(voter->second, offset, own_end, now);
    snapshot_fetched(replica.id, now);
    return maybe_advance_hw();
}

std::optional<SimTime> Leader::check_quorum_deadline() const {
    if (voters_.size() == 1 || !resigns_without_fetches_)
        return std::nullopt;
    return check_quorum_;
}

void Leader::snapshot_fetched(BrokerId replica, SimTime now) {
    if (voters_.contains(replica))
        fetched_voters_.insert(replica);
    // The leader is one of the majority, size / 2 + 1.
    if (fetched_voters_.size() >= voters_.size() / 2) {
        fetched_voters_.clear();
        check_quorum_ = now + check_quorum_timeout_;
    }
}

bool Leader::maybe_advance_hw() {
    std::vector<std::optional<Offset>> ends;
    for (const auto& [voter, progress] : voters_)
        ends.push_back(progress.end);
    std::sort(ends.begin(), ends.end(), further);
    const std::optional<Offset> majority_end = ends[ends.size() / 2];
    if (!majority_end || *majority_end < epoch_start)
        return false;
    if (*majority_end == epoch_start && commits_own_epoch_only_)
        return false;
    if (hw && *majority_end <= *hw)
        return false;
    hw = majority_end;
    return true;
}

std::vector<ReplicaKey> Leader::other_voters_by_descending_end() const {
    std::vector<std::pair<std::optional<Offset>, BrokerId>> ends;
    for (const auto& [voter, progress] : voters_) {
        if (voter != self)
            ends.emplace_back(progress.end, voter);
    }
    std::stable_sort(ends.begin(), ends.end(),
                     [](const auto& a, const auto& b) { return further(a.first, b.first); });
    std::vector<ReplicaKey> keys;
    for (const auto& [end, voter] : ends)
        keys.push_back({voter, Uuid{}});
    return keys;
}

const std::map<ReplicaKey, ReplicaProgress>& Leader::observers(SimTime now) {
    std::erase_if(observers_, [now](const auto& entry) {
        return now - *entry.second.last_fetch >= kObserverSession;
    });
    return observers_;
}

}  // namespace bsim::kraft
