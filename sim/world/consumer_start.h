#pragma once
// Starts a consumer when all the topics that it reads are visible.

#include <set>
#include <string>

#include "sim/node/consumer_node.h"
#include "sim/scenario/scenario.h"

namespace bsim {

class ConsumerStart {
  public:
    ConsumerStart(const ConsumerSpec& spec, ConsumerNode& node);

    void topic_visible(const std::string& topic);

  private:
    ConsumerNode* node_;
    std::set<std::string> awaited_;
};

}  // namespace bsim
