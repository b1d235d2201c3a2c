#include "sim/app/expression_concerns.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>

#include "sim/scenario/operand_walk.h"
#include "sim/scenario/selector_text.h"

namespace bsim {
namespace {

// Partitions of a topic that are asked after, where an expression names none.
constexpr std::int32_t kMostPartitions = 4;
// How far back something is looked for that shows at an instant.
constexpr SimDuration kLookBack = seconds(20);

std::optional<TopicPartition> partition_of(const std::string& text) {
    TextPart topic;
    TextPart index;
    return parse_partition(text, topic, index);
}

class Walk : public OperandWalk<Walk> {
  public:
    Walk(const Scenario& scenario, const AskedSpan& span) : scenario_(scenario), span_(span) {}

    using OperandWalk<Walk>::operator();
    void of(const ExpressionNode& node) { std::visit(*this, node.form); }
    std::vector<Concern> take() { return std::move(out_); }

    void operator()(const LiteralValue&) {}
    void operator()(const PartitionQuery& node) {
        if (node.what == PartitionQuery::What::HighWatermark)
            add(progress(node.partition, back()));
    }
    void operator()(const LogEndQuery& node) {
        Concern concern = progress(node.partition, back());
        concern.what = Concern::What::Replica;
        if (const auto* literal = std::get_if<LiteralValue>(&node.node->form))
            concern.node = name_of(literal->value);
        add(concern);
        add(progress(node.partition, back()));
    }
    void operator()(const UnderReplicatedQuery&) {}
    void operator()(const ActiveControllerQuery&) {}
    void operator()(const UpQuery&) {}
    void operator()(const TargetQuery&) {}
    void operator()(const EventHappened& node) {
        if (span_.awaited)
            of_events(node.pattern, back());
    }
    void operator()(const EventCount& node) {
        of_events(node.pattern, node.window && !span_.awaited ? span_.to - *node.window : back());
    }
    void operator()(const MetricQuery& node) {
        const auto group = node.labels.find("consumergroup");
        const bool lag = node.name.find("lag") != std::string::npos;
        if (lag && group != node.labels.end())
            add(of_group(Concern::What::Lag, group->second));
        else if (lag)
            all_groups(std::nullopt);
        if (node.name.find("produce") != std::string::npos)
            of_producers(std::nullopt, back());
    }
    void operator()(const GroupQuery& node) {
        const bool lag = node.what == GroupQuery::What::Lag;
        add(of_group(lag ? Concern::What::Lag : Concern::What::Group, node.group));
    }
    void operator()(const QuantileQuery& node) {
        if (node.latency == Latency::EndToEnd || node.latency == Latency::Commit)
            all_groups(std::nullopt);
    }

  private:
    SimTime back() const {
        return span_.awaited ? span_.from : std::max(SimTime(), span_.to - kLookBack);
    }
    Concern progress(const TopicPartition& p, SimTime from) const {
        Concern out;
        out.what = Concern::What::Progress;
        out.p = p;
        out.from = std::max(SimTime(), from);
        out.to = span_.to;
        return out;
    }
    Concern of_group(Concern::What what, const std::string& group) const {
        Concern out;
        out.what = what;
        out.group = group;
        out.from = span_.from;
        out.to = span_.to;
        return out;
    }
    static std::string name_of(const ExpressionValue& value) {
        if (const auto* nodes = std::get_if<NodeNames>(&value))
            return nodes->size() == 1 ? nodes->front() : "";
        if (const auto* number = std::get_if<NumberValue>(&value)) {
            return NodeName::broker(BrokerId(static_cast<std::int32_t>(number->number.numerator /
                                                                       number->number.denominator)))
                .text();
        }
        return "";
    }
    void add(const Concern& concern) {
        if (std::find(out_.begin(), out_.end(), concern) == out_.end())
            out_.push_back(concern);
    }
    void all_groups(const std::optional<std::string>& named) {
        for (const ConsumerSpec& consumer : scenario_.consumers) {
            if (consumer.group && (!named || *named == *consumer.group))
                add(of_group(Concern::What::Lag, *consumer.group));
        }
    }
    void of_producers(const std::optional<TopicPartition>& named, SimTime from) {
        if (named) {
            add(progress(*named, from));
            return;
        }
        for (const ProducerSpec& producer : scenario_.producers) {
            const auto topic =
                std::find_if(scenario_.topics.begin(), scenario_.topics.end(),
                             [&](const TopicSpec& spec) { return spec.name == producer.topic; });
            const std::int32_t partitions = topic == scenario_.topics.end() ? 1 : topic->partitions;
            for (std::int32_t k = 0; k < std::min(partitions, kMostPartitions); ++k)
                add(progress({producer.topic, PartitionIndex(k)}, from));
        }
    }
    void of_events(const EventPattern& pattern, SimTime from) {
        std::optional<TopicPartition> p;
        std::optional<std::string> group;
        for (const EventCondition& condition : pattern.conditions) {
            if (condition.attribute == "p" && condition.op == CompareOp::Equal)
                p = partition_of(condition.value);
            if (condition.attribute == "group" && condition.op == CompareOp::Equal)
                group = condition.value;
        }
        if (pattern.kind == "ProduceAcked" || pattern.kind == "RecordsConsumed" ||
            pattern.kind == "HwAdvanced" || pattern.kind == "LogAppended")
            of_producers(p, from);
        if (pattern.kind == "RecordsConsumed" || pattern.kind == "OffsetCommitted")
            all_groups(group);
        if (pattern.kind == "RebalanceCompleted" || pattern.kind == "AssignmentChanged") {
            for (const ConsumerSpec& consumer : scenario_.consumers) {
                if (consumer.group && (!group || *group == *consumer.group))
                    add(of_group(Concern::What::Group, *consumer.group));
            }
        }
    }

    const Scenario& scenario_;
    AskedSpan span_;
    std::vector<Concern> out_;
};

}  // namespace

std::vector<Concern> concerns_of(const Scenario& scenario,
                                 const Expression& expression,
                                 const AskedSpan& span) {
    Walk walk(scenario, span);
    walk.of(expression.root);
    return walk.take();
}

}  // namespace bsim
