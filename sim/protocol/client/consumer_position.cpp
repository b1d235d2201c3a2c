#include "sim/protocol/client/consumer_position.h"

#include "sim/base/check.h"

namespace bsim::client {

void ConsumerPosition::request_reset(ResetReason why) {
    // A second wish does not change why the position was lost.
    if (state_ != State::AwaitReset) {
        reset_.why = why;
        reset_.from = position_ ? std::optional(position_->offset) : std::nullopt;
    }
    state_ = State::AwaitReset;
    position_.reset();
    next_try_.reset();
}

ConsumerPosition::Reset ConsumerPosition::reset_to(const FetchPosition& position) {
    BSIM_CHECK(state_ == State::AwaitReset);
    seek_validated(position);
    return reset_;
}

void ConsumerPosition::take_leader(const LeaderAndEpoch& leader) {
    if (!leader.leader || !position_ || position_->leader == leader)
        return;
    position_->leader = leader;
    next_try_.reset();
    const bool can_validate = position_->offset_epoch && leader.epoch;
    state_ = can_validate ? State::AwaitValidation : State::Fetching;
}

void ConsumerPosition::take_leader_unchecked(const LeaderAndEpoch& leader) {
    if (!leader.leader || !position_)
        return;
    position_->leader = leader;
    next_try_.reset();
    state_ = State::Fetching;
}

void ConsumerPosition::validated() {
    BSIM_CHECK(position_.has_value());
    state_ = State::Fetching;
    next_try_.reset();
}

void ConsumerPosition::seek_validated(const FetchPosition& position) {
    position_ = position;
    state_ = State::Fetching;
    next_try_.reset();
}

void ConsumerPosition::seek_unvalidated(const FetchPosition& position) {
    seek_validated(position);
    if (position.offset_epoch && position.leader.epoch)
        state_ = State::AwaitValidation;
}

void ConsumerPosition::advance(Offset to, std::optional<LeaderEpoch> last_epoch) {
    BSIM_CHECK(is_fetching());
    position_->offset = to;
    position_->offset_epoch = last_epoch;
}

}  // namespace bsim::client
