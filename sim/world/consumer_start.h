#pragma once
// Starts a consumer when all the topics that it reads are visible, and its time has come.

#include <set>
#include <string>

#include "sim/kernel/scheduler.h"
#include "sim/node/consumer_node.h"
#include "sim/scenario/scenario.h"

namespace bsim {

class ConsumerStart {
  public:
    struct Parts {
        const ConsumerSpec& spec;
        const MemberSpec& member;
        Scheduler& scheduler;
        ConsumerNode& node;
    };
    explicit ConsumerStart(const Parts& parts);

    void topic_visible(const std::string& topic);

  private:
    Scheduler* scheduler_;
    ConsumerNode* node_;
    SimTime start_;
    std::set<std::string> awaited_;
};

}  // namespace bsim
