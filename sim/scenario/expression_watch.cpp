#include "sim/scenario/expression_watch.h"

#include <algorithm>
#include <utility>

#include "sim/scenario/expression_compare.h"
#include "sim/scenario/operand_walk.h"

namespace bsim {
namespace {

using Truth = std::optional<bool>;

constexpr SimDuration kScrapeInterval = seconds(1);

NumberValue number(std::int64_t value) {
    return {{value, 1}, NumberUnit::One};
}

ExpressionValue value_of(Truth truth) {
    return truth ? ExpressionValue(*truth) : ExpressionValue(UnknownValue{});
}

Truth truth_of(const ExpressionValue& value) {
    const auto* truth = std::get_if<bool>(&value);
    return truth != nullptr ? Truth(*truth) : std::nullopt;
}

struct Sources : OperandWalk<Sources> {
    ExpressionSources& out;

    explicit Sources(ExpressionSources& sources) : out(sources) {}
    using OperandWalk<Sources>::operator();
    void of(const ExpressionNode& node) { std::visit(*this, node.form); }

    void operator()(const LiteralValue&) {}
    void operator()(const PartitionQuery& node) {
        out.partitions = true;
        if (node.what == PartitionQuery::What::HighWatermark) {
            out.high_watermarks = true;
            out.logs.insert(node.partition);
        }
    }
    void operator()(const LogEndQuery& node) {
        out.log_ends = true;
        out.logs.insert(node.partition);
        of(*node.node);
    }
    void operator()(const UnderReplicatedQuery&) { out.partitions = true; }
    void operator()(const ActiveControllerQuery&) { out.controller = true; }
    void operator()(const UpQuery& node) {
        out.nodes = true;
        of(*node.node);
    }
    void operator()(const TargetQuery&) { out.targets = true; }
    void operator()(const EventHappened& node) { out.events.push_back(node.pattern); }
    void operator()(const EventCount& node) { out.events.push_back(node.pattern); }
    void operator()(const MetricQuery&) {}
    void operator()(const GroupQuery& node) {
        (node.what == GroupQuery::What::Lag ? out.group_lags : out.group_states) = true;
    }
    void operator()(const QuantileQuery& node) {
        out.events.push_back(node.pattern);
        out.latencies.insert(node.latency);
    }
};

}  // namespace

ExpressionSources sources_of(const Expression& expression) {
    ExpressionSources out;
    Sources(out).of(expression.root);
    return out;
}

// One look. Every part is evaluated, also where the result is known already: counts must not miss
// an event.
class ExpressionEvaluator {
  public:
    ExpressionEvaluator(ExpressionWatch& watch, const ExpressionState& state)
        : watch_(watch),
          state_(state),
          whole_(std::holds_alternative<Comparison>(watch.expression_->root.form)) {
        watch_.next_look_.reset();
    }

    ExpressionValue of(const ExpressionNode& node) { return std::visit(*this, node.form); }

    ExpressionValue operator()(const LiteralValue& node) { return node.value; }
    ExpressionValue operator()(const PartitionQuery& node) {
        switch (node.what) {
            case PartitionQuery::What::Isr:
                return optional_number(state_.isr_size(node.partition));
            case PartitionQuery::What::Leader:
                return optional_nodes(state_.leader(node.partition));
            case PartitionQuery::What::Epoch: {
                const auto epoch = state_.epoch(node.partition);
                return epoch ? ExpressionValue(number(epoch->value()))
                             : ExpressionValue(UnknownValue{});
            }
            case PartitionQuery::What::HighWatermark:
                return optional_offset(state_.high_watermark(node.partition));
        }
        return UnknownValue{};
    }
    ExpressionValue operator()(const LogEndQuery& node) {
        const ExpressionValue nodes = of(*node.node);
        const auto* names = std::get_if<NodeNames>(&nodes);
        if (names == nullptr) {
            return UnknownValue{};
        }
        return optional_offset(log_end(*names, node.partition));
    }
    ExpressionValue operator()(const UnderReplicatedQuery&) {
        return number(state_.under_replicated());
    }
    ExpressionValue operator()(const ActiveControllerQuery&) { return state_.active_controller(); }
    ExpressionValue operator()(const UpQuery& node);
    ExpressionValue operator()(const TargetQuery& node) {
        return optional_nodes(state_.targets(node.fault));
    }
    ExpressionValue operator()(const EventHappened& node) {
        const bool happened = state_.happened(node.pattern);
        if (happened) {
            look_again(state_.now());  // it is over as soon as the instant is
        }
        return happened;
    }
    ExpressionValue operator()(const EventCount& node);
    ExpressionValue operator()(const MetricQuery& node);
    ExpressionValue operator()(const GroupQuery& node);
    ExpressionValue operator()(const QuantileQuery& node);
    ExpressionValue operator()(const Negation& node) {
        const Truth truth = truth_of(of(*node.of));
        return truth ? ExpressionValue(!*truth) : ExpressionValue(UnknownValue{});
    }
    ExpressionValue operator()(const Conjunction& node) { return all(node.of, false); }
    ExpressionValue operator()(const Disjunction& node) { return all(node.of, true); }
    ExpressionValue operator()(const Comparison& node) {
        const bool whole = std::exchange(whole_, false);
        ExpressionValue left = of(*node.left);
        ExpressionValue right = of(*node.right);
        const Truth truth = compare(node.op, left, right);
        if (whole)
            watch_.compared_ = {std::move(left), std::move(right)};
        return value_of(truth);
    }
    ExpressionValue operator()(const WithinLast& node);

