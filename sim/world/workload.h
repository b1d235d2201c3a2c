#pragma once
// What the application behind a producer does: record k is due at start + k / rate, whether or not
// the one before it was acknowledged (open loop); with the rate "max" the next record comes as soon
// as send() has returned.

#include <cstdint>
#include <optional>
#include <string>

#include "sim/kernel/rng.h"
#include "sim/kernel/scheduler.h"
#include "sim/node/producer_node.h"
#include "sim/scenario/scenario.h"

namespace bsim {

class Workload {
  public:
    Workload(const ProducerSpec& spec, Scheduler& scheduler, const Rng& rng, ProducerNode& node);

    const std::string& topic() const { return spec_->topic; }
    // The topic is visible: starts the producer, now or at the time that the scenario names.
    void begin();

  private:
    void start();
    void schedule_next();
    void send();

    const ProducerSpec* spec_;
    Scheduler* scheduler_;
    ProducerNode* node_;
    RngStream keys_;
    SimTime started_;
    std::int64_t sent_ = 0;
    bool begun_ = false;
};

}  // namespace bsim
