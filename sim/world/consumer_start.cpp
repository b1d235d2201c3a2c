#include "sim/world/consumer_start.h"

namespace bsim {

ConsumerStart::ConsumerStart(const ConsumerSpec& spec, ConsumerNode& node) : node_(&node) {
    for (const TopicPartition& p : spec.assign)
        awaited_.insert(p.topic);
}

void ConsumerStart::topic_visible(const std::string& topic) {
    const bool last = awaited_.erase(topic) == 1 && awaited_.empty();
    if (last && !node_->alive())
        node_->start(EventNumber{});
}

}  // namespace bsim
