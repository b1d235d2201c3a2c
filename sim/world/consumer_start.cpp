#include "sim/world/consumer_start.h"

#include <algorithm>

namespace bsim {

ConsumerStart::ConsumerStart(const ConsumerSpec& spec, Scheduler& scheduler, ConsumerNode& node)
    : earliest_(spec.start), scheduler_(&scheduler), node_(&node) {
    for (const TopicPartition& p : spec.assign)
        awaited_.insert(p.topic);
}

void ConsumerStart::topic_visible(const std::string& topic) {
    if (awaited_.erase(topic) == 0 || !awaited_.empty())
        return;
    scheduler_->at(std::max(earliest_, scheduler_->now()), [node = node_] {
        if (!node->alive())
            node->start(EventNumber{});
    });
}

}  // namespace bsim
