#include "sim/world/event_interest.h"

#include <algorithm>
#include <utility>

#include "sim/scenario/selector_text.h"
#include "sim/scenario/values.h"

namespace bsim {
namespace {

template <class Body>
std::size_t place_of() {
    static const std::size_t place = EventBody(Body{}).index();
    return place;
}

// The partition that the event is about; nullptr if none.
const TopicPartition* partition_of(const Event& event) {
    return std::visit(
        [](const auto& body) -> const TopicPartition* {
            if constexpr (requires { body.p; }) {
                return &body.p;
            } else {
                return nullptr;
            }
        },
        event.body);
}

// "orders--1" is ambiguous, so that nothing is told from it.
std::optional<TopicPartition> partition_of(const std::string& text) {
    TextPart topic;
    TextPart index;
    auto p = parse_partition(text, topic, index);
    return p && !p->topic.ends_with('-') ? p : std::nullopt;
}

}  // namespace

template <class... Bodies>
void EventInterest::add() {
    (all_.set(place_of<Bodies>()), ...);
}

template <class... Bodies>
void EventInterest::add_of(const TopicPartition& p) {
    (add(Narrow{place_of<Bodies>(), p, {}, {}}), ...);
}

void EventInterest::add(Narrow narrow) {
    some_.set(narrow.kind);
    narrow_.push_back(std::move(narrow));
}

void EventInterest::add(const EventPattern& pattern) {
    const auto& kinds = event_kinds();
    const auto at = std::find(kinds.begin(), kinds.end(), pattern.kind);
    if (at == kinds.end())
        return;
    Narrow narrow;
    narrow.kind = static_cast<std::size_t>(at - kinds.begin());
    for (const EventCondition& condition : pattern.conditions) {
        if (condition.op != CompareOp::Equal)
            continue;
        if (condition.attribute == "p") {
            narrow.p = partition_of(condition.value);
        } else if (condition.attribute == "n") {
            narrow.id = node_id_of(condition.value);
            if (!narrow.id)
                narrow.n = condition.value;
        }
    }
    if (narrow.p || narrow.n || narrow.id) {
        add(std::move(narrow));
    } else {
        all_.set(narrow.kind);
    }
}

EventInterest::EventInterest(const Expression& expression) {
    const ExpressionSources sources = sources_of(expression);
    if (sources.partitions)
        add<PartitionChanged, TopicDeleted>();
    // Who leads, and from where its high watermark counts, comes with the roles.
    if (sources.high_watermarks) {
        add<RaftHw, NodeStarted, NodeStopped>();
        for (const TopicPartition& p : sources.logs)
            add_of<HwAdvanced, BecameLeader, BecameFollower, LogTruncated>(p);
    }
    if (sources.log_ends) {
        add<NodeStarted>();
        for (const TopicPartition& p : sources.logs)
            add_of<LogAppended, LogTruncated, LogRecovered, BecameLeader, BecameFollower>(p);
    }
    if (sources.nodes)
        add<NodeStarted, NodeStopped, NodePaused, NodeResumed>();
    if (sources.controller)
        add<ControllerElected, ControllerResigned, NodeStopped>();
    if (sources.targets)
        add<FaultStarted>();
    if (sources.group_states || sources.group_lags) {
        add<GroupState, GroupMoved, MemberJoined, MemberLeft, RebalanceStarted, RebalanceCompleted,
            OffsetCommitted, BecameLeader, NodeStopped>();
    }
    if (sources.group_lags)
        add<OffsetRemoved, HwAdvanced, BecameFollower, LogTruncated, NodeStarted,
            PartitionChanged>();
    for (const EventPattern& pattern : sources.events)
        add(pattern);
}

bool EventInterest::is_one_of(const Event& event) const {
    const TopicPartition* const p = partition_of(event);
    return std::any_of(narrow_.begin(), narrow_.end(), [&](const Narrow& narrow) {
        return narrow.kind == event.body.index() &&
               (!narrow.p || (p != nullptr && *narrow.p == *p)) &&
               (!narrow.n || *narrow.n == event.n.text()) &&
               (!narrow.id || event.n.kafka_id() == narrow.id);
    });
}

}  // namespace bsim
