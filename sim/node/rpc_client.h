#pragma once
// The asking side between nodes of the cluster: one connection per peer, opened on demand, requests
// answered in order. A request that is not answered within its timeout closes the connection, and
// every request under way on it fails, as in Kafka's NetworkClient. So does a connection that is
// not set up in time; the time grows with each failure (KIP-601). Backing off is the caller's.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "sim/base/backoff.h"
#include "sim/base/result.h"
#include "sim/kernel/rng.h"
#include "sim/model/config.h"
#include "sim/node/process.h"
#include "sim/wire/message.h"

namespace bsim {

enum class RpcFailure { Refused, Disconnected, TimedOut };

// socket.connection.setup.timeout.ms and .max.ms, with Kafka's jitter.
struct ConnectionSetup {
    SimDuration timeout = milliseconds(10'000);
    SimDuration max = milliseconds(30'000);

    static ConnectionSetup of(const BrokerConfig& config) {
        return {config.socket_connection_setup_timeout, config.socket_connection_setup_timeout_max};
    }
    SimDuration after(std::int64_t failures, std::uint64_t draw) const {
        return ExponentialBackoff{timeout, max, 200}.after(failures, draw);
    }
};

class RpcClient : public ConnectionUser {
  public:
    using Answer = Result<wire::ResponseBody, RpcFailure>;
    using Callback = std::function<void(Answer)>;

    RpcClient(Process& process, std::string client_id, const ConnectionSetup& setup = {});
    ~RpcClient() override;

    void send(Address to, wire::RequestBody body, SimDuration timeout, Callback done);
    // Drops the connection to a peer; requests under way on it are forgotten without an answer.
    void disconnect(Address peer);

    void connected(ConnectionId connection) override;
    void refused(ConnectionId connection) override;
    void received(ConnectionId connection, std::unique_ptr<Frame> frame) override;
    void closed(ConnectionId connection, CloseReason why) override;

  private:
    struct Pending {
        std::int32_t correlation_id = 0;
        std::unique_ptr<Frame> unsent;  // null once it is under way
        SimTime deadline;
        EventNumber cause;
        Callback done;
    };
    struct Channel {
        ConnectionId connection;
        Address peer;
        bool ready = false;
        SimTime setup_ends;
        std::deque<Pending> pending;
        std::unique_ptr<Alarm> timeout;
    };

    Channel& channel_to(Address peer);
    Channel* channel_of(ConnectionId connection);
    void transmit(Channel& channel, Pending& pending);
    void arm_timeout(Channel& channel);
    void expire(Address peer);
    void fail(Address peer, RpcFailure why);

    Process& process_;
    std::string client_id_;
    std::int32_t next_correlation_ = 0;
    std::map<Address, Channel> channels_;
    ConnectionSetup setup_;
    RngStream setup_draws_;
    std::map<Address, std::int64_t> setup_failures_;  // in a row
};

}  // namespace bsim
