#pragma once
// churn-budget: no change of leadership and no rebalance without a reason. A liveness check: it
// counts only if the scenario expects it. Family I14 of the catalogue; the budget is what the
// scenario's own faults explain.
//
// A change is explained if, since the one who loses by it came to its place, that node was stopped,
// paused or the target of a fault that began or ended, or a fault that may touch every node was
// open (a net-* or message-* fault, failing requests, a burst of traffic), or, for leaders of
// partitions, an administrative fault was started or the controller gave a reason of its own
// (controlled shutdown, preferred election, reassignment). Violations: a controller that is elected
// although nothing befell the one before it; a leader of a partition that moves although nothing
// befell it; a replica that leaves the ISR although nothing befell it, nor the leader that asked
// for that; a rebalance of a consumer group without a reason (check/group_churn.h).

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/check/checker.h"
#include "sim/check/group_churn.h"

namespace bsim {

class ChurnBudget : public Checker {
  public:
    ChurnBudget() : Checker("churn-budget", CheckKind::Liveness) {}

    void on(const Event& event, const ClusterView& view) override;
    // A run in which nobody lost a place has kept to its budget.
    void finish(const EndOfRun& end, const ClusterView& view) override;

  private:
    void on_trouble(const std::string& node, EventNumber i) { troubled_[node] = i; }
    bool explained(const NodeName& node, EventNumber since, const ClusterView& view) const;
    void on_group_event(const Event& event, const ClusterView& view);
    void on_controller(const Event& event, const ControllerElected& e, const ClusterView& view);
    void on_partition(const Event& event, const PartitionChanged& e, const ClusterView& view);

    struct Place {
        std::optional<BrokerId> leader;
        EventNumber since;
        std::map<BrokerId, EventNumber> isr;  // when each member joined
    };

    std::map<std::string, EventNumber> troubled_;  // the last event that befell a node
    EventNumber everybody_;                        // the last fault that may touch all
    EventNumber administered_;                     // the last fault that went through admin
    std::optional<NodeName> controller_;
    EventNumber controller_since_;
    std::map<TopicPartition, Place> places_;
    GroupChurn groups_;
};

}  // namespace bsim
