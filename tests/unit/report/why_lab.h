#pragma once
// Hand-made traces for tests of explanations: events are told one after another, and explained.

#include <string>
#include <utility>
#include <vector>

#include "sim/report/why/explainer.h"

namespace bsim {

class WhyLab {
  public:
    // Times are in milliseconds. Without causes: rules must find them by themselves.
    template <class Body>
    EventNumber tell(std::int64_t ms, const std::string& node, Body body) {
        Event event;
        event.i = EventNumber(trace_.last_number().value() + 1);
        event.t = SimTime() + milliseconds(ms);
        event.n = NodeName(node);
        event.body = std::move(body);
        trace_.add(std::move(event));
        return trace_.last_number();
    }
    EventNumber fault(std::int64_t ms,
                      const std::string& id,
                      const std::string& kind,
                      std::vector<std::string> targets) {
        return tell(ms, "sim", FaultStarted{id, kind, std::move(targets)});
    }
    // orders-0 with replicas 1, 2, 3.
    EventNumber change(std::int64_t ms,
                       int leader,
                       int epoch,
                       const std::vector<int>& isr,
                       const std::string& reason) {
        PartitionChanged body;
        body.p = orders();
        if (leader >= 0)
            body.leader = BrokerId(leader);
        body.leader_epoch = LeaderEpoch(epoch);
        body.partition_epoch = PartitionEpoch(next_partition_epoch_++);
        for (const int broker : isr)
            body.isr.emplace_back(broker);
        body.replicas = {BrokerId(1), BrokerId(2), BrokerId(3)};
        body.reason = reason;
        return tell(ms, "controller-100", body);
    }
    // Nodes, topic orders and its partition, all well.
    void begin() {
        for (const char* node : {"controller-100", "broker-1", "broker-2", "broker-3"})
            tell(0, node, NodeStarted{Incarnation(1)});
        tell(1000, "controller-100", RaftRole{RaftRoleName::Leader, LeaderEpoch(1), BrokerId(100)});
        tell(1000, "controller-100", ControllerElected{LeaderEpoch(1)});
        tell(1500, "controller-100", TopicCreated{"orders", Uuid{}, 1});
        change(1500, 1, 0, {1, 2, 3}, "created");
    }

    static TopicPartition orders() { return {"orders", PartitionIndex(0)}; }

    Explanation explain(EventNumber i) const {
        return Explainer(trace_, facts).explain(*trace_.find(i));
    }
    Explanation explain(const CheckFinding& finding) const {
        return Explainer(trace_, facts).explain(finding);
    }
    Explanation explain(const ExpressionStory& story) const {
        return Explainer(trace_, facts).explain(story);
    }
    const StoredTrace& trace() const { return trace_; }

    RunFacts facts;

  private:
    StoredTrace trace_{EventNumber{}};
    int next_partition_epoch_ = 0;
};

// The kinds of the main chain's events, in order: "PartitionChanged BrokerFenced ...".
inline std::string kinds(const Explanation& explanation) {
    std::string out;
    for (const WhyStep& step : explanation.chains.front().steps)
        out += (out.empty() ? "" : " ") + std::string(kind_of(step.event->body));
    return out;
}

inline Origin origin(const Explanation& explanation) {
    return explanation.chains.front().origin;
}

// All settings on the main chain, as texts.
inline std::vector<std::string> settings(const Explanation& explanation) {
    std::vector<std::string> out;
    for (const WhyStep& step : explanation.chains.front().steps) {
        for (const NamedSetting& setting : step.settings)
            out.push_back(setting.text());
    }
    return out;
}

inline bool blames(const Explanation& explanation, const std::string& part) {
    for (const TrueCause& cause : explanation.causes) {
        if (cause.text.find(part) != std::string::npos)
            return true;
    }
    return false;
}

}  // namespace bsim