  private:
    std::optional<Offset> log_end(const NodeNames& names, const TopicPartition& p) const;
    static ExpressionValue optional_number(std::optional<std::int64_t> value) {
        return value ? ExpressionValue(number(*value)) : ExpressionValue(UnknownValue{});
    }
    static ExpressionValue optional_offset(std::optional<Offset> value) {
        return value ? ExpressionValue(number(value->value())) : ExpressionValue(UnknownValue{});
    }
    static ExpressionValue optional_nodes(std::optional<NodeNames> value) {
        return value ? ExpressionValue(std::move(*value)) : ExpressionValue(UnknownValue{});
    }
    // Kleene's logic: `decisive` decides wherever it occurs, unknown wins over its opposite.
    ExpressionValue all(const std::vector<ExpressionNode>& nodes, bool decisive);
    ExpressionWatch::Memory& memory();
    void look_again(SimTime at) {
        auto& next = watch_.next_look_;
        next = next ? std::min(*next, at) : at;
    }

    ExpressionWatch& watch_;
    const ExpressionState& state_;
    std::size_t used_ = 0;
    bool whole_;  // the next comparison is the whole expression
};

// Of the one node that has such a log. A bare number names two nodes, of which one may exist.
std::optional<Offset> ExpressionEvaluator::log_end(const NodeNames& names,
                                                   const TopicPartition& p) const {
    std::optional<Offset> found;
    for (const std::string& name : names) {
        const auto end = state_.log_end(name, p);
        if (found && end) {
            return std::nullopt;
        }
        found = end ? end : found;
    }
    return found;
}

ExpressionWatch::Memory& ExpressionEvaluator::memory() {
    if (used_ == watch_.memory_.size()) {
        watch_.memory_.emplace_back();
    }
    return watch_.memory_[used_++];
}

ExpressionValue ExpressionEvaluator::all(const std::vector<ExpressionNode>& nodes, bool decisive) {
    bool decided = false;
    bool unknown = false;
    for (const ExpressionNode& node : nodes) {
        const Truth truth = truth_of(of(node));
        decided |= truth == decisive;
        unknown |= !truth;
    }
    return decided   ? ExpressionValue(decisive)
           : unknown ? ExpressionValue(UnknownValue{})
                     : ExpressionValue(!decisive);
}

ExpressionValue ExpressionEvaluator::operator()(const UpQuery& node) {
    const ExpressionValue nodes = of(*node.node);
    const auto* names = std::get_if<NodeNames>(&nodes);
    if (names == nullptr || names->empty()) {
        return UnknownValue{};
    }
    bool known = false;
    bool up = true;
    for (const std::string& name : *names) {
        if (const auto is_up = state_.is_up(name)) {
            known = true;
            up = up && *is_up;
        }
    }
    return known ? ExpressionValue(up) : ExpressionValue(UnknownValue{});
}

ExpressionValue ExpressionEvaluator::operator()(const EventCount& node) {
    const std::size_t slot = used_;
    memory();
    const bool happened = state_.happened(node.pattern);
    ExpressionWatch::Memory& memory = watch_.memory_[slot];
    if (!node.window) {
        memory.count += happened ? 1 : 0;
        return number(memory.count);
    }
    if (happened) {
        memory.seen.push_back(state_.now());
    }
    // What happened exactly `window` ago is out.
    while (!memory.seen.empty() && state_.now() - memory.seen.front() >= *node.window) {
        memory.seen.pop_front();
    }
    if (!memory.seen.empty()) {
        look_again(memory.seen.front() + *node.window);
    }
    return number(static_cast<std::int64_t>(memory.seen.size()));
}

ExpressionValue ExpressionEvaluator::operator()(const MetricQuery& node) {
    const std::int64_t second = state_.now().ns() / kScrapeInterval.ns();
    look_again(SimTime() + kScrapeInterval * (second + 1));
    const auto value = state_.metric(node);
    return value ? ExpressionValue(NumberValue{*value, NumberUnit::One})
                 : ExpressionValue(UnknownValue{});
}

ExpressionValue ExpressionEvaluator::operator()(const GroupQuery& node) {
    if (node.what == GroupQuery::What::Lag)
        return optional_number(state_.group_lag(node.group));
    auto state = state_.group_state(node.group);
    return state ? ExpressionValue(GroupStateValue{std::move(*state)})
                 : ExpressionValue(UnknownValue{});
}

ExpressionValue ExpressionEvaluator::operator()(const QuantileQuery& node) {
    auto& quantile = memory().quantile;
    if (!quantile)
        quantile.emplace(node.permille);
    const SimTime now = state_.now();
    if (state_.happened(node.pattern))
        state_.measured(node.latency, [&](SimDuration value) { quantile->add(now, value); });
    // What came exactly `window` ago is out.
    if (now - SimTime() >= node.window)
        quantile->forget(now - node.window);
    if (const auto oldest = quantile->oldest())
        look_again(*oldest + node.window);
    const auto value = quantile->value();
    return value ? ExpressionValue(NumberValue{{value->ns(), 1}, NumberUnit::Time})
                 : ExpressionValue(UnknownValue{});
}

ExpressionValue ExpressionEvaluator::operator()(const WithinLast& node) {
    const std::size_t slot = used_;
    memory();
    const Truth truth = truth_of(of(*node.of));
    ExpressionWatch::Memory& memory = watch_.memory_[slot];
    const SimTime now = state_.now();
    // It was true up to the instant at which it is found to be false: after an event, it is looked
    // at again in the same instant.
    if (truth == true || memory.was_true) {
        memory.last_true = now;
    }
    memory.was_true = truth == true;
    if (truth == true) {
        return true;
    }
    if (memory.last_true && now - *memory.last_true < node.window) {
        look_again(*memory.last_true + node.window);
        return true;
    }
    return value_of(truth);
}

ExpressionValue ExpressionWatch::look(const ExpressionState& state) {
    return ExpressionEvaluator(*this, state).of(expression_->root);
}

}  // namespace bsim
