#include "sim/node/controller_link.h"

#include <utility>
#include <variant>

#include "sim/node/response_error.h"

namespace bsim {
namespace {

// The channel has its own timeout, which closes the connection; the client's must not come first.
constexpr SimDuration kNever = seconds(3600);

}  // namespace

ControllerLink::ControllerLink(const Parts& parts, const lifecycle::ChannelConfig& config)
    : process_(parts.process),
      address_of_(parts.address_of),
      raft_leader_(parts.raft_leader),
      channel_(config),
      client_(parts.process, parts.client_id, parts.setup),
      alarm_(parts.process, [this] { step(lifecycle::ChannelTimerFired{}); }) {}

void ControllerLink::start() {
    step(lifecycle::ChannelStarted{});
}

void ControllerLink::send(wire::RequestBody body, Done done) {
    const lifecycle::ChannelRequestId id(next_++);
    items_.emplace(id, Item{std::move(body), std::move(done), process_.cause(), std::nullopt});
    step(lifecycle::RequestQueued{id});
}

void ControllerLink::step(const lifecycle::ChannelInput& input) {
    inputs_.push_back(input);
    if (inputs_.size() > 1)
        return;
    while (!inputs_.empty()) {
        lifecycle::ChannelEffects effects;
        channel_.step({process_.now(), raft_leader_()}, inputs_.front(), effects);
        for (const lifecycle::ChannelEffect& effect : effects) {
            std::visit([this](const auto& e) { run_effect(e); }, effect);
        }
        inputs_.pop_front();
    }
}

void ControllerLink::run_effect(const lifecycle::SendToController& effect) {
    const lifecycle::ChannelRequestId id = effect.request;
    const auto it = items_.find(id);
    BSIM_CHECK(it != items_.end());
    CauseScope scope(process_.env().tracer, it->second.cause);
    client_.send(address_of_(effect.controller), it->second.body, kNever,
                 [this, id, asked = effect.controller](RpcClient::Answer answer) {
                     if (!answer.ok())
                         return step(lifecycle::Disconnected{asked});
                     const bool not_controller =
                         first_error(*answer) == wire::ErrorCode::NotController;
                     const auto item = items_.find(id);
                     if (item != items_.end())
                         item->second.answer = std::move(*answer);
                     step(lifecycle::RequestAnswered{id, not_controller});
                 });
}

void ControllerLink::run_effect(const lifecycle::CloseConnection& effect) {
    client_.disconnect(address_of_(effect.controller));
}

void ControllerLink::run_effect(const lifecycle::CompleteRequest& effect) {
    finish(effect.request, true);
}

void ControllerLink::run_effect(const lifecycle::ExpireRequest& effect) {
    finish(effect.request, false);
}

void ControllerLink::run_effect(const lifecycle::ArmChannelTimer& effect) {
    alarm_.set(effect.at);
}

void ControllerLink::finish(lifecycle::ChannelRequestId id, bool answered) {
    auto node = items_.extract(id);
    if (node.empty())
        return;
    if (!answered)
        node.mapped().answer.reset();
    node.mapped().done(std::move(node.mapped().answer));
}

}  // namespace bsim
