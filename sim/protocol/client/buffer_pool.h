#pragma once
// The accounting of buffer.memory. A batch takes as many bytes as the buffer that Kafka's producer
// would allocate for it and gives them back when it is done. The one application thread may wait
// for memory; while it does, all batches count as ready to be sent.
// Source: producer.internals.BufferPool (with one waiter, and without its list of idle buffers,
// which changes no number).

#include <cstdint>

#include "sim/base/check.h"

namespace bsim::client {

class BufferPool {
  public:
    explicit BufferPool(std::int64_t total_bytes) : total_(total_bytes) {}

    // Takes the bytes, or notes that someone waits for them.
    bool allocate(std::int64_t bytes) {
        waiting_ = total_ - used_ < bytes;
        if (waiting_)
            return false;
        used_ += bytes;
        return true;
    }
    void release(std::int64_t bytes) {
        BSIM_CHECK(bytes <= used_);
        used_ -= bytes;
    }
    void stop_waiting() { waiting_ = false; }

    bool someone_waits() const { return waiting_; }
    std::int64_t used() const { return used_; }
    std::int64_t total() const { return total_; }

  private:
    std::int64_t total_;
    std::int64_t used_ = 0;
    bool waiting_ = false;
};

}  // namespace bsim::client
