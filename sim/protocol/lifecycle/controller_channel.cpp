#include "sim/protocol/lifecycle/controller_channel.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::lifecycle {

ControllerChannel::ControllerChannel(ChannelConfig config)
    : config_(config),
      request_timeout_(config.retry_timeout ? std::min(config.socket_timeout, *config.retry_timeout)
                                            : config.socket_timeout) {}

void ControllerChannel::step(const ChannelContext& context,
                             const ChannelInput& in,
                             ChannelEffects& out) {
    BSIM_CHECK(started_ != std::holds_alternative<ChannelStarted>(in));
    std::visit([&](const auto& input) { on(context, input, out); }, in);
    pump(context, out);
    const std::optional<SimTime> at = next_wakeup();
    if (at == armed_)
        return;
    armed_ = at;
    out.push_back(ArmChannelTimer{at});
}

void ControllerChannel::on(const ChannelContext&, const ChannelStarted&, ChannelEffects&) {
    started_ = true;
}

void ControllerChannel::on(const ChannelContext& context,
                           const RequestQueued& in,
                           ChannelEffects&) {
    queue_.push_back({in.request, context.now});
}

void ControllerChannel::on(const ChannelContext& context,
                           const RequestAnswered& in,
                           ChannelEffects& out) {
    if (!in_flight_ || in_flight_->request != in.request)
        return;
    if (in.not_controller) {
        close_connection(context.now, out);
        take_back();
        return;
    }
    in_flight_.reset();
    out.push_back(CompleteRequest{in.request});
}

void ControllerChannel::on(const ChannelContext& context, const Disconnected& in, ChannelEffects&) {
    broken_with_ = in.from;
    connect_after_ = context.now + config_.reconnect_backoff;
    // A connection that breaks while idle is made again with the next request.
    if (in_flight_ && controller_ == in.from)
        take_back();
}

void ControllerChannel::on(const ChannelContext& context,
                           const ChannelTimerFired&,
                           ChannelEffects& out) {
    armed_.reset();
    if (in_flight_ && answer_deadline_ <= context.now) {
        close_connection(context.now, out);
        take_back();
    }
}

void ControllerChannel::close_connection(SimTime now, ChannelEffects& out) {
    out.push_back(CloseConnection{*controller_});
    broken_with_ = controller_;
    connect_after_ = now + config_.reconnect_backoff;
}

void ControllerChannel::take_back() {
    queue_.push_front(*std::exchange(in_flight_, std::nullopt));
    controller_.reset();
}

bool ControllerChannel::is_expired(const Item& item, SimTime now) const {
    return config_.retry_timeout && now - item.created >= *config_.retry_timeout;
}

// Looks for the controller when it is not known and the time has come.
bool ControllerChannel::find_controller(const ChannelContext& context) {
    if (controller_)
        return true;
    if (look_again_ && *look_again_ > context.now)
        return false;
    look_again_.reset();
    controller_ = context.raft_leader;
    if (!controller_)
        look_again_ = context.now + config_.discovery_backoff;
    return controller_.has_value();
}

void ControllerChannel::pump(const ChannelContext& context, ChannelEffects& out) {
    if (in_flight_)
        return;
    const bool had_to_look = !controller_ && (!look_again_ || *look_again_ <= context.now);
    if (!find_controller(context)) {
        if (!had_to_look)
            return;
        // Whoever looks in vain also throws out what has become too old.
        for (auto item = queue_.begin(); item != queue_.end();) {
            if (is_expired(*item, context.now)) {
                out.push_back(ExpireRequest{item->request});
                item = queue_.erase(item);
            } else {
                ++item;
            }
        }
        return;
    }
    while (!queue_.empty() && is_expired(queue_.front(), context.now)) {
        out.push_back(ExpireRequest{queue_.front().request});
        queue_.pop_front();
    }
    if (queue_.empty())
        return;
    if (broken_with_ == controller_ && connect_after_ > context.now)
        return;
    in_flight_ = queue_.front();
    queue_.pop_front();
    answer_deadline_ = context.now + request_timeout_;
    out.push_back(SendToController{*controller_, in_flight_->request});
}

std::optional<SimTime> ControllerChannel::next_wakeup() const {
    if (in_flight_)
        return answer_deadline_;
    if (!controller_)
        return look_again_;
    if (queue_.empty())
        return std::nullopt;
    return connect_after_;
}

}  // namespace bsim::lifecycle
