#pragma once
// The serving side of a process's connections. As in Kafka, a connection's next request is taken up
// only after the answer to the one before it was sent (SocketServer mutes the channel), so answers
// keep the order of requests; requests of different connections are independent.
//
// What has arrived when a client closes its end is still taken up, as long as the connection can be
// believed in: the first answer is met with a reset, on which the second one fails
// (Selector.clear).
//
// Requests pass a RequestPipeline on their way in, and answers on their way out. Those that the
// server is made to refuse (RequestErrors) are answered instead of handled.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "sim/node/process.h"
#include "sim/node/request_errors.h"
#include "sim/node/request_pipeline.h"
#include "sim/wire/message.h"

namespace bsim {

// Names a request until it is answered.
struct RequestRef {
    ConnectionId connection;
    std::int32_t correlation_id = 0;
    std::int16_t version = 0;

    auto operator<=>(const RequestRef&) const = default;
};

class RpcServer : public ConnectionUser {
  public:
    using Handler = std::function<void(const RequestRef&, wire::Request&)>;

    RpcServer(Process& process,
              const ServerThreads& threads,
              const RequestErrors& errors,
              Handler handler);

    // Each request is ended by exactly one of these. Answers to clients that have gone are dropped.
    void answer(const RequestRef& request, wire::ResponseBody body);
    void finish_silently(const RequestRef& request);  // acks=0
    void disconnect(const RequestRef& request);

    // Within the handler: its thread is not free again before release_thread().
    void hold_thread() { pipeline_.hold_handler(); }
    void release_thread() { pipeline_.release_handler(); }
    const RequestPipeline& pipeline() const { return pipeline_; }

    void connected(ConnectionId connection) override;
    void refused(ConnectionId connection) override;
    void received(ConnectionId connection, std::unique_ptr<Frame> frame) override;
    void closed(ConnectionId connection, CloseReason why) override;

  private:
    struct Channel {
        std::deque<std::unique_ptr<Frame>> waiting;
        std::optional<HostId> peer;  // none: it had gone before this server heard of it
        std::uint32_t network_thread = 0;
        bool muted = false;
        bool peer_gone = false;
        bool reset = false;  // the next answer fails; only once the peer is gone
    };

    void take_next(ConnectionId connection, Channel& channel);
    void handle(ConnectionId connection, std::unique_ptr<Frame> frame);
    void refuse(const RequestRef& request,
                const wire::RequestBody& body,
                const RequestErrorRule& rule);
    void pass_answer(ConnectionId connection, std::unique_ptr<Frame> frame);
    void sent(ConnectionId connection, std::unique_ptr<Frame> frame);

    Process& process_;
    const RequestErrors& errors_;
    Handler handler_;
    RequestPipeline pipeline_;
    std::map<ConnectionId, Channel> channels_;
};

}  // namespace bsim
