#pragma once
// What one end of a connection has sent and its receiver does not have yet, in order. Inside
// sim/network/.
//
// Most of the time it is one message or none. So the first one has a place in the queue itself,
// beside the rest of its connection's state: a deque's blocks would be two more cache misses each
// time, and an allocation for every fifth message. More of them lie in a vector, whose front is
// given back when half of it is void. 1.6 to 2.3 M messages/s (64 hosts, one message each).

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include <boost/container/small_vector.hpp>

#include "sim/network/frame.h"
#include "sim/network/rules.h"

namespace bsim {

struct Outgoing {
    std::unique_ptr<Frame> frame;  // null: the end of the stream
    std::int64_t bytes = 0;
    std::int64_t segments = 1;
    std::int64_t missing = 0;            // segments that have been sent and lost
    std::optional<SimDuration> latency;  // drawn when it was handed over; none: without a route
    SimTime sent;                        // last
    SimTime arrival;                     // of its last segment, once nothing is missing
    bool again = false;
    std::optional<RuleId> held_by;      // a message rule holds it
    std::optional<SimTime> not_before;  // a message rule delays it
};

class MessageQueue {
  public:
    bool empty() const { return front_ == messages_.size(); }
    std::size_t size() const { return messages_.size() - front_; }
    Outgoing& operator[](std::size_t at) { return messages_[front_ + at]; }
    Outgoing& front() { return messages_[front_]; }
    Outgoing& back() { return messages_.back(); }
    auto begin() { return messages_.begin() + static_cast<std::ptrdiff_t>(front_); }
    auto end() { return messages_.end(); }

    Outgoing& add() { return messages_.emplace_back(); }
    void pop_back() {
        messages_.pop_back();
        if (empty())
            clear();
    }
    void pop_front() {
        ++front_;
        if (empty()) {
            clear();
        } else if (front_ >= kMostVoid && 2 * front_ >= messages_.size()) {
            messages_.erase(messages_.begin(), begin());
            front_ = 0;
        }
    }
    void clear() {
        messages_.clear();
        front_ = 0;
    }

  private:
    static constexpr std::size_t kMostVoid = 16;

    std::size_t front_ = 0;  // those before it are void
    boost::container::small_vector<Outgoing, 1> messages_;
};

}  // namespace bsim
