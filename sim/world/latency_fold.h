#pragma once
// Durations that begin with one event and end with another, for expressions that ask for their
// quantiles: from a leader's append to the poll that returns the batch, and from the start of a
// rebalance to its end. It remembers when each batch was appended, all through the run.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/expression.h"
#include "sim/trace/sinks.h"

namespace bsim {

class LatencyFold : public EventSink {
  public:
    void on(const Event& event, std::string_view canonical) override;

    // Those that end with the event seen last; one of its kind tells of one latency only.
    const std::vector<SimDuration>& ended() const { return ended_; }

  private:
    struct Appended {
        Offset last;
        LeaderEpoch epoch;
        SimTime at;
    };
    // The first to append a batch is its leader; followers have it in the same epoch.
    void appended(const LogAppended& e, SimTime at);
    void consumed(const RecordsConsumed& e, SimTime at);

    std::map<TopicPartition, std::vector<Appended>> batches_;  // ascending
    std::map<std::string, SimTime> rebalances_;                // by group: since when
    std::vector<SimDuration> ended_;
};

}  // namespace bsim
