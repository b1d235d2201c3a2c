#pragma once
// The threads between the sockets of a server and what serves its requests:
//
//   socket -> network thread -> request queue -> request handler -> (purgatory) -> network thread
//
// A connection belongs to one network thread, which takes its requests in and sends its answers,
// one piece of work at a time, in the order in which they come up. A request waits in the queue for
// a free handler. While the queue holds `queued_max` requests, a network thread that has another
// one blocks, its answers with it; so nothing is lost, and the sockets fill.
// A handler is busy for the cost of the request, and as long as the request holds it (for the
// disk); what waits in purgatory holds none. Costs: request_costs.h, through the process's Cpu; the
// first request of each API costs more (Cpu::first_run).
// Source: SocketServer, RequestChannel, KafkaRequestHandler (3.9).

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "sim/node/process.h"

namespace bsim {

struct ServerThreads {
    std::int32_t network = 3;       // num.network.threads
    std::int32_t handlers = 8;      // num.io.threads
    std::int32_t queued_max = 500;  // queued.max.requests
};

class RequestPipeline {
  public:
    // Called when a handler has worked off the cost of a request.
    using Handle = std::function<void(ConnectionId connection, std::unique_ptr<Frame> request)>;
    // Called when a network thread lets an answer go; null for one that is not sent (acks=0).
    using Sent = std::function<void(ConnectionId connection, std::unique_ptr<Frame> answer)>;

    // Requires at least one of everything.
    RequestPipeline(Process& process, const ServerThreads& threads, Handle handle, Sent sent);

    // A number to give with all work of one connection.
    std::uint32_t next_network_thread();
    void receive(std::uint32_t network_thread,
                 ConnectionId connection,
                 std::unique_ptr<Frame> request);
    void send(std::uint32_t network_thread, ConnectionId connection, std::unique_ptr<Frame> answer);

    // Within Handle: the handler stays busy until release_handler().
    void hold_handler();
    void release_handler();

    std::size_t queued() const { return queue_.size(); }
    std::int32_t busy_handlers() const { return busy_; }

  private:
    struct Request {
        ConnectionId connection;
        std::unique_ptr<Frame> frame;
    };
    struct Work {
        Request what;
        bool receiving = false;
    };
    struct NetworkThread {
        std::deque<Work> waiting;
        Work current;
        bool busy = false;  // with `current`, or blocked by the full queue
        SimTime free_at;
    };

    void advance(std::uint32_t network_thread);
    void finish(std::uint32_t network_thread);
    void offer(Request request);
    void start_handling(Request request, SimDuration delay);
    void run_handler(Request request);
    void handler_free();

    Process& process_;
    ServerThreads threads_;
    Handle handle_;
    Sent sent_;
    std::vector<NetworkThread> network_;
    std::uint32_t next_thread_ = 0;
    std::deque<Request> queue_;
    std::deque<std::uint32_t> blocked_;  // network threads, each with a request in `current`
    std::set<wire::ApiKey> handled_;     // at least once
    std::int32_t busy_ = 0;
    bool held_ = false;  // by the request in hand
};

}  // namespace bsim
