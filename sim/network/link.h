#pragma once
// One link of the network: a directed edge of the topology with what it does to what it carries,
// and the queue in front of it.
//
// Bandwidth: what is sent occupies a link for bytes * 8 / rate, one after another in the order in
// which it was handed to the network. On a route of several links a message flows through all of
// them at once (no switch waits for its last bit), so that the slowest link counts.

#include <cstdint>
#include <optional>

#include "sim/base/time.h"
#include "sim/model/link.h"
#include "sim/network/latency.h"

namespace bsim {

// How long so many bytes take at a rate; rounded up. Requires a rate above zero.
SimDuration serialization_delay(std::int64_t bytes, std::int64_t bits_per_second);

// What waits for a limited rate, first in, first out.
class TransmitQueue {
  public:
    // A message on its way through several queues: when its first bit can enter the next one, and
    // when its last bit has left those before it.
    struct Passage {
        SimTime first;
        SimTime last;
    };
    void pass(Passage& passage, std::int64_t bytes, std::int64_t bits_per_second);

  private:
    SimTime free_;
};

class alignas(64) Link {
  public:
    explicit Link(const LinkSpec& spec)
        : latency_(spec.latency), bits_per_second_(spec.bits_per_second), spec_(spec) {}

    const LinkSpec& spec() const { return spec_; }
    const LatencySampler& latency() const { return latency_; }
    bool is_up() const { return up_; }
    void set_up(bool up) { up_ = up; }

    void pass(TransmitQueue::Passage& passage, std::int64_t bytes) {
        if (bits_per_second_)
            queue_.pass(passage, bytes, *bits_per_second_);
    }

  private:
    // What each message looks at comes first, in one line of the cache: with a thousand hosts no
    // cache holds all links (way.h).
    LatencySampler latency_;
    std::optional<std::int64_t> bits_per_second_;
    TransmitQueue queue_;
    bool up_ = true;
    LinkSpec spec_;
};

}  // namespace bsim
