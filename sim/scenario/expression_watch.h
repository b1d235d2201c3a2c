#pragma once
// The value of an expression over time. What it asks of the cluster comes from an ExpressionState;
// what it must remember (counts, when something was true last) it remembers itself. Pure: the same
// looks in the same order give the same values.

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/scenario/expression.h"
#include "sim/scenario/sliding_quantile.h"

namespace bsim {

// What is known at an instant, as an observer who sees all nodes knows it. nullopt: there is no
// such partition, replica or node (yet), or the fault has not struck.
class ExpressionState {
  public:
    virtual ~ExpressionState() = default;
    virtual SimTime now() const = 0;
    virtual std::optional<std::int64_t> isr_size(const TopicPartition& p) const = 0;
    virtual std::optional<NodeNames> leader(const TopicPartition& p) const = 0;
    virtual std::optional<LeaderEpoch> epoch(const TopicPartition& p) const = 0;
    virtual std::optional<Offset> high_watermark(const TopicPartition& p) const = 0;
    virtual std::optional<Offset> log_end(const std::string& node,
                                          const TopicPartition& p) const = 0;
    virtual std::int64_t under_replicated() const = 0;
    virtual NodeNames active_controller() const = 0;
    virtual std::optional<bool> is_up(const std::string& node) const = 0;
    virtual std::optional<NodeNames> targets(const std::string& fault) const = 0;
    // Is the event that has just happened one of these? False where none has.
    virtual bool happened(const EventPattern& pattern) const = 0;
    // nullopt: there is no such sample (yet).
    virtual std::optional<Ratio> metric(const MetricQuery& query) const = 0;
    // As Kafka names it; nullopt: no coordinator knows of the group.
    virtual std::optional<std::string> group_state(const std::string& group) const = 0;
    virtual std::optional<std::int64_t> group_lag(const std::string& group) const = 0;
    // Calls `told` for each duration that the event that has just happened tells of.
    using Told = std::function<void(SimDuration)>;
    virtual void measured(Latency latency, const Told& told) const = 0;
};

// What can change an expression's value, besides time.
struct ExpressionSources {
    bool partitions = false;  // leader, ISR, epoch, whether they exist
    bool high_watermarks = false;
    bool log_ends = false;
    bool nodes = false;  // up or down
    bool controller = false;
    bool targets = false;
    bool group_states = false;
    bool group_lags = false;
    std::vector<EventPattern> events;
    std::set<Latency> latencies;
    std::set<TopicPartition> logs;  // whose ends and high watermarks are asked for
};
ExpressionSources sources_of(const Expression& expression);

struct ComparedValues {
    ExpressionValue left;
    ExpressionValue right;
};

class ExpressionWatch {
  public:
    // `expression` must outlive it.
    explicit ExpressionWatch(const Expression& expression) : expression_(&expression) {}

    // To be called once at each event that sources_of() names, at next_look(), and whenever the
    // value is wanted at an instant between (then without an event in the state).
    ExpressionValue look(const ExpressionState& state);
    // When time alone may change the value; nullopt: never.
    std::optional<SimTime> next_look() const { return next_look_; }
    // What was compared with what at the last look, where the expression is a comparison.
    const std::optional<ComparedValues>& compared() const { return compared_; }

  private:
    friend class ExpressionEvaluator;

    // Of one `count` or `within`, in the order of the tree.
    struct Memory {
        std::int64_t count = 0;    // of all, for a count without a window
        std::deque<SimTime> seen;  // those within the window
        std::optional<SimTime> last_true;
        bool was_true = false;
        std::optional<SlidingQuantile> quantile;
    };

    const Expression* expression_;
    std::optional<ComparedValues> compared_;
    std::vector<Memory> memory_;
    std::optional<SimTime> next_look_;
};

}  // namespace bsim
