#include "sim/node/rpc_server.h"

#include <utility>
#include <variant>

namespace bsim {

RpcServer::RpcServer(Process& process, Handler handler)
    : process_(process), handler_(std::move(handler)) {}

void RpcServer::answer(const RequestRef& request, wire::ResponseBody body) {
    const auto it = channels_.find(request.connection);
    if (it == channels_.end())
        return;
    if (it->second.peer_gone) {
        if (std::exchange(it->second.reset, true))
            it->second.waiting.clear();
        return unmute(request.connection);
    }
    wire::Response response{request.version, request.correlation_id, std::move(body)};
    Frame frame;
    frame.api = wire::api(response.body);
    frame.bytes = static_cast<std::int64_t>(wire::wire_size(response));
    frame.message = std::move(response);
    process_.send(request.connection, std::move(frame));
    unmute(request.connection);
}

void RpcServer::finish_silently(const RequestRef& request) {
    unmute(request.connection);
}

void RpcServer::disconnect(const RequestRef& request) {
    if (channels_.erase(request.connection) > 0)
        process_.close(request.connection);
}

void RpcServer::unmute(ConnectionId connection) {
    const auto it = channels_.find(connection);
    if (it == channels_.end())
        return;
    it->second.muted = false;
    if (it->second.waiting.empty()) {
        if (it->second.peer_gone)
            channels_.erase(it);
        return;
    }
    // By an event of its own: the handler that answered is still running.
    process_.after(SimDuration(0), [this, connection] { take_next(connection); });
}

void RpcServer::take_next(ConnectionId connection) {
    const auto it = channels_.find(connection);
    if (it == channels_.end() || it->second.muted || it->second.waiting.empty())
        return;
    Channel& channel = it->second;
    channel.muted = true;
    const std::unique_ptr<Frame> frame = std::move(channel.waiting.front());
    channel.waiting.pop_front();
    CauseScope scope(process_.env().tracer, frame->cause);
    auto& request = std::get<wire::Request>(frame->message);
    handler_(RequestRef{connection, request.correlation_id, request.version}, request);
}

void RpcServer::connected(ConnectionId connection) {
    channels_[connection];
}

void RpcServer::refused(ConnectionId /*connection*/) {}

void RpcServer::received(ConnectionId connection, std::unique_ptr<Frame> frame) {
    const auto it = channels_.find(connection);
    if (it == channels_.end())
        return;
    it->second.waiting.push_back(std::move(frame));
    take_next(connection);
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
