#pragma once
// Fetches that found no new records wait here, each until the leader's log grows past its offset or
// its own wait is over. A rising high watermark wakes none of them (3.9), and one whose wait is
// over gets the answer as it was when it was parked, old high watermark included. Source:
// ThresholdPurgatory; KafkaRaftClient.handleFetchRequest.

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/protocol/kraft/raft_io.h"

namespace bsim::kraft {

class FetchPurgatory {
  public:
    struct Parked {
        RequestId id;
        FetchRequest request;
        FetchAnswer answer;  // what it gets if nothing happens
        SimTime deadline;
    };

    void park(Parked fetch) { parked_.push_back(std::move(fetch)); }

    // Takes out those at or below `end`, by offset and then by arrival.
    std::vector<Parked> take_up_to(Offset end);
    // Takes out those whose wait is over, by deadline and then by arrival.
    std::vector<Parked> take_expired(SimTime now);
    // Takes out all, by offset and then by arrival.
    std::vector<Parked> take_all();

    std::optional<SimTime> next_deadline() const;
    bool empty() const { return parked_.empty(); }

  private:
    std::vector<Parked> parked_;  // by arrival
};

}  // namespace bsim::kraft
