#include "sim/node/rpc_client.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "sim/base/check.h"
#include "sim/wire/api_table.h"

namespace bsim {

RpcClient::RpcClient(Process& process, std::string client_id, const ConnectionSetup& setup)
    : process_(process),
      client_id_(std::move(client_id)),
      setup_(setup),
      setup_draws_(process.env().rng.stream("connection-setup/" + process.name().text() + "/" +
                                            client_id_ + "/" +
                                            std::to_string(process.life().incarnation()))) {}

RpcClient::~RpcClient() {
    for (const auto& [peer, channel] : channels_)
        process_.close(channel.connection);
}

void RpcClient::send(Address to, wire::RequestBody body, SimDuration timeout, Callback done) {
    Channel& channel = channel_to(to);
    const std::int16_t version = wire::latest_stable_version(wire::api(body));
    const std::int32_t correlation = next_correlation_++;
    channel.pending.push_back(Pending{
        correlation, make_frame(wire::Request{version, correlation, client_id_, std::move(body)}),
        process_.now() + timeout, process_.cause(), std::move(done)});
    if (channel.ready)
        transmit(channel, channel.pending.back());
    arm_timeout(channel);
}

void RpcClient::disconnect(Address peer) {
    const auto it = channels_.find(peer);
    if (it == channels_.end())
        return;
    process_.close(it->second.connection);
    channels_.erase(it);
}

RpcClient::Channel& RpcClient::channel_to(Address peer) {
    const auto it = channels_.find(peer);
    if (it != channels_.end())
        return it->second;
    Channel& channel = channels_[peer];
    channel.peer = peer;
    channel.connection = process_.connect(peer, *this);
    const auto failures = setup_failures_.find(peer);
    channel.setup_ends =
        process_.now() +
        setup_.after(failures == setup_failures_.end() ? 0 : failures->second, setup_draws_.bits());
    channel.timeout = std::make_unique<Alarm>(process_, [this, peer] { expire(peer); });
    return channel;
}

RpcClient::Channel* RpcClient::channel_of(ConnectionId connection) {
    for (auto& [peer, channel] : channels_) {
        if (channel.connection == connection)
            return &channel;
    }
    return nullptr;
}

void RpcClient::transmit(Channel& channel, Pending& pending) {
    CauseScope scope(process_.env().tracer, pending.cause);
    process_.send(channel.connection, std::move(pending.unsent));
}

void RpcClient::arm_timeout(Channel& channel) {
    if (channel.pending.empty())
        return channel.timeout->cancel();
    const auto first = std::min_element(
        channel.pending.begin(), channel.pending.end(),
        [](const Pending& a, const Pending& b) { return a.deadline < b.deadline; });
    channel.timeout->arm(channel.ready ? first->deadline
                                       : std::min(first->deadline, channel.setup_ends));
}

void RpcClient::expire(Address peer) {
    const auto it = channels_.find(peer);
    if (it == channels_.end())
        return;
    const Channel& channel = it->second;
    const bool not_set_up = !channel.ready && channel.setup_ends <= process_.now();
    process_.close(channel.connection);
    fail(peer, not_set_up ? RpcFailure::Disconnected : RpcFailure::TimedOut);
}

void RpcClient::fail(Address peer, RpcFailure why) {
    auto node = channels_.extract(peer);
    if (node.empty())
        return;
    if (!node.mapped().ready)
        ++setup_failures_[peer];
    for (Pending& pending : node.mapped().pending)
        pending.done(Err{why});
}

void RpcClient::connected(ConnectionId connection) {
    Channel* channel = channel_of(connection);
    if (channel == nullptr)
        return;
    channel->ready = true;
    setup_failures_.erase(channel->peer);
    arm_timeout(*channel);
    for (Pending& pending : channel->pending) {
        if (pending.unsent != nullptr)
            transmit(*channel, pending);
    }
}

void RpcClient::refused(ConnectionId connection) {
    if (const Channel* channel = channel_of(connection))
        fail(channel->peer, RpcFailure::Refused);
}

void RpcClient::closed(ConnectionId connection, CloseReason /*why*/) {
    if (const Channel* channel = channel_of(connection)) {
        fail(channel->peer, RpcFailure::Disconnected);
    }
}

void RpcClient::received(ConnectionId connection, std::unique_ptr<Frame> frame) {
    Channel* channel = channel_of(connection);
    if (channel == nullptr || channel->pending.empty())
        return;
    auto& response = std::get<wire::Response>(frame->message);
    // Those before it lack an answer only if a message rule took it; they will time out.
    auto& pending = channel->pending;
    const auto asked = std::find_if(pending.begin(), pending.end(), [&](const Pending& p) {
        return p.correlation_id == response.correlation_id;
    });
    BSIM_CHECK(asked != pending.end());
    const Callback done = std::move(asked->done);
    pending.erase(asked);
    arm_timeout(*channel);
    done(std::move(response.body));
}

}  // namespace bsim
