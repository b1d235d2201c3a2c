#include "sim/app/expression_history.h"

#include <algorithm>
#include <array>
#include <deque>
#include <variant>

#include "sim/scenario/operand_walk.h"
#include "sim/world/event_interest.h"
#include "sim/world/latency_fold.h"
#include "sim/world/metrics_settings.h"
#include "sim/world/trace_state.h"

namespace bsim {
namespace {

// What a quantile is taken of, and the metrics, found in the expression's tree.
struct Asked : OperandWalk<Asked> {
    std::vector<QuantileQuery> quantiles;
    std::vector<MetricQuery> metrics;
    std::vector<TopicPartition> partitions;
    bool all_partitions = false;

    // Does a change of that partition matter?
    bool about(const TopicPartition& p) const {
        return all_partitions || partitions.empty() ||
               std::find(partitions.begin(), partitions.end(), p) != partitions.end();
    }

    using OperandWalk<Asked>::operator();
    void of(const ExpressionNode& node) { std::visit(*this, node.form); }
    void operator()(const PartitionQuery& node) { partitions.push_back(node.partition); }
    void operator()(const LogEndQuery& node) { partitions.push_back(node.partition); }
    void operator()(const UnderReplicatedQuery&) { all_partitions = true; }
    void operator()(const GroupQuery&) { all_partitions = true; }
    void operator()(const EventHappened&) { all_partitions = true; }
    void operator()(const EventCount&) { all_partitions = true; }
    void operator()(const QuantileQuery& node) { quantiles.push_back(node); }
    void operator()(const MetricQuery& node) { metrics.push_back(node); }
    template <class Other>
    void operator()(const Other&) {}
};

Asked asked_in(const Expression& expression) {
    Asked out;
    out.of(expression.root);
    return out;
}

// Events that come by the thousand: what a metric makes of each of them is nothing to tell.
bool is_frequent(const Event& event) {
    return is_message_event(event.body) || as<HwAdvanced>(event) != nullptr ||
           as<LogAppended>(event) != nullptr || as<LogFlushed>(event) != nullptr ||
           as<RaftHw>(event) != nullptr || as<RecordsConsumed>(event) != nullptr ||
           as<ProduceAcked>(event) != nullptr || as<OffsetCommitted>(event) != nullptr;
}

class Fold {
  public:
    Fold(const Scenario& scenario, const Expression& expression)
        : asked_(asked_in(expression)),
          metrics_(metrics_settings(scenario)),
          state_(TraceState::Seen{view_, &metrics_, &latencies_}),
          interest_(expression),
          watch_(expression),
          instants_(!sources_of(expression).events.empty()) {}

    void begin() {
        state_.forget_event(SimTime());
        note(SimTime(), EventNumber{});
    }
    void on(const Event& event) {
        pass_time(event.t);
        out_.end = event.t;
        view_.on(event);
        if (!asked_.quantiles.empty())
            latencies_.on(event, {});
        see_metrics(event);
        state_.on(event);
        measure(event);
        const auto* const change = as<PartitionChanged>(event);
        if (interest_.in(event) && (change == nullptr || asked_.about(change->p))) {
            newest_[event.body.index()] = event.i;
            last_ = event.i;
            note(event.t, event.i);
        }
        state_.forget_event(event.t);
    }
    // What time alone changes before that instant.
    void pass_time(SimTime until) {
        for (auto next = watch_.next_look(); next && *next < until; next = watch_.next_look()) {
            state_.forget_event(*next);
            note(*next, last_);
            if (watch_.next_look() == next)
                return;
        }
    }
    ExpressionHistory take() {
        for (const EventNumber i : newest_) {
            if (i != EventNumber{})
                out_.newest.push_back(i);
        }
        std::sort(out_.newest.begin(), out_.newest.end());
        return std::move(out_);
    }

