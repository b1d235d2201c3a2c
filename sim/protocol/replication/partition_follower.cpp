#include "sim/protocol/replication/partition_follower.h"

#include <algorithm>

#include "sim/base/check.h"
#include "sim/protocol/replication/truncation.h"

namespace bsim::replication {

using wire::ErrorCode;

PartitionFollower::PartitionFollower(const Start& start, FollowerEffects& out)
    : leader_epoch_(start.leader_epoch), truncation_(start.truncation), log_(start.log) {
    fetch_from_end();
    if (last_fetched_epoch_)
        return;
    // Without epochs nothing can be compared with the leader, so only what is known to be committed
    // is kept.
    fetch_offset_ = log_.hw;
    truncate_to(fetch_offset_, out);
}

void PartitionFollower::fetch_from_end() {
    fetch_offset_ = log_.leo;
    if (truncation_ == Truncation::ByLeaderEpoch)
        last_fetched_epoch_ = log_.latest_epoch;
}

bool PartitionFollower::answered(SimTime now,
                                 SimDuration backoff,
                                 const FetchAnswered& in,
                                 FollowerEffects& out) {
    if (!ready(now) || in.requested_offset != fetch_offset_)
        return false;
    if (in.error != ErrorCode::None) {
        take_error(now, backoff, in, out);
        return false;
    }
    if (in.diverging) {
        // The marks in this answer are left for the next one: the log is not in a state yet to
        // which they could apply.
        step_ = Step::FindingEpochEnd;
        diverging_ = *in.diverging;
        out.push_back(FindEpochEnd{diverging_.epoch});
        return false;
    }
    leader_hw_ = in.leader_hw;
    leader_log_start_ = in.leader_log_start;
    const bool first = !lag_.has_value();
    if (in.records.empty()) {
        adopt_leader_marks(out);
        if (first)
            lag_ = std::max<std::int64_t>(0, leader_hw_ - fetch_offset_);
        return first;
    }
    step_ = Step::Appending;
    out.push_back(AppendFetched{in.records});
    return true;
}

void PartitionFollower::take_error(SimTime now,
                                   SimDuration backoff,
                                   const FetchAnswered& in,
                                   FollowerEffects& out) {
    switch (in.error) {
        case ErrorCode::OffsetOutOfRange:
            step_ = Step::AskingLatest;
            asked_with_epoch_ = in.requested_leader_epoch;
            out.push_back(AskLeaderOffset{LogEdge::Latest, leader_epoch_});
            return;
        case ErrorCode::FencedLeaderEpoch:
            // Fenced although no newer epoch has come: wait for the metadata that brings it.
            if (in.requested_leader_epoch == leader_epoch_) {
                fail(FollowerFailure::Fenced, out);
            } else {
                delay(now, backoff);
            }
            return;
        default:
            delay(now, backoff);
    }
}

void PartitionFollower::appended(const FollowerLog& log, FollowerEffects& out) {
    BSIM_CHECK(step_ == Step::Appending);
    step_ = Step::Fetching;
    log_ = log;
    fetch_from_end();
    lag_ = std::max<std::int64_t>(0, leader_hw_ - fetch_offset_);
    delayed_until_.reset();
    adopt_leader_marks(out);
}

void PartitionFollower::adopt_leader_marks(FollowerEffects& out) {
    const Offset hw = std::max(log_.log_start, std::min(leader_hw_, log_.leo));
    if (hw != log_.hw) {
        log_.hw = hw;
        out.push_back(SetHw{hw});
    }
    if (leader_log_start_ <= log_.log_start)
        return;
    if (leader_log_start_ > log_.hw) {
        // A log never starts beyond its high watermark; an answer that says so is not to be
        // trusted.
        fail(FollowerFailure::Unexpected, out);
        return;
    }
    log_.log_start = leader_log_start_;
    out.push_back(RaiseLogStart{leader_log_start_});
}

void PartitionFollower::append_failed(SimTime now,
                                      SimDuration backoff,
                                      AppendFailure why,
                                      FollowerEffects& out) {
    switch (why) {
        case AppendFailure::Corrupt:
            step_ = Step::Fetching;
            delay(now, backoff);
            return;
        case AppendFailure::Storage:
            fail(FollowerFailure::Storage, out);
            return;
        case AppendFailure::Unexpected:
            fail(FollowerFailure::Unexpected, out);
            return;
    }
}

void PartitionFollower::epoch_end_found(const std::optional<EpochEnd>& own, FollowerEffects& out) {
    BSIM_CHECK(step_ == Step::FindingEpochEnd);
    truncate_to(truncation_offset(diverging_, own, log_.leo), out);
}

void PartitionFollower::truncate_to(Offset offset, FollowerEffects& out) {
    step_ = Step::Truncating;
    out.push_back(TruncateTo{offset});
}

void PartitionFollower::truncated(const FollowerLog& log) {
    BSIM_CHECK(step_ == Step::Truncating);
    step_ = Step::Fetching;
    log_ = log;
    fetch_from_end();
}

void PartitionFollower::leader_edge_found(Offset offset, FollowerEffects& out) {
    if (step_ == Step::AskingLatest) {
        if (offset < log_.leo) {
            // Only after an unclean election: the leader's log is the truth, however short.
            lag_ = 0;
            truncate_to(offset, out);
            return;
        }
        leader_end_ = offset;
        step_ = Step::AskingEarliest;
        out.push_back(AskLeaderOffset{LogEdge::Earliest, leader_epoch_});
        return;
    }
    BSIM_CHECK(step_ == Step::AskingEarliest);
    const Offset from = std::max(offset, log_.leo);
    lag_ = leader_end_ - from;
    if (offset > log_.leo) {
        step_ = Step::Truncating;
        out.push_back(TruncateFullyAndStartAt{offset});
        return;
    }
    step_ = Step::Fetching;
    fetch_from_end();
}

void PartitionFollower::leader_edge_refused(SimTime now,
                                            SimDuration backoff,
                                            ErrorCode error,
                                            FollowerEffects& out) {
    BSIM_CHECK(asking_leader());
    const bool fenced = error == ErrorCode::FencedLeaderEpoch;
    if (fenced && asked_with_epoch_ == leader_epoch_) {
        fail(FollowerFailure::Fenced, out);
        return;
    }
    step_ = Step::Fetching;
    // A fetch of an earlier epoch started this; the next one will tell where things stand.
    if (!fenced)
        delay(now, backoff);
}

void PartitionFollower::delay(SimTime now, SimDuration backoff) {
    if (!delayed(now))
        delayed_until_ = now + backoff;
}

void PartitionFollower::fail(FollowerFailure why, FollowerEffects& out) {
    step_ = Step::Failed;
    out.push_back(StopFetching{why});
}

}  // namespace bsim::replication
