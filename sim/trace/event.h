#pragma once
// An event of a run: the one thing that checkers, metrics, reports and exports read. The kinds are
// the alternatives of EventBody; their attributes stand in the four headers included here.
//
// Adding a kind: a struct with BSIM_EVENT, its name in EventBody (at the end), a row in the round
// trip test.

#include <cstdint>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "sim/base/strong.h"
#include "sim/base/time.h"
#include "sim/trace/controller_events.h"
#include "sim/trace/group_events.h"
#include "sim/trace/node_events.h"
#include "sim/trace/node_name.h"
#include "sim/trace/replica_events.h"

namespace bsim {

// Events count from 1; 0 (EventNumber{}) stands for "no event" where a cause may be unknown.
using EventNumber = Strong<struct EventNumberTag, std::uint64_t>;

using EventBody = std::variant<RunStarted,
                               FaultStarted,
                               FaultEnded,
                               FaultSkipped,
                               NodeStarted,
                               NodeStopped,
                               NodePaused,
                               NodeResumed,
                               LogDirFailed,
                               MessageSent,
                               MessageDelivered,
                               MessageDropped,
                               ConnectionOpened,
                               ConnectionClosed,
                               RaftRole,
                               RaftVote,
                               RaftHw,
                               ControllerElected,
                               ControllerResigned,
                               BrokerRegistered,
                               BrokerFenced,
                               BrokerUnfenced,
                               TopicCreated,
                               TopicDeleted,
                               PartitionChanged,
                               LeaderElected,
                               BecameLeader,
                               BecameFollower,
                               IsrShrunk,
                               IsrExpanded,
                               HwAdvanced,
                               LogAppended,
                               LogFlushed,
                               LogTruncated,
                               LogStartAdvanced,
                               SegmentRolled,
                               SegmentDeleted,
                               LogRecovered,
                               ProduceAcked,
                               ProduceFailed,
                               RecordsConsumed,
                               RecordsSkipped,
                               PositionReset,
                               ConsumeFailed,
                               GroupState,
                               MemberJoined,
                               MemberLeft,
                               RebalanceStarted,
                               RebalanceCompleted,
                               OffsetCommitted,
                               OffsetRemoved,
                               GroupMoved,
                               AssignmentChanged,
                               CommitFailed,
                               CommitRetried,
                               IsrProposed,
                               IsrProposalDropped,
                               RaftSnapshot>;

// What copies, moves, destroys and compares a variant of so many kinds is compiled once, in
// event.cpp: it costs every file that includes it seconds.
struct Event {
    EventNumber i;
    SimTime t;
    NodeName n;
    EventBody body;
    std::vector<EventNumber> c;

    Event();
    Event(EventNumber number, SimTime time, NodeName node, EventBody what);
    Event(const Event& other);
    Event(Event&& other) noexcept;
    Event& operator=(const Event& other);
    Event& operator=(Event&& other) noexcept;
    ~Event();

    bool operator==(const Event& other) const;
};

// Message* and Connection* events: numbered always, recorded on request, never part of the hash.
template <class Body>
inline constexpr bool kIsMessageEvent =
    std::is_same_v<Body, MessageSent> || std::is_same_v<Body, MessageDelivered> ||
    std::is_same_v<Body, MessageDropped> || std::is_same_v<Body, ConnectionOpened> ||
    std::is_same_v<Body, ConnectionClosed>;

bool is_message_event(const EventBody& body);
std::string_view kind_of(const EventBody& body);
bool is_event_kind(std::string_view name);
// All kinds, in the order of EventBody; what a scenario may name in event(KIND, ...).
const std::vector<std::string_view>& event_kinds();

// The event's body if it is of that kind, else nullptr.
template <class Body>
const Body* as(const Event& event) {
    return std::get_if<Body>(&event.body);
}

}  // namespace bsim