  private:
    // Which events change the metrics that are asked for: looked at right before and after them.
    void see_metrics(const Event& event) {
        if (asked_.metrics.empty())
            return;
        const bool tells = !is_frequent(event);
        const auto before = tells ? values() : Values{};
        metrics_.on(event, {});
        if (tells && values() != before)
            last_ = event.i;
    }
    using Values = std::vector<std::optional<metrics::Decimal>>;
    Values values() const {
        Values out;
        for (const MetricQuery& query : asked_.metrics)
            out.push_back(metrics_.value(query.name, query.labels));
        return out;
    }
    // What the quantiles are taken of.
    void measure(const Event& event) {
        for (const QuantileQuery& query : asked_.quantiles) {
            if (!state_.happened(query.pattern))
                continue;
            state_.measured(query.latency, [&](SimDuration duration) {
                measured_.push_back({event.t, event.i, duration});
            });
            while (!measured_.empty() && measured_.front().t + query.window <= event.t)
                measured_.pop_front();
        }
    }
    // The event that tells of the longest duration which counts then.
    EventNumber longest(SimTime t) const {
        const Measured* found = nullptr;
        for (const Measured& one : measured_) {
            const bool counts = one.t + asked_.quantiles.front().window > t;
            if (counts && (found == nullptr || found->duration < one.duration))
                found = &one;
        }
        return found == nullptr ? EventNumber{} : found->i;
    }
    void note(SimTime t, EventNumber i) {
        const ExpressionValue value = watch_.look(state_);
        const EventNumber slow = asked_.quantiles.empty() ? EventNumber{} : longest(t);
        i = slow != EventNumber{} ? slow : i;
        const bool again = instants_ && value == ExpressionValue(true);
        if (!again && !out_.moments.empty() && out_.moments.back().value == value)
            return;
        out_.moments.push_back({t, i, value});
    }

    struct Measured {
        SimTime t;
        EventNumber i;
        SimDuration duration;
    };

    Asked asked_;
    ClusterView view_;
    metrics::MetricLookup metrics_;
    LatencyFold latencies_;
    std::deque<Measured> measured_;
    TraceState state_;
    EventInterest interest_;
    ExpressionWatch watch_;
    bool instants_;  // it may be true at single instants, and again at the next
    EventNumber last_;
    std::array<EventNumber, std::variant_size_v<EventBody>> newest_{};
    ExpressionHistory out_;
};

bool is(const ExpressionMoment& moment, bool value) {
    return moment.value == ExpressionValue(value);
}

}  // namespace

const ExpressionMoment* ExpressionHistory::at(SimTime t) const {
    const auto after = std::partition_point(moments.begin(), moments.end(),
                                            [&](const auto& moment) { return moment.t <= t; });
    return after == moments.begin() ? nullptr : &*(after - 1);
}

const ExpressionMoment* ExpressionHistory::last(bool value, SimTime t) const {
    const ExpressionMoment* found = nullptr;
    for (const ExpressionMoment& moment : moments) {
        if (moment.t <= t && is(moment, value))
            found = &moment;
    }
    return found;
}

const ExpressionMoment* ExpressionHistory::first(bool value, SimTime from) const {
    const ExpressionMoment* const now = at(from);
    if (now != nullptr && is(*now, value))
        return now;
    for (const ExpressionMoment& moment : moments) {
        if (moment.t >= from && is(moment, value))
            return &moment;
    }
    return nullptr;
}

Result<ExpressionHistory, TraceError> expression_history(std::istream& trace,
                                                         const Scenario& scenario,
                                                         const Expression& expression,
                                                         std::optional<SimTime> until) {
    TraceReader reader(trace, Attributes::Required);
    BSIM_TRY_VOID(reader.header());
    Fold fold(scenario, expression);
    fold.begin();
    for (;;) {
        BSIM_TRY(const auto event, reader.next());
        if (!event || (until && event->t > *until))
            break;
        fold.on(*event);
    }
    if (until)
        fold.pass_time(*until + SimDuration(1));
    return fold.take();
}

}  // namespace bsim
