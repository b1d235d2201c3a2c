#include "sim/check/controller_state_legal.h"

#include <algorithm>
#include <fmt/format.h>

#include "sim/model/metadata_image_partition.h"

namespace bsim {

namespace {

using Ids = std::vector<BrokerId>;

constexpr std::size_t kProposalsKept = 16;

bool within(const Ids& part, const Ids& whole) {
    return std::all_of(part.begin(), part.end(),
                       [&](BrokerId broker) { return contains(whole, broker); });
}

bool repeats(const Ids& list) {
    return std::any_of(list.begin(), list.end(), [&](BrokerId broker) {
        return std::count(list.begin(), list.end(), broker) > 1;
    });
}

std::string text(const Ids& list) {
    std::string all = "[";
    for (const BrokerId broker : list)
        all += fmt::format("{}{}", all.size() == 1 ? "" : ",", broker.value());
    return all + "]";
}

// As the metadata log has it; a broker that never registered is not known to be fenced.
bool is_fenced(BrokerId broker, const ClusterView& view) {
    const auto found = view.brokers().find(broker);
    return found != view.brokers().end() && found->second.known && found->second.fenced;
}

bool registrations_are_known(const ClusterView& view) {
    return std::any_of(view.brokers().begin(), view.brokers().end(),
                       [](const auto& entry) { return entry.second.known; });
}

}  // namespace

void ControllerStateLegal::on(const Event& event, const ClusterView& view) {
    if (const auto* changed = as<PartitionChanged>(event)) {
        on_changed(event, *changed, view);
    } else if (const auto* elected = as<LeaderElected>(event)) {
        on_elected(event, *elected);
    } else if (const auto* proposed = as<IsrProposed>(event)) {
        on_proposed(event, *proposed);
    } else if (const auto* registered = as<BrokerRegistered>(event)) {
        on_registered(event, *registered, view);
    } else if (const auto* fenced = as<BrokerFenced>(event)) {
        on_fenced(event, *fenced, view);
    } else if (const auto* unfenced = as<BrokerUnfenced>(event)) {
        judge_epoch(event, unfenced->broker, unfenced->broker_epoch);
    } else if (const auto* deleted = as<TopicDeleted>(event)) {
        for (auto& [p, before] : partitions_) {
            if (p.topic == deleted->topic)
                before.deleted = true;
        }
    }
}

void ControllerStateLegal::wrong(const Event& event,
                                 const TopicPartition& p,
                                 const std::string& what) {
    violated(event.i, event.t, p.to_string() + ": " + what);
}

void ControllerStateLegal::on_changed(const Event& event,
                                      const PartitionChanged& e,
                                      const ClusterView& view) {
    Before& before = partitions_[e.p];
    const bool created = e.reason == "created";
    evaluated();
    if (!created && (!before.created || before.deleted)) {
        wrong(event, e.p,
              before.deleted ? "changes after its topic was deleted"
                             : "changes without having been created");
    }
    if (created)
        before = {};
    judge_sets(event, e);
    judge_fenced(event, e, view);
    judge_leader(event, e, before, view);
    judge_proposal(event, e, before);
    if (created)
        judge_placement(event, e, view);
    if (e.reason == "controlled-shutdown") {
        for (const BrokerId broker : before.isr) {
            if (!contains(e.isr, broker))
                shutting_down_.insert(broker);
        }
    }
    elected_from_ = before;
    const auto proposals = proposals_.find(e.p);
    if (proposals != proposals_.end() && (created || e.leader_epoch != before.leader_epoch))
        proposals->second.clear();
    before = {true, false, e.leader, e.leader_epoch, e.partition_epoch, e.isr, e.elr};
}

void ControllerStateLegal::judge_sets(const Event& event, const PartitionChanged& e) {
    if (e.replicas.empty() || repeats(e.replicas))
        wrong(event, e.p, "the replicas " + text(e.replicas) + " are no set of brokers");
    if (e.isr.empty() || repeats(e.isr) || !within(e.isr, e.replicas)) {
        wrong(event, e.p,
              "the ISR " + text(e.isr) + " is no part of the replicas " + text(e.replicas));
    }
    if (e.leader && !contains(e.isr, *e.leader)) {
        wrong(event, e.p,
              fmt::format("leader {} is not in the ISR {}", e.leader->value(), text(e.isr)));
    }
    const bool shared = std::any_of(e.elr.begin(), e.elr.end(),
                                    [&](BrokerId broker) { return contains(e.isr, broker); });
    if (shared || repeats(e.elr) || !within(e.elr, e.replicas)) {
        wrong(event, e.p,
              "the ELR " + text(e.elr) + " does not go with the ISR " + text(e.isr) +
                  " and the replicas " + text(e.replicas));
    }
    if (e.recovering && e.isr.size() > 1)
        wrong(event, e.p, "the ISR is " + text(e.isr) + " while the leader recovers");
}

void ControllerStateLegal::judge_fenced(const Event& event,
                                        const PartitionChanged& e,
                                        const ClusterView& view) {
    if (e.isr.size() < 2)
        return;
    for (const BrokerId broker : e.isr) {
        if (!is_fenced(broker, view))
            continue;
        judge(event.i, event.t,
              fmt::format("{}: broker {} is in the ISR {}, but fenced", e.p.to_string(),
                          broker.value(), text(e.isr)),
              registered_in_isr_.contains(broker)
                  ? "it registered anew before its last session was fenced"
                  : "");
    }
}

void ControllerStateLegal::judge_leader(const Event& event,
                                        const PartitionChanged& e,
                                        const Before& before,
                                        const ClusterView& view) {
    const bool elected = e.leader && (!before.created || e.leader != before.leader ||
                                      e.leader_epoch != before.leader_epoch);
    if (elected) {
        evaluated();
        if (is_fenced(*e.leader, view))
            wrong(event, e.p, fmt::format("leader {} is fenced", e.leader->value()));
        if (shutting_down_.contains(*e.leader))
            wrong(event, e.p, fmt::format("leader {} is shutting down", e.leader->value()));
    }
    for (const BrokerId broker : e.isr) {
        if (shutting_down_.contains(broker) && !contains(before.isr, broker)) {
            wrong(event, e.p,
                  fmt::format("broker {} joins the ISR while it shuts down", broker.value()));
        }
    }
    if (!elected || !before.created || contains(before.isr, *e.leader) ||
        contains(before.elr, *e.leader))
        return;
    evaluated();
    if (!settings_.unclean_allowed(e.p.topic)) {
        wrong(event, e.p,
              fmt::format("leader {} is neither in the ISR {} nor in the ELR, and unclean "
                          "elections are not enabled",
                          e.leader->value(), text(before.isr)));
    } else if (e.isr.size() != 1) {
        wrong(event, e.p,
              fmt::format("leader {} comes from outside of the ISR {}, but the ISR becomes {}",
                          e.leader->value(), text(before.isr), text(e.isr)));
    }
}

void ControllerStateLegal::on_proposed(const Event& event, const IsrProposed& e) {
    std::vector<IsrProposed>& made = proposals_[e.p];
    const Before& before = partitions_[e.p];
    if (!before.leader || event.n.kafka_id() != before.leader ||
        e.leader_epoch != before.leader_epoch)
        return;
    // A leader asks again with every fetch while its broker refuses to send what it asks for.
    std::erase(made, e);
    made.push_back(e);
    if (made.size() > kProposalsKept)
        made.erase(made.begin());
}

void ControllerStateLegal::judge_proposal(const Event& event,
                                          const PartitionChanged& e,
                                          const Before& before) {
    if (e.reason != "alter-partition" || proposals_.empty())
        return;
    evaluated();
    // What completes a reassignment leaves out who is no replica any more.
    const auto left_out = [&](BrokerId broker) {
        return !contains(e.isr, broker) && contains(e.replicas, broker);
    };
    const auto fits = [&](const IsrProposed& made) {
        return made.partition_epoch == before.partition_epoch && within(e.isr, made.isr) &&
               std::none_of(made.isr.begin(), made.isr.end(), left_out);
    };
    const auto found = proposals_.find(e.p);
    if (found != proposals_.end() && std::any_of(found->second.begin(), found->second.end(), fits))
        return;
    wrong(
        event, e.p,
        fmt::format("the ISR becomes {} in partition epoch {}, which leader {} has not proposed on "
                    "partition epoch {}",
                    text(e.isr), e.partition_epoch.value(),
                    before.leader ? before.leader->value() : -1, before.partition_epoch.value()));
}

void ControllerStateLegal::judge_placement(const Event& event,
                                           const PartitionChanged& e,
                                           const ClusterView& view) {
    if (!registrations_are_known(view))
        return;
    evaluated();
    std::map<std::string, int> used;  // replicas by rack
    for (const BrokerId broker : e.replicas) {
        const auto found = view.brokers().find(broker);
        if (found == view.brokers().end() || !found->second.known) {
            wrong(event, e.p,
                  fmt::format("is created on broker {}, which has not registered", broker.value()));
        }
        const auto rack = settings_.racks.find(broker);
        ++used[rack == settings_.racks.end() ? "" : rack->second];
    }
    if (settings_.placed_by_hand.contains(e.p.topic))
        return;
    std::set<std::string> racks;
    for (const auto& [broker, state] : view.brokers()) {
        // Who may be on the way down is passed over, and its rack with it.
        if (!state.known || !state.up || shutting_down_.contains(broker) ||
            view.under_fault(NodeName::broker(broker)))
            continue;
        const auto rack = settings_.racks.find(broker);
        racks.insert(rack == settings_.racks.end() ? "" : rack->second);
    }
    if (racks.size() < e.replicas.size())
        return;
    evaluated();
    for (const auto& [rack, count] : used) {
        if (count > 1) {
            wrong(event, e.p,
                  fmt::format("{} of its replicas {} are in rack \"{}\", though there are {} racks",
                              count, text(e.replicas), rack, racks.size()));
        }
    }
}

void ControllerStateLegal::on_elected(const Event& event, const LeaderElected& e) {
    const Before& before = elected_from_;
    if (!before.created)
        return;
    evaluated();
    const bool clean = contains(before.isr, e.to) || contains(before.elr, e.to);
    if (clean == e.clean)
        return;
    wrong(event, e.p,
          fmt::format("the election of {} is called {}, but the ISR was {}", e.to.value(),
                      e.clean ? "clean" : "unclean", text(before.isr)));
}

void ControllerStateLegal::on_registered(const Event& event,
                                         const BrokerRegistered& e,
                                         const ClusterView& view) {
    Broker& broker = brokers_[e.broker];
    const bool known = broker.known;
    const BrokerEpoch last = broker.epoch;
    broker.known = true;
    broker.epoch = e.broker_epoch;
    if (known) {
        evaluated();
        if (e.broker_epoch < last) {
            violated(event.i, event.t,
                     fmt::format("broker {} registers with epoch {}, after epoch {}",
                                 e.broker.value(), e.broker_epoch.value(), last.value()));
        }
    }
    if (known && e.broker_epoch == last)
        return;
    shutting_down_.erase(e.broker);
    registered_in_isr_.erase(e.broker);
    for (const auto& [p, partition] : view.partitions()) {
        if (partition.known && !partition.deleted && partition.isr.size() > 1 &&
            contains(partition.isr, e.broker))
            registered_in_isr_.insert(e.broker);
    }
}

void ControllerStateLegal::judge_epoch(const Event& event, BrokerId broker, BrokerEpoch epoch) {
    const auto found = brokers_.find(broker);
    if (found == brokers_.end() || !found->second.known)
        return;
    evaluated();
    if (epoch == found->second.epoch)
        return;
    violated(event.i, event.t,
             fmt::format("broker {} is named with epoch {}, but has {}", broker.value(),
                         epoch.value(), found->second.epoch.value()));
}

void ControllerStateLegal::on_fenced(const Event& event,
                                     const BrokerFenced& e,
                                     const ClusterView& view) {
    judge_epoch(event, e.broker, e.broker_epoch);
    for (const auto& [p, partition] : view.partitions()) {
        if (!partition.known || partition.deleted || !contains(partition.isr, e.broker))
            continue;
        evaluated();
        if (partition.leader == e.broker) {
            wrong(event, p, fmt::format("broker {} is fenced, but leads", e.broker.value()));
        } else if (partition.isr.size() > 1) {
            wrong(event, p,
                  fmt::format("broker {} is fenced, but stays in the ISR {}", e.broker.value(),
                              text(partition.isr)));
        }
    }
}

}  // namespace bsim
