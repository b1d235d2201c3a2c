#include "sim/check/isr_lag.h"

#include <fmt/format.h>
#include <set>
#include <string>

#include "sim/check/punctual.h"

namespace bsim {

namespace {

constexpr SimDuration kLookEvery = seconds(1);

}  // namespace

void IsrLag::on(const Event& event, const ClusterView& view) {
    if (!settings_.clocks_true)
        return;
    if (event.t >= next_look_) {
        look(event, view);
        next_look_ = event.t + kLookEvery;
    }
    const auto proposes = [&](const TopicPartition& p, bool open) {
        const auto found = led_.find(p);
        if (found == led_.end() || event.n.kafka_id() != found->second.leader)
            return;
        found->second.proposing = open;
        found->second.decided = event.t;
    };
    if (const auto* leader = as<BecameLeader>(event)) {
        if (const auto id = event.n.kafka_id())
            led_[leader->p] = {*id, leader->epoch, false, event.t, {{event.t, leader->leo}}, false};
    } else if (const auto* proposed = as<IsrProposed>(event)) {
        proposes(proposed->p, true);
    } else if (const auto* shrunk = as<IsrShrunk>(event)) {
        proposes(shrunk->p, false);
    } else if (const auto* expanded = as<IsrExpanded>(event)) {
        proposes(expanded->p, false);
    } else if (const auto* dropped = as<IsrProposalDropped>(event)) {
        proposes(dropped->p, false);
    }
}

void IsrLag::look(const Event& event, const ClusterView& view) {
    const std::set<std::string> slowed = slowed_by_faults(view);
    for (auto& [p, led] : led_) {
        const NodeName node = NodeName::broker(led.leader);
        const PartitionView& partition = *view.partition(p);
        const ReplicaView* const leader = partition.acting_leader();
        if (partition.deleted || leader == nullptr || leader != partition.replica(led.leader) ||
            leader->epoch != led.epoch)
            continue;
        if (!is_punctual(node, slowed, view))
            led.ends.clear();
        if (led.ends.empty() || led.ends.back().end != leader->log.end())
            led.ends.push_back({event.t, leader->log.end()});
        judge(event, p, led, partition);
    }
}

void IsrLag::judge(const Event& event,
                   const TopicPartition& p,
                   Led& led,
                   const PartitionView& partition) {
    const SimDuration bound = settings_.replica_lag * 3 / 2 + kIsrLagSlack;
    // The newest that is old enough stays in front.
    while (led.ends.size() > 1 && led.ends[1].at + bound <= event.t)
        led.ends.pop_front();
    const Mark& then = led.ends.front();
    const SimTime looks_again = led.decided + settings_.replica_lag / 2 + kIsrLagSlack;
    if (led.proposing || led.told || then.at + bound > event.t || looks_again > event.t)
        return;
    evaluated();
    for (const BrokerId member : partition.isr) {
        const ReplicaView* const replica = partition.replica(member);
        if (replica == nullptr || replica->log.end() >= then.end)
            continue;
        led.told = true;
        violated(event.i, event.t,
                 fmt::format("{}: broker {} is in the ISR with a log that ends at {}, but that of "
                             "leader {} ended at {} more than {} ms ago",
                             p.to_string(), member.value(), replica->log.end().value(),
                             led.leader.value(), then.end.value(), bound.ms()));
        return;
    }
}

}  // namespace bsim
