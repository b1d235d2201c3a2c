#include "sim/node/client_sockets.h"

#include <utility>

namespace bsim {

ClientSockets::ClientSockets(Process& process, HostByName host_by_name, Listener listener)
    : process_(process), host_by_name_(std::move(host_by_name)), listener_(std::move(listener)) {}

void ClientSockets::run(const client::Connect& effect) {
    const Address to{host_by_name_(effect.endpoint.host), static_cast<Port>(effect.endpoint.port)};
    const ConnectionId connection = process_.connect(to, *this);
    by_client_[effect.connection] = connection;
    by_network_[connection] = effect.connection;
}

void ClientSockets::run(const client::Close& effect) {
    const auto node = by_client_.extract(effect.connection);
    if (node.empty())
        return;
    by_network_.erase(node.mapped());
    process_.close(node.mapped());
}

void ClientSockets::run(client::SendRequest& effect) {
    const auto it = by_client_.find(effect.connection);
    if (it == by_client_.end())
        return;
    process_.send(it->second, make_frame(std::move(effect.request)));
}

void ClientSockets::forget() {
    by_client_.clear();
    by_network_.clear();
}

void ClientSockets::connected(ConnectionId connection) {
    const auto it = by_network_.find(connection);
    if (it != by_network_.end())
        listener_(client::ConnectionOpened{it->second});
}

void ClientSockets::refused(ConnectionId connection) {
    const auto node = by_network_.extract(connection);
    if (node.empty())
        return;
    by_client_.erase(node.mapped());
    listener_(client::ConnectionFailed{node.mapped()});
}

void ClientSockets::closed(ConnectionId connection, CloseReason /*why*/) {
    const auto node = by_network_.extract(connection);
    if (node.empty())
        return;
    by_client_.erase(node.mapped());
    listener_(client::ConnectionClosed{node.mapped()});
}

void ClientSockets::received(ConnectionId connection, std::unique_ptr<Frame> frame) {
    const auto it = by_network_.find(connection);
    if (it == by_network_.end())
        return;
    listener_(
        client::ResponseArrived{it->second, std::move(std::get<wire::Response>(frame->message))});
}

}  // namespace bsim
