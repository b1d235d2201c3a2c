#pragma once
// Why an event of each kind happens: the rules by which chains are built. One overload of why() a
// kind; each names the event that led to this one, or where the chain ends. Kinds without a rule of
// their own go by the cause that the trace recorded.
//
// Rules say "the newest event before this one, about the same partition or node, of these kinds,
// within the time-out that noticed it". They work on any trace, hand-made ones included, and never
// name an event that is younger than the one it explains, but for those of the same instant: the
// records of one decision stand in one batch, in an order that tells nothing.

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/report/why/explanation.h"
#include "sim/report/why/stored_trace.h"
#include "sim/report/why/troubles.h"

namespace bsim::why {

// What the rules look at.
struct Case {
    const StoredTrace& trace;
    const RunFacts& facts;
    const Troubles& troubles;
};

// Something else that is needed to understand an event, with a chain of its own.
struct Side {
    std::string title;
    const Event* event = nullptr;
};

struct Because {
    const Event* next = nullptr;
    std::string how;
    std::vector<NamedSetting> settings;
    Origin origin = Origin::Unexplained;  // without a next
    std::string cause;
    std::vector<Side> sides;

    static Because of(const Event* next, std::string how);
    static Because end(Origin origin, std::string cause);
    Because with(NamedSetting setting) &&;
    Because beside(std::string title, const Event* event) &&;
};

// Nodes and faults (rules_nodes.cpp).
Because why(const Case& c, const Event& e, const FaultStarted& body);
Because why(const Case& c, const Event& e, const FaultEnded& body);
Because why(const Case& c, const Event& e, const FaultSkipped& body);
Because why(const Case& c, const Event& e, const RunStarted& body);
Because why(const Case& c, const Event& e, const NodeStarted& body);
Because why(const Case& c, const Event& e, const NodeStopped& body);
Because why(const Case& c, const Event& e, const NodePaused& body);
Because why(const Case& c, const Event& e, const NodeResumed& body);
Because why(const Case& c, const Event& e, const LogDirFailed& body);

// Controller (rules_controller.cpp).
Because why(const Case& c, const Event& e, const BrokerRegistered& body);
Because why(const Case& c, const Event& e, const BrokerFenced& body);
Because why(const Case& c, const Event& e, const BrokerUnfenced& body);
Because why(const Case& c, const Event& e, const TopicCreated& body);
Because why(const Case& c, const Event& e, const TopicDeleted& body);
Because why(const Case& c, const Event& e, const PartitionChanged& body);
Because why(const Case& c, const Event& e, const LeaderElected& body);

// Metadata quorum (rules_raft.cpp).
Because why(const Case& c, const Event& e, const RaftRole& body);
Because why(const Case& c, const Event& e, const RaftVote& body);
Because why(const Case& c, const Event& e, const ControllerElected& body);
Because why(const Case& c, const Event& e, const ControllerResigned& body);

// Replicas (rules_replica.cpp).
Because why(const Case& c, const Event& e, const BecameLeader& body);
Because why(const Case& c, const Event& e, const BecameFollower& body);
Because why(const Case& c, const Event& e, const IsrShrunk& body);
Because why(const Case& c, const Event& e, const IsrExpanded& body);
Because why(const Case& c, const Event& e, const IsrProposed& body);
Because why(const Case& c, const Event& e, const HwAdvanced& body);
Because why(const Case& c, const Event& e, const LogAppended& body);
Because why(const Case& c, const Event& e, const LogTruncated& body);
Because why(const Case& c, const Event& e, const LogRecovered& body);
Because why(const Case& c, const Event& e, const LogStartAdvanced& body);
Because why(const Case& c, const Event& e, const SegmentRolled& body);
Because why(const Case& c, const Event& e, const SegmentDeleted& body);

// Clients (rules_client.cpp).
Because why(const Case& c, const Event& e, const ProduceAcked& body);
Because why(const Case& c, const Event& e, const ProduceFailed& body);
Because why(const Case& c, const Event& e, const RecordsConsumed& body);
Because why(const Case& c, const Event& e, const PositionReset& body);
Because why(const Case& c, const Event& e, const ConsumeFailed& body);

// Groups (rules_group.cpp).
Because why(const Case& c, const Event& e, const GroupState& body);
Because why(const Case& c, const Event& e, const MemberJoined& body);
Because why(const Case& c, const Event& e, const MemberLeft& body);
Because why(const Case& c, const Event& e, const RebalanceStarted& body);
Because why(const Case& c, const Event& e, const RebalanceCompleted& body);
Because why(const Case& c, const Event& e, const GroupMoved& body);
Because why(const Case& c, const Event& e, const AssignmentChanged& body);
Because why(const Case& c, const Event& e, const OffsetCommitted& body);
Because why(const Case& c, const Event& e, const OffsetRemoved& body);
Because why(const Case& c, const Event& e, const CommitFailed& body);

// What all rules use (rule_parts.cpp) -------------------------------------------------------------

// By the cause that the trace recorded; without one the chain ends unexplained.
Because as_recorded(const Case& c, const Event& e);
// Who silenced them: `how` tells what was noticed.
Because silenced(const Case& c, const SilenceQuery& query, std::string how);
// The same; `by_setting` is what the settings and the network make of it without any fault, empty
// if nothing.
Because silenced(const Case& c,
                 const SilenceQuery& query,
                 std::string how,
                 const std::string& by_setting);
// What was in force at that moment: as the scenario has it, or as the last config-change left it.
NamedSetting topic_setting(const Case& c,
                           SimTime at,
                           const std::string& topic,
                           std::string_view key);
NamedSetting node_setting(const Case& c, SimTime at, const NodeName& node, std::string_view key);
std::int64_t number_of(const NamedSetting& setting, std::int64_t otherwise);
// The fault that strikes the node and is of one of these kinds, begun last before the event.
const Event* fault_on(const Case& c,
                      const Event& e,
                      const std::string& target,
                      const std::set<std::string_view>& kinds);
// The newest start of that node before the event.
const Event* started_before(const Case& c, const Event& e, const NodeName& node);
// The change of the partition before this one, and the newest one that is not younger than `i`.
const Event* change_before(const Case& c, EventNumber i, const TopicPartition& p);
const PartitionChanged& changed(const Event& event);

// Events of one decision are no further apart.
inline constexpr SimDuration kAnInstant = milliseconds(1);
// Is the part in the text?
bool has(std::string_view text, std::string_view part);
// "broker-1"; ids of controllers are told from those of brokers by who spoke as such.
std::string node_of(const Case& c, BrokerId id);
std::set<std::string> controllers(const Case& c);
std::string broker_list(const std::vector<BrokerId>& brokers);  // "1, 2, 3"
std::string brokers(const std::vector<BrokerId>& brokers);      // "broker 1", "brokers 1, 2"
std::string seconds_text(SimDuration span);                     // "9 s", "7.264 s"
std::string time_text(SimTime t);                               // "12.300 s"
bool contains(const std::vector<BrokerId>& brokers, BrokerId broker);
// Those of `a` that are not in `b`.
std::vector<BrokerId> without(const std::vector<BrokerId>& a, const std::vector<BrokerId>& b);
bool is_metadata(const TopicPartition& p);

// What happened, in one clause, without the time (event_words.cpp).
std::string words(const Case& c, const Event& e);
// `fault "kill" (crash, mode power, target leader(orders-0)) strikes broker-1`.
std::string fault_words(const RunFacts& facts, const FaultStarted& fault);

}  // namespace bsim::why
