#pragma once
// controller-state-legal: the metadata that the active controller commits is well formed and names
// no broker that may not serve. Exact invariants R15, C3, C4, C5 and C7 of facts/invariants.md, as
// far as KRaft without ELR goes. The events come in the order of the metadata log, so that each is
// judged by the state that the controller had when it decided.
//
// Violations:
//   R15  a PartitionChanged whose replicas are none or repeat; whose ISR is empty, repeats, or is
//   no
//        subset of the replicas; whose leader is not in the ISR; whose ELR is no subset of the
//        replicas or shares a member with the ISR; with a fenced broker in an ISR of several;
//        with several members in the ISR while the leader recovers from an unclean election;
//   C3   a partition changes that was not created or whose topic is deleted; a leader from outside
//        of ISR and ELR that the event calls clean, that the topic's settings do not permit, or
//        that is not the whole ISR; a leader from inside that is called unclean;
//   C2   the controller takes an ISR from a leader that has not proposed it in the partition's
//        leader epoch, on the partition epoch that the partition had (without replicas that a
//        reassignment which that completes takes out);
//   C4   a broker registers with a lower epoch than before; a broker is fenced or unfenced under an
//        epoch that it does not have;
//   C5   a partition gets a leader, or a leader epoch, whose broker is fenced, or shuts down in a
//        controlled way; a broker is fenced that leads, or is one of several in an ISR;
//   C7   a partition is created on a broker that is not registered, with a fenced one in its ISR,
//        or with two replicas in a rack although there are as many racks as replicas.
// Permitted: a fenced broker in the ISR that registered anew before its old session was fenced; no
// record takes it out then without ELR. C2 is not judged before the first proposal of any leader
// (hand-made traces). Brokers that no event registered are not judged (hand-made
// traces), nor the racks of topics that were placed by hand.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "sim/check/checker.h"

namespace bsim {

class ControllerStateLegal : public Checker {
  public:
    explicit ControllerStateLegal(const CheckSettings& settings)
        : Checker("controller-state-legal", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Before {
        bool created = false;
        bool deleted = false;
        std::optional<BrokerId> leader;
        LeaderEpoch leader_epoch;
        PartitionEpoch partition_epoch;
        std::vector<BrokerId> isr;
        std::vector<BrokerId> elr;
    };
    struct Broker {
        bool known = false;
        BrokerEpoch epoch;
    };

    void on_changed(const Event& event, const PartitionChanged& e, const ClusterView& view);
    void judge_sets(const Event& event, const PartitionChanged& e);
    void judge_fenced(const Event& event, const PartitionChanged& e, const ClusterView& view);
    void judge_leader(const Event& event,
                      const PartitionChanged& e,
                      const Before& before,
                      const ClusterView& view);
    void on_proposed(const Event& event, const IsrProposed& e);
    void judge_proposal(const Event& event, const PartitionChanged& e, const Before& before);
    void judge_placement(const Event& event, const PartitionChanged& e, const ClusterView& view);
    void on_elected(const Event& event, const LeaderElected& e);
    void on_registered(const Event& event, const BrokerRegistered& e, const ClusterView& view);
    void on_fenced(const Event& event, const BrokerFenced& e, const ClusterView& view);
    void judge_epoch(const Event& event, BrokerId broker, BrokerEpoch epoch);
    void wrong(const Event& event, const TopicPartition& p, const std::string& what);

    CheckSettings settings_;
    std::map<TopicPartition, Before> partitions_;
    // What the change before a LeaderElected made of the partition it names.
    Before elected_from_;
    std::map<BrokerId, Broker> brokers_;
    std::set<BrokerId> shutting_down_;
    // The newest ones of the partition's leader, in its leader epoch.
    std::map<TopicPartition, std::vector<IsrProposed>> proposals_;
    std::set<BrokerId> registered_in_isr_;  // anew, while in an ISR of several
};

}  // namespace bsim
