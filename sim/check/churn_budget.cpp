#include "sim/check/churn_budget.h"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

namespace bsim {
namespace {

bool touches_everybody(std::string_view fault) {
    constexpr std::array<std::string_view, 4> kFaults = {"api-error", "response-drop",
                                                         "traffic-burst", "hot-key"};
    return fault.starts_with("net-") || fault.starts_with("message-") ||
           std::find(kFaults.begin(), kFaults.end(), fault) != kFaults.end();
}

bool is_administrative(std::string_view fault) {
    constexpr std::array<std::string_view, 7> kFaults = {
        "elect-preferred", "elect-unclean",  "reassign",     "config-change",
        "topic-delete",    "partitions-add", "broker-remove"};
    return std::find(kFaults.begin(), kFaults.end(), fault) != kFaults.end();
}

// The controller moved the leader for a purpose, not because it lost one.
bool is_on_purpose(std::string_view reason) {
    constexpr std::array<std::string_view, 3> kReasons = {"controlled-shutdown",
                                                          "preferred-election", "reassignment"};
    return std::find(kReasons.begin(), kReasons.end(), reason) != kReasons.end();
}

}  // namespace

void ChurnBudget::on(const Event& event, const ClusterView& view) {
    if (const auto* fault = as<FaultStarted>(event)) {
        for (const std::string& target : fault->targets)
            on_trouble(target, event.i);
        if (touches_everybody(fault->fault))
            everybody_ = event.i;
        if (is_administrative(fault->fault))
            administered_ = event.i;
    } else if (const auto* ended = as<FaultEnded>(event)) {
        // A voter that was cut off comes back with a higher epoch.
        for (const std::string& target : ended->targets)
            on_trouble(target, event.i);
    } else if (as<NodeStopped>(event) != nullptr || as<NodePaused>(event) != nullptr) {
        on_trouble(event.n.text(), event.i);
    } else if (const auto* elected = as<ControllerElected>(event)) {
        on_controller(event, *elected, view);
    } else if (const auto* changed = as<PartitionChanged>(event)) {
        on_partition(event, *changed, view);
    }
    on_group_event(event, view);
}

void ChurnBudget::on_group_event(const Event& event, const ClusterView& view) {
    groups_.on(event, view, [&](const NodeName& node, EventNumber since) {
        return explained(node, since, view);
    });
    for (std::size_t judged = groups_.take_judged(); judged > 0; --judged)
        evaluated();
    for (GroupChurn::Complaint& complaint : groups_.take_complaints())
        violated(complaint.i, complaint.t, std::move(complaint.what));
}

bool ChurnBudget::explained(const NodeName& node,
                            EventNumber since,
                            const ClusterView& view) const {
    const auto trouble = troubled_.find(node.text());
    if (trouble != troubled_.end() && trouble->second > since)
        return true;
    if (everybody_ > since || view.under_fault(node))
        return true;
    return std::any_of(view.faults().begin(), view.faults().end(), [](const FaultView& fault) {
        return fault.open && touches_everybody(fault.fault);
    });
}

void ChurnBudget::finish(const EndOfRun& /*end*/, const ClusterView& /*view*/) {
    if (controller_ || !places_.empty() || groups_.any_group())
        evaluated();
}

void ChurnBudget::on_controller(const Event& event,
                                const ControllerElected& e,
                                const ClusterView& view) {
    if (controller_) {
        evaluated();
        if (!explained(*controller_, controller_since_, view)) {
            violated(event.i, event.t,
                     fmt::format("{} is elected controller in epoch {} although nothing befell {}",
                                 event.n.text(), e.epoch.value(), controller_->text()));
        }
    }
    controller_ = event.n;
    controller_since_ = event.i;
}

void ChurnBudget::on_partition(const Event& event,
                               const PartitionChanged& e,
                               const ClusterView& view) {
    if (e.reason == "created")
        places_.erase(e.p);
    Place& place = places_[e.p];
    const bool purpose = is_on_purpose(e.reason);
    const auto judge = [&](BrokerId broker, EventNumber since, std::string_view what) {
        evaluated();
        // One that is no longer to hold the partition has been reassigned.
        const bool reassigned =
            std::find(e.replicas.begin(), e.replicas.end(), broker) == e.replicas.end();
        if (purpose || reassigned || administered_ > since ||
            explained(NodeName::broker(broker), since, view))
            return;
        violated(event.i, event.t,
                 fmt::format("{}: broker {} {} although nothing befell it", e.p.to_string(),
                             broker.value(), what));
    };
    if (place.leader && place.leader != e.leader)
        judge(*place.leader, place.since, "loses the leadership");
    if (place.leader != e.leader) {
        place.leader = e.leader;
        place.since = event.i;
    }
    std::map<BrokerId, EventNumber> isr;
    for (const BrokerId member : e.isr) {
        const auto before = place.isr.find(member);
        isr[member] = before == place.isr.end() ? event.i : before->second;
    }
    for (const auto& [member, since] : place.isr) {
        if (isr.contains(member))
            continue;
        // A leader that cannot serve its followers takes them out.
        const bool leaders_fault = e.leader && e.reason == "alter-partition" &&
                                   explained(NodeName::broker(*e.leader), since, view);
        if (!leaders_fault)
            judge(member, since, "leaves the ISR");
    }
    place.isr = std::move(isr);
}

}  // namespace bsim
