#include "sim/node/rpc_server.h"

#include <utility>
#include <variant>

#include "sim/node/error_response.h"

namespace bsim {

RpcServer::RpcServer(Process& process,
                     const ServerThreads& threads,
                     const RequestErrors& errors,
                     Handler handler)
    : process_(process),
      errors_(errors),
      handler_(std::move(handler)),
      pipeline_(
          process,
          threads,
          [this](ConnectionId c, std::unique_ptr<Frame> frame) { handle(c, std::move(frame)); },
          [this](ConnectionId c, std::unique_ptr<Frame> frame) { sent(c, std::move(frame)); }) {}

void RpcServer::answer(const RequestRef& request, wire::ResponseBody body) {
    auto frame =
        make_frame(wire::Response{request.version, request.correlation_id, std::move(body)});
    frame->cause = process_.cause();
    pass_answer(request.connection, std::move(frame));
}

void RpcServer::finish_silently(const RequestRef& request) {
    pass_answer(request.connection, nullptr);
}

void RpcServer::disconnect(const RequestRef& request) {
    if (channels_.erase(request.connection) > 0)
        process_.close(request.connection);
}

void RpcServer::pass_answer(ConnectionId connection, std::unique_ptr<Frame> frame) {
    const auto it = channels_.find(connection);
    if (it != channels_.end())
        pipeline_.send(it->second.network_thread, connection, std::move(frame));
}

// The network thread has come to the answer: it goes out, and the next request is let in.
void RpcServer::sent(ConnectionId connection, std::unique_ptr<Frame> frame) {
    const auto it = channels_.find(connection);
    if (it == channels_.end())
        return;
    Channel& channel = it->second;
    if (frame != nullptr && channel.peer_gone) {
        if (std::exchange(channel.reset, true))
            channel.waiting.clear();
    } else if (frame != nullptr) {
        CauseScope scope(process_.env().tracer, frame->cause);
        process_.send(connection, std::move(frame));
    }
    channel.muted = false;
    if (channel.waiting.empty() && channel.peer_gone) {
        channels_.erase(it);
    } else {
        take_next(connection, channel);
    }
}

void RpcServer::take_next(ConnectionId connection, Channel& channel) {
    if (channel.muted || channel.waiting.empty())
        return;
    channel.muted = true;
    std::unique_ptr<Frame> frame = std::move(channel.waiting.front());
    channel.waiting.pop_front();
    pipeline_.receive(channel.network_thread, connection, std::move(frame));
}

void RpcServer::handle(ConnectionId connection, std::unique_ptr<Frame> frame) {
    auto& request = std::get<wire::Request>(frame->message);
    const RequestRef ref{connection, request.correlation_id, request.version};
    // The channel lives as long as a request of it is in hand.
    const auto* rule = errors_.strike(channels_.at(connection).peer, *frame);
    if (rule != nullptr)
        return refuse(ref, request.body, *rule);
    handler_(ref, request);
}

void RpcServer::refuse(const RequestRef& request,
                       const wire::RequestBody& body,
                       const RequestErrorRule& rule) {
    CauseScope scope(process_.env().tracer, rule.cause);
    auto refusal = error_response(body, request.version, rule.error);
    if (!refusal)
        return finish_silently(request);
    answer(request, std::move(*refusal));
}

void RpcServer::connected(ConnectionId connection) {
    Channel& channel = channels_[connection];
    channel.peer = process_.env().network.peer(connection);
    channel.network_thread = pipeline_.next_network_thread();
}

void RpcServer::refused(ConnectionId /*connection*/) {}

void RpcServer::received(ConnectionId connection, std::unique_ptr<Frame> frame) {
    const auto it = channels_.find(connection);
    if (it == channels_.end())
        return;
    it->second.waiting.push_back(std::move(frame));
    take_next(connection, it->second);
}

void RpcServer::closed(ConnectionId connection, CloseReason why) {
    const auto it = channels_.find(connection);
    if (it == channels_.end())
        return;
    it->second.peer_gone = true;
    it->second.reset = why == CloseReason::Reset;
    // Nothing waits unless a request is in hand, or is taken up by an event at this time.
    if (it->second.waiting.empty() && !it->second.muted)
        channels_.erase(it);
}

}  // namespace bsim
