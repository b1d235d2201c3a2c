#pragma once
// Which nodes a Raft request may go to now: at most one request per node is awaited; after a
// failure the node rests for the retry backoff; a request without an answer for the request timeout
// is given up. Answers that are no longer awaited are dropped. Source: RequestManager. (Reconnect
// backoff is the connection's business: a request to a node that cannot be connected fails,
// RequestFailed, and the 20 ms retry backoff follows.)

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "sim/protocol/kraft/raft_io.h"
#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

class RequestManager {
  public:
    RequestManager(std::vector<BrokerId> bootstrap, SimDuration backoff, SimDuration timeout);

    bool has_any_in_flight(SimTime now);
    // Some voter that may be asked, from a drawn one on in order; none while anything is in flight.
    std::optional<BrokerId> find_ready_bootstrap(SimTime now, std::uint64_t draw);
    // When find_ready_bootstrap may next succeed.
    SimTime bootstrap_ready_at(SimTime now);

    bool has_timed_out(BrokerId node, SimTime now) const;
    bool is_backing_off(BrokerId node, SimTime now) const;
    bool is_ready(BrokerId node, SimTime now);
    // When the node may be asked again, by backoff or timeout.
    SimTime ready_at(BrokerId node, SimTime now) const;

    CorrelationId on_sent(BrokerId node, SimTime now);
    bool is_expected(BrokerId node, CorrelationId correlation) const;
    void on_result(BrokerId node, CorrelationId correlation, bool success, SimTime now);

    void reset(BrokerId node) { nodes_.erase(node); }
    void reset_all() { nodes_.clear(); }

  private:
    struct Node {
        std::optional<CorrelationId> in_flight;
        bool backing_off = false;
        SimTime until;  // end of the backoff, or of the wait for the answer
    };

    void forget_expired(SimTime now);

    std::vector<BrokerId> bootstrap_;
    SimDuration backoff_;
    SimDuration timeout_;
    std::map<BrokerId, Node> nodes_;
    std::int32_t next_correlation_ = 0;
};

}  // namespace bsim::kraft
