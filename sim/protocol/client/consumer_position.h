#pragma once
// The position of a consumer in one partition: the offset to fetch next, and how sure it is.
//
//   any -> Fetching:                 the application seeks
//   Initializing -> AwaitValidation: the group committed a position, with the epoch before it
//   Initializing -> Fetching:        the same without an epoch
//   Initializing -> AwaitReset:      nothing else tells where to begin
//   Fetching     -> AwaitReset:      the position is out of range
//   AwaitReset   -> Fetching:        the offset was looked up
//   Fetching     -> AwaitValidation: the leader or its epoch changed, and the epoch of the last
//                                    record is known
//   AwaitValidation -> AwaitValidation: the leader changed again
//   AwaitValidation -> Fetching:     the leader's log still holds what was consumed, or the
//                                    position moved back to where it differs
//   AwaitValidation -> AwaitReset:   the leader's log knows no such epoch
//
// Only a position in Fetching is fetched from and handed out at, unless it is about to be revoked.
// One that waits for a request, or for a retry, is left alone until next_try().
// Source: SubscriptionState.TopicPartitionState, FetchPosition; KIP-320.

#include <optional>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/client/cluster_metadata.h"
#include "sim/protocol/client/consumer_io.h"

namespace bsim::client {

struct FetchPosition {
    Offset offset;
    std::optional<LeaderEpoch> offset_epoch;  // of the last record before it, if known
    LeaderAndEpoch leader;                    // whom it was last checked against

    bool operator==(const FetchPosition&) const = default;
};

class ConsumerPosition {
  public:
    enum class State { Initializing, Fetching, AwaitReset, AwaitValidation };

    State state() const { return state_; }
    bool is_fetching() const { return state_ == State::Fetching; }
    // What is fetched from and handed out at. A partition that is about to be revoked stands still,
    // so that what is being committed remains true.
    bool is_fetchable() const { return is_fetching() && !pending_revocation_; }
    void mark_pending_revocation() { pending_revocation_ = true; }
    // None in Initializing and AwaitReset.
    const std::optional<FetchPosition>& value() const { return position_; }
    bool may_try(SimTime now) const { return !next_try_ || *next_try_ <= now; }
    void retry_at(SimTime at) { next_try_ = at; }

    void request_reset(ResetReason why);
    // Ends AwaitReset; returns what is to be told.
    struct Reset {
        std::optional<Offset> from;
        ResetReason why = ResetReason::Initial;
    };
    Reset reset_to(const FetchPosition& position);

    // Another leader or epoch than that of the position makes it wait for validation, if there is
    // something to validate. Without a leader nothing changes.
    void take_leader(const LeaderAndEpoch& leader);
    // The same without validation.
    void take_leader_unchecked(const LeaderAndEpoch& leader);
    void validated();
    void seek_validated(const FetchPosition& position);
    // Waits for validation, if there is something to validate: a committed position.
    void seek_unvalidated(const FetchPosition& position);

    // Requires is_fetching().
    void advance(Offset to, std::optional<LeaderEpoch> last_epoch);

  private:
    State state_ = State::Initializing;
    std::optional<FetchPosition> position_;
    std::optional<SimTime> next_try_;
    Reset reset_;  // while AwaitReset
    bool pending_revocation_ = false;
};

}  // namespace bsim::client
