#include "sim/check/maximal_isr_covers.h"

#include <fmt/format.h>

#include "sim/model/metadata_image_partition.h"

namespace bsim {

namespace {

// The partition, if the event's node leads it in the controller's newest epoch.
const PartitionView* led(const Event& event, const TopicPartition& p, const ClusterView& view) {
    const PartitionView* const partition = view.partition(p);
    const auto id = event.n.kafka_id();
    if (!id || partition == nullptr || !partition->known || partition->deleted)
        return nullptr;
    const ReplicaView* const leader = partition->acting_leader();
    return leader != nullptr && leader == partition->replica(*id) ? partition : nullptr;
}

bool passed(const PartitionView& partition, BrokerId member, Offset hw) {
    const ReplicaView* const leader = partition.acting_leader();
    const ReplicaView* const replica = partition.replica(member);
    if (replica == nullptr || replica == leader || agrees_below(leader->log, replica->log, hw))
        return false;
    return !replica->before_loss || *replica->before_loss < hw;
}

std::string list(const std::vector<BrokerId>& isr) {
    std::string text = "[";
    for (const BrokerId broker : isr)
        text += fmt::format("{}{}", text.size() == 1 ? "" : ",", broker.value());
    return text + "]";
}

}  // namespace

void MaximalIsrCovers::on(const Event& event, const ClusterView& view) {
    if (const auto* hw = as<HwAdvanced>(event)) {
        on_hw(event, *hw, view);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        on_changed(event, *changed, view);
    } else if (const auto* proposed = as<IsrProposed>(event)) {
        on_proposed(event, *proposed, view);
    } else if (const auto* dropped = as<IsrProposalDropped>(event)) {
        on_dropped(event, *dropped, view);
    } else if (const auto* shrunk = as<IsrShrunk>(event)) {
        on_confirmed(event, shrunk->p, shrunk->isr, view);
    } else if (const auto* expanded = as<IsrExpanded>(event)) {
        on_confirmed(event, expanded->p, expanded->isr, view);
    }
}

void MaximalIsrCovers::on_changed(const Event& event,
                                  const PartitionChanged& e,
                                  const ClusterView& view) {
    const auto [found, fresh] = beliefs_.try_emplace(e.p);
    Belief& belief = found->second;
    if (fresh || e.reason == "created" || belief.epoch != e.leader_epoch) {
        belief = {};
        belief.epoch = e.leader_epoch;
        belief.confirmed = e.isr;
        belief.history[e.partition_epoch] = e.isr;
        return;
    }
    const Isr before = belief.history.empty() ? Isr() : belief.history.rbegin()->second;
    belief.history[e.partition_epoch] = e.isr;
    const PartitionView& partition = *view.partition(e.p);
    judge_cover(event, e.p, belief, partition);
    if (belief.proposed && partition.acting_leader() != nullptr)
        judge_newcomers(event, e.p, belief, before, partition);
}

void MaximalIsrCovers::judge_newcomers(const Event& event,
                                       const TopicPartition& p,
                                       const Belief& belief,
                                       const Isr& before,
                                       const PartitionView& partition) {
    const ReplicaView& leader = *partition.acting_leader();
    for (const BrokerId member : partition.isr) {
        if (contains(before, member) || !leader.hw)
            continue;
        evaluated();
        if (!contains(belief.passed, member) && !passed(partition, member, *leader.hw))
            continue;
        violated(event.i, event.t,
                 fmt::format("{}: broker {} joins the ISR as proposed, but meanwhile the leader's "
                             "high watermark, {}, has passed it",
                             p.to_string(), member.value(), leader.hw->value()));
    }
}

MaximalIsrCovers::Belief* MaximalIsrCovers::belief_of(const TopicPartition& p, LeaderEpoch epoch) {
    const auto found = beliefs_.find(p);
    return found == beliefs_.end() || found->second.epoch != epoch ? nullptr : &found->second;
}

void MaximalIsrCovers::on_proposed(const Event& event,
                                   const IsrProposed& e,
                                   const ClusterView& view) {
    const PartitionView* const partition = led(event, e.p, view);
    Belief* const belief = belief_of(e.p, e.leader_epoch);
    if (partition == nullptr || belief == nullptr)
        return;
    const auto base = belief->history.find(e.partition_epoch);
    if (base != belief->history.end()) {
        belief->confirmed = base->second;
        belief->history.erase(belief->history.begin(), base);
    }
    belief->proposed = e.isr;
    belief->passed.clear();
    judge_cover(event, e.p, *belief, *partition);
}

void MaximalIsrCovers::on_dropped(const Event& event,
                                  const IsrProposalDropped& e,
                                  const ClusterView& view) {
    const PartitionView* const partition = led(event, e.p, view);
    Belief* const belief = belief_of(e.p, e.leader_epoch);
    if (partition == nullptr || belief == nullptr)
        return;
    belief->proposed.reset();
    judge_cover(event, e.p, *belief, *partition);
}

void MaximalIsrCovers::on_confirmed(const Event& event,
                                    const TopicPartition& p,
                                    const Isr& isr,
                                    const ClusterView& view) {
    const PartitionView* const partition = led(event, p, view);
    if (partition == nullptr)
        return;
    Belief* const belief = belief_of(p, partition->leader_epoch);
    if (belief == nullptr)
        return;
    belief->confirmed = isr;
    belief->proposed.reset();
    judge_cover(event, p, *belief, *partition);
}

void MaximalIsrCovers::judge_cover(const Event& event,
                                   const TopicPartition& p,
                                   Belief& belief,
                                   const PartitionView& partition) {
    evaluated();
    for (const BrokerId member : partition.isr) {
        if (contains(belief.confirmed, member) ||
            (belief.proposed && contains(*belief.proposed, member)))
            continue;
        if (std::exchange(belief.told, true))
            return;
        judge(
            event.i, event.t,
            fmt::format("{}: broker {} is in the controller's ISR {}, but not in the leader's "
                        "maximal ISR: committed {}, proposed {}",
                        p.to_string(), member.value(), list(partition.isr), list(belief.confirmed),
                        belief.proposed ? list(*belief.proposed) : "nothing"),
            std::string(partition.forgotten.contains(member) ? ForgottenNewcomers::kExcuse : ""));
        return;
    }
}

void MaximalIsrCovers::on_hw(const Event& event, const HwAdvanced& e, const ClusterView& view) {
    const auto found = beliefs_.find(e.p);
    if (found == beliefs_.end() || !found->second.proposed)
        return;
    const PartitionView* const partition = led(event, e.p, view);
    if (partition == nullptr || found->second.epoch != partition->leader_epoch)
        return;
    evaluated();
    Belief& belief = found->second;
    for (const BrokerId newcomer : *belief.proposed) {
        if (!contains(partition->isr, newcomer) && !contains(belief.passed, newcomer) &&
            passed(*partition, newcomer, e.hw))
            belief.passed.push_back(newcomer);
    }
    for (const BrokerId member : partition->isr) {
        if (contains(*belief.proposed, member) || !passed(*partition, member, e.hw))
            continue;
        violated(event.i, event.t,
                 fmt::format("{}: leader {} raises its high watermark to {} past broker {}, which "
                             "it has proposed to remove from the ISR, but the controller has not",
                             e.p.to_string(), event.n.text(), e.hw.value(), member.value()));
        return;
    }
}

}  // namespace bsim
