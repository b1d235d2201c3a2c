#include "sim/world/consumer_start.h"

namespace bsim {

ConsumerStart::ConsumerStart(const Parts& parts)
    : scheduler_(&parts.scheduler), node_(&parts.node), start_(parts.member.start) {
    awaited_.insert(parts.spec.topics.begin(), parts.spec.topics.end());
    for (const TopicPartition& p : parts.spec.assign)
        awaited_.insert(p.topic);
}

void ConsumerStart::topic_visible(const std::string& topic) {
    const bool last = awaited_.erase(topic) == 1 && awaited_.empty();
    if (!last)
        return;
    const auto start = [node = node_] {
        if (!node->alive())
            node->start(EventNumber{});
    };
    if (start_ <= scheduler_->now()) {
        start();
    } else {
        scheduler_->at(start_, start);
    }
}

}  // namespace bsim
