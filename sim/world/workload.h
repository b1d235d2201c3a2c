#pragma once
// What the application behind a producer does: record k is due at start + k / rate, whether or not
// the one before it was acknowledged (open loop); with the rate "max" the next record comes as soon
// as send() has returned. It lives and dies with the producer's process: what was due during a
// pause is sent after it, what was due while the process was down never.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"
#include "sim/kernel/zipf.h"
#include "sim/node/producer_node.h"
#include "sim/scenario/scenario.h"

namespace bsim {

class Workload {
  public:
    Workload(const ProducerSpec& spec, Scheduler& scheduler, const Rng& rng, ProducerNode& node);
    Workload(const Workload&) = delete;
    Workload& operator=(const Workload&) = delete;

    const std::string& topic() const { return spec_.topic; }
    const ProducerNode& node() const { return node_; }
    // The topic is visible: starts the producer, now or at the time that the scenario names.
    void begin();

    // Faults; each end_ takes back one begin_ with the same value. Bursts multiply.
    void begin_burst(Ratio factor);
    void end_burst(Ratio factor);
    // The first key is so many times as likely as another; none: all records have it. The fault
    // that began last counts.
    void begin_hot_key(std::optional<Ratio> factor) { hot_.push_back(factor); }
    void end_hot_key(std::optional<Ratio> factor);

  private:
    void process_started();
    void schedule_next();
    void pace_from_now();
    SimTime due() const;
    void send();
    std::optional<std::uint64_t> draw_key();
    std::uint64_t draw_from(std::uint64_t keys);

    const ProducerSpec& spec_;
    Scheduler& scheduler_;
    ProducerNode& node_;
    RngStream keys_;
    RngStream hot_keys_;
    std::optional<ZipfSampler> zipf_;
    Alarm next_;
    // Record k, from first_ on, is due (k - first_) / rate after paced_.
    SimTime paced_;
    std::int64_t first_ = 0;
    std::int64_t sent_ = 0;
    bool begun_ = false;
    std::vector<Ratio> bursts_;
    std::vector<std::optional<Ratio>> hot_;
};

}  // namespace bsim
