#include "sim/protocol/controller/brokers_to_isrs.h"

namespace bsim::controller {
namespace {

using Partitions = std::set<TopicIdPartition>;

const Partitions& find(const std::map<BrokerId, Partitions>& index, BrokerId broker) {
    static const Partitions kNone;
    const auto at = index.find(broker);
    return at == index.end() ? kNone : at->second;
}

void erase(std::map<BrokerId, Partitions>& index, BrokerId broker, const TopicIdPartition& tp) {
    const auto at = index.find(broker);
    if (at == index.end())
        return;
    at->second.erase(tp);
    if (at->second.empty())
        index.erase(at);
}

}  // namespace

void BrokersToIsrs::update(const TopicIdPartition& tp,
                           const PartitionRegistration* before,
                           const PartitionRegistration* after) {
    if (before != nullptr) {
        for (const BrokerId member : before->isr) {
            if (after == nullptr || !contains(after->isr, member))
                erase(members_, member, tp);
        }
        if (before->leader && (after == nullptr || after->leader != before->leader)) {
            erase(leaders_, *before->leader, tp);
        }
    }
    if (after != nullptr) {
        for (const BrokerId member : after->isr) {
            if (before == nullptr || !contains(before->isr, member))
                members_[member].insert(tp);
        }
        if (after->leader && (before == nullptr || before->leader != after->leader)) {
            leaders_[*after->leader].insert(tp);
        }
    }
    if (after != nullptr && !after->leader) {
        leaderless_.insert(tp);
    } else {
        leaderless_.erase(tp);
    }
}

const Partitions& BrokersToIsrs::with_broker_in_isr(BrokerId broker) const {
    return find(members_, broker);
}

const Partitions& BrokersToIsrs::led_by(BrokerId broker) const {
    return find(leaders_, broker);
}

}  // namespace bsim::controller
