#pragma once
// Starts a consumer when all the topics that it reads are visible, but not before the time that the
// scenario names.

#include <set>
#include <string>

#include "sim/kernel/scheduler.h"
#include "sim/node/consumer_node.h"
#include "sim/scenario/scenario.h"

namespace bsim {

class ConsumerStart {
  public:
    ConsumerStart(const ConsumerSpec& spec, Scheduler& scheduler, ConsumerNode& node);

    void topic_visible(const std::string& topic);

  private:
    SimTime earliest_;
    Scheduler* scheduler_;
    ConsumerNode* node_;
    std::set<std::string> awaited_;
};

}  // namespace bsim
