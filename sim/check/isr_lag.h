#pragma once
// isr-lag: who lags leaves the ISR. A member that has not reached its leader's log end for
// replica.lag.time.max.ms is out of sync, and every half of that time the leader proposes an ISR
// without such members (ReplicaManager.maybeShrinkIsr and Replica.isCaughtUp of Kafka 3.9). Of the
// family I13: what is not taken out holds the high watermark, and all who wait for it, for ever.
//
// Violation, looked for once a simulated second: a member of the controller's ISR lacks what its
// leader had one and a half times replica.lag.time.max.ms ago and kIsrLagSlack before that, and
// the leader has had no proposal under way for half of that time and the slack.
//
// What is not counted: the time before the leader took up its epoch, before it was last paused or
// had a slow processor, disk or clock by a fault, and all after its clock was set. Answers to
// proposals are no events: one counts as under way until the leader confirms an ISR. Not evaluated
// if a broker's clock is off by its settings.

#include <deque>
#include <map>

#include "sim/check/checker.h"

namespace bsim {

inline constexpr SimDuration kIsrLagSlack = seconds(5);

class IsrLag : public Checker {
  public:
    explicit IsrLag(const CheckSettings& settings)
        : Checker("isr-lag", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    struct Mark {
        SimTime at;
        Offset end;
    };
    // How a leader fares in its epoch.
    struct Led {
        BrokerId leader;
        LeaderEpoch epoch;
        bool proposing = false;  // an ISR that it has not confirmed
        SimTime decided;         // when that changed
        std::deque<Mark> ends;   // its log end, at most once a second
        bool told = false;
    };

    void look(const Event& event, const ClusterView& view);
    void judge(const Event& event,
               const TopicPartition& p,
               Led& led,
               const PartitionView& partition);

    CheckSettings settings_;
    std::map<TopicPartition, Led> led_;
    SimTime next_look_;
};

}  // namespace bsim
