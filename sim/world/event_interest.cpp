#include "sim/world/event_interest.h"

#include <algorithm>

namespace bsim {
namespace {

template <class Body>
std::size_t place_of() {
    static const std::size_t place = EventBody(Body{}).index();
    return place;
}

}  // namespace

template <class... Kinds>
void EventInterest::add() {
    (kinds_.set(place_of<Kinds>()), ...);
}

EventInterest::EventInterest(const Expression& expression) {
    const ExpressionSources sources = sources_of(expression);
    if (sources.partitions)
        add<PartitionChanged, TopicDeleted>();
    // Who leads, and from where its high watermark counts, comes with the roles.
    if (sources.high_watermarks)
        add<HwAdvanced, RaftHw, BecameLeader, BecameFollower, NodeStarted, NodeStopped,
            LogTruncated>();
    if (sources.log_ends)
        add<LogAppended, LogTruncated, LogRecovered, BecameLeader, BecameFollower, NodeStarted>();
    if (sources.nodes)
        add<NodeStarted, NodeStopped, NodePaused, NodeResumed>();
    if (sources.controller)
        add<ControllerElected, ControllerResigned, NodeStopped>();
    if (sources.targets)
        add<FaultStarted>();
    const auto& kinds = event_kinds();
    for (const std::string& kind : sources.events) {
        const auto at = std::find(kinds.begin(), kinds.end(), kind);
        if (at != kinds.end())
            kinds_.set(static_cast<std::size_t>(at - kinds.begin()));
    }
}

}  // namespace bsim
