#pragma once
// The connections of one Kafka client: numbered as the client numbers its attempts, carried by the
// simulated network.

#include <functional>
#include <map>
#include <string>
#include <variant>

#include "sim/node/process.h"
#include "sim/protocol/client/client_io.h"

namespace bsim {

using HostByName = std::function<HostId(const std::string&)>;

using SocketNews = std::variant<client::ConnectionOpened,
                                client::ConnectionFailed,
                                client::ConnectionClosed,
                                client::ResponseArrived>;

class ClientSockets : private ConnectionUser {
  public:
    using Listener = std::function<void(SocketNews)>;

    ClientSockets(Process& process, HostByName host_by_name, Listener listener);

    bool knows(client::ConnectionId connection) const { return by_client_.contains(connection); }
    void run(const client::Connect& effect);
    void run(const client::Close& effect);
    // Does nothing if the connection is gone.
    void run(client::SendRequest& effect);
    // The process ended, and its connections with it.
    void forget();

  private:
    // ConnectionUser
    void connected(ConnectionId connection) override;
    void refused(ConnectionId connection) override;
    void received(ConnectionId connection, std::unique_ptr<Frame> frame) override;
    void closed(ConnectionId connection, CloseReason why) override;

    Process& process_;
    HostByName host_by_name_;
    Listener listener_;
    std::map<client::ConnectionId, ConnectionId> by_client_;
    std::map<ConnectionId, client::ConnectionId> by_network_;
};

}  // namespace bsim
