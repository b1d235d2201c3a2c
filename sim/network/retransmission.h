#pragma once
// When a sender's TCP sends again: the retransmission timeout of one direction of a connection.
//
// From round-trip times by RFC 6298, in whole nanoseconds: timeout = smoothed + 4 * deviation, at
// least 200 ms and at most 120 s (Linux's TCP_RTO_MIN and TCP_RTO_MAX). It doubles each time that
// it expires and starts anew with what gets through. A sender that hears nothing for 924.6 s gives
// up: what tcp_retries2 = 15 amounts to, from the shortest timeout on.
// A connection attempt repeats its SYN after 1, 2, 4 … 32 s and gives up 64 s later, 127 s after
// its begin (tcp_syn_retries = 6).
//
// Simpler than Linux: every round trip is a sample (Karn's rule excludes what was sent again), the
// minimum is one of the whole, not of the deviation alone; no tail loss probe, no RACK.

#include <algorithm>
#include <cstdint>

#include "sim/base/time.h"

namespace bsim {

inline constexpr std::int64_t kSegmentBytes = 1460;  // of Ethernet's 1500, less two headers of 20
inline constexpr SimDuration kRetransmissionMin = milliseconds(200);
inline constexpr SimDuration kRetransmissionMax = seconds(120);
inline constexpr SimDuration kGiveUpAfter = milliseconds(924'600);
inline constexpr SimDuration kFirstSynTimeout = seconds(1);
inline constexpr SimDuration kLastSynTimeout = seconds(64);
inline constexpr std::int64_t kDuplicateAcks = 3;  // that make the sender send again at once

class RetransmissionTimer {
  public:
    void sample(SimDuration round_trip) {
        if (!sampled_) {
            sampled_ = true;
            smoothed_ = round_trip;
            deviation_ = round_trip / 2;
            return;
        }
        const SimDuration off =
            smoothed_ > round_trip ? smoothed_ - round_trip : round_trip - smoothed_;
        deviation_ = deviation_ + (off - deviation_) / 4;
        smoothed_ = smoothed_ + (round_trip - smoothed_) / 8;
    }

    SimDuration timeout() const {
        SimDuration timeout =
            std::clamp(smoothed_ + deviation_ * 4, kRetransmissionMin, kRetransmissionMax);
        for (std::int32_t i = 0; i < backoffs_ && timeout < kRetransmissionMax; ++i)
            timeout = timeout * 2;
        return std::min(timeout, kRetransmissionMax);
    }
    void expired() { ++backoffs_; }
    void got_through() { backoffs_ = 0; }

  private:
    SimDuration smoothed_;
    SimDuration deviation_;
    std::int32_t backoffs_ = 0;
    bool sampled_ = false;
};

}  // namespace bsim
