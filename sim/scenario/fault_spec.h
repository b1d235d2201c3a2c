#pragma once
// The faults of a scenario: when each begins, how it ends and repeats, and what it does.
//
// Promised: faults and topics that are referred to exist, `after` has no cycles, an end that others
// wait for can come. fault_kinds.h says which kinds take which parameters.

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/base/time.h"
#include "sim/model/disk_op.h"
#include "sim/model/dist.h"
#include "sim/model/ids.h"
#include "sim/model/message_filter.h"
#include "sim/scenario/cluster_spec.h"
#include "sim/scenario/expression.h"
#include "sim/scenario/selector.h"

namespace bsim {

// What it does ------------------------------------------------------------------------------------

enum class CrashMode : std::uint8_t { Kill, Power, Graceful };

struct CrashFault {
    using Mode = CrashMode;
    Selector target;
    Mode mode = Mode::Kill;
    // From the fault's start, but never before the old process has ended; none: stays down.
    std::optional<SimDuration> restart_after;
    bool operator==(const CrashFault&) const = default;
};

struct PauseFault {  // pause and gc-pause
    Selector target;
    bool operator==(const PauseFault&) const = default;
};

struct CpuSlowFault {
    Selector target;
    Ratio factor;  // work takes so many times as long
    bool operator==(const CpuSlowFault&) const = default;
};

// One node after another: stopped, started again, and on to the next when it is back (a broker
// unfenced, a controller with a leader) and the gate holds.
struct RollingRestartFault {
    enum class Order : std::uint8_t { Ascending, Descending, Random, ControllerLast };
    Selector target;
    Order order = Order::Ascending;  // by id
    CrashMode mode = CrashMode::Graceful;
    SimDuration restart_after;  // from a node's stop, but never before the old process has ended
    Expression gate;            // urp() == 0 unless given
    bool operator==(const RollingRestartFault&) const = default;
};

struct BrokerAddFault {  // a broker that Scenario::brokers holds, marked as joins_by_fault
    BrokerId broker;
    bool operator==(const BrokerAddFault&) const = default;
};

struct WipeFault {  // stopped, its disk emptied, started again
    Selector target;
    CrashMode mode = CrashMode::Kill;
    SimDuration restart_after;
    bool operator==(const WipeFault&) const = default;
};

struct DiskSlowFault {
    Selector target;
    LatencyDist latency;             // added to each operation
    std::optional<DiskOp> op;        // none: to all
    std::optional<std::size_t> dir;  // one of a node's log directories; none: all of them
    bool operator==(const DiskSlowFault&) const = default;
};
struct DiskStallFault {  // operations begin, but do not end before the fault does
    Selector target;
    std::optional<DiskOp> op;
    std::optional<std::size_t> dir;
    bool operator==(const DiskStallFault&) const = default;
};

// Of clients.
struct MemberChurnFault {  // one member, drawn at random, stops and starts again
    Selector target;
    CrashMode mode = CrashMode::Graceful;
    SimDuration restart_after;
    bool operator==(const MemberChurnFault&) const = default;
};
struct ConsumerSlowFault {  // work on a record takes `factor` times as long, and `latency` more
    Selector target;
    Ratio factor = {1, 1};
    std::optional<LatencyDist> latency;
    bool operator==(const ConsumerSlowFault&) const = default;
};
struct TrafficBurstFault {  // records come `factor` times as fast
    Selector target;
    Ratio factor;
    bool operator==(const TrafficBurstFault&) const = default;
};
struct HotKeyFault {  // one key is `factor` times as likely as another; none: it is the only one
    Selector target;
    std::optional<Ratio> factor;
    bool operator==(const HotKeyFault&) const = default;
};

// Which ways through the network are meant.
struct OneWayCut {
    Selector from;
    Selector to;
    bool operator==(const OneWayCut&) const = default;
};
struct IsolationCut {  // from and to all that are no target
    Selector target;
    bool operator==(const IsolationCut&) const = default;
};
struct BetweenCut {  // every pair of the sides (at least two), both ways
    std::vector<Selector> sides;
    bool operator==(const BetweenCut&) const = default;
};
struct ControllersCut {  // from and to all controllers, but for those among the targets
    Selector target;
    bool operator==(const ControllersCut&) const = default;
};
using PartitionCut = std::variant<OneWayCut, IsolationCut, BetweenCut, ControllersCut>;

struct PartitionFault {  // partition, net-flap and zombie
    enum class How : std::uint8_t { Drop, Reject, Jam };
    PartitionCut cut;
    How how = How::Drop;
    bool operator==(const PartitionFault&) const = default;
};

// What befalls packets, besides what the links on their way do to them.
struct SlowPackets {
    LatencyDist latency;  // added, one way
    bool operator==(const SlowPackets&) const = default;
};
struct LosePackets {
    Ratio probability;
    bool operator==(const LosePackets&) const = default;
};
struct DuplicatePackets {
    Ratio probability;
    bool operator==(const DuplicatePackets&) const = default;
};
struct ReorderPackets {
    Ratio probability;
    bool operator==(const ReorderPackets&) const = default;
};
struct CorruptPackets {
    Ratio probability;
    bool operator==(const CorruptPackets&) const = default;
};
struct LimitBandwidth {
    std::int64_t bits_per_second = 0;
    bool operator==(const LimitBandwidth&) const = default;
};
using PacketEffect = std::variant<SlowPackets,
                                  LosePackets,
                                  DuplicatePackets,
                                  ReorderPackets,
                                  CorruptPackets,
                                  LimitBandwidth>;
struct PacketFault {  // net-slow, net-loss, net-duplicate, net-reorder, net-corrupt, net-bandwidth
    PartitionCut where;
    PacketEffect effect;
    bool operator==(const PacketFault&) const = default;
};

struct ResetFault {  // net-reset: the connections that go there are reset
    PartitionCut where;
    bool operator==(const ResetFault&) const = default;
};

struct MessageFault {  // message-hold, message-drop, message-delay, response-drop
    // Lose: with it, what follows on its connection.
    enum class Verb : std::uint8_t { Hold, Drop, Delay, Lose };
    Verb verb = Verb::Hold;
    MessageFilter filter;
    std::optional<Selector> from;  // none: whoever
    std::optional<Selector> to;
    LatencyDist latency;         // of Delay
    Ratio probability = {1, 1};  // of each message that is counted in
    bool operator==(const MessageFault&) const = default;
};

// Servers refuse requests with an error, and do nothing else about them.
struct ApiErrorFault {
    MessageFilter filter;          // of requests
    std::string error;             // Kafka's name, such as NOT_COORDINATOR
    std::optional<Selector> from;  // who asks; none: whoever
    std::optional<Selector> to;    // who refuses
    Ratio probability = {1, 1};    // of each request that is counted in
    bool operator==(const ApiErrorFault&) const = default;
};

struct ClockFault {
    enum class Kind : std::uint8_t { Skew, Jump, Drift, Freeze };
    Kind kind = Kind::Skew;
    Selector target;
    SimDuration by;   // of Skew and Jump; may be negative
    Ratio drift_ppm;  // of Drift; may be negative
    bool operator==(const ClockFault&) const = default;
};

// Through the admin client, as Kafka's tools ask for it.
struct ConfigChangeFault {
    std::optional<Selector> target;  // brokers; without one the topic
    std::string topic;
    ConfigMap settings;
    bool operator==(const ConfigChangeFault&) const = default;
};
struct TopicCreateFault {
    TopicSpec topic;
    bool operator==(const TopicCreateFault&) const = default;
};
struct TopicDeleteFault {
    std::string topic;
    bool operator==(const TopicDeleteFault&) const = default;
};
struct PartitionsAddFault {
    std::string topic;
    std::int32_t total = 0;  // partitions that the topic shall have
    bool operator==(const PartitionsAddFault&) const = default;
};
struct ElectFault {
    enum class Type : std::uint8_t { Preferred, Unclean };
    Type type = Type::Preferred;
    std::string topic;
    std::vector<PartitionIndex> partitions;  // ascending; empty: all of the topic
    bool operator==(const ElectFault&) const = default;
};

using FaultAction = std::variant<CrashFault,
                                 PauseFault,
                                 CpuSlowFault,
                                 RollingRestartFault,
                                 BrokerAddFault,
                                 WipeFault,
                                 DiskSlowFault,
                                 DiskStallFault,
                                 MemberChurnFault,
                                 ConsumerSlowFault,
                                 TrafficBurstFault,
                                 HotKeyFault,
                                 PartitionFault,
                                 PacketFault,
                                 ResetFault,
                                 MessageFault,
                                 ApiErrorFault,
                                 ClockFault,
                                 ConfigChangeFault,
                                 TopicCreateFault,
                                 TopicDeleteFault,
                                 PartitionsAddFault,
                                 ElectFault>;

// When --------------------------------------------------------------------------------------------

struct AtTrigger {
    SimTime at;
    bool operator==(const AtTrigger&) const = default;
};
struct AfterTrigger {  // when that fault begins for the first time or, with `end`, ends
    std::string fault;
    bool end = false;
    SimDuration delay;
    bool operator==(const AfterTrigger&) const = default;
};
struct WhenTrigger {  // as soon as it has been true for `hold`
    Expression when;
    SimDuration hold;
    bool operator==(const WhenTrigger&) const = default;
};
using FaultTrigger = std::variant<AtTrigger, AfterTrigger, WhenTrigger>;

// A fault that its trigger has set off occurs `times` times, the k-th (from 0) k * `every` plus a
// draw from 0 to `jitter` after the first. Without `every`, but with `times`, a `when` sets it off
// each time that it becomes true anew.
struct FaultRepeat {
    std::optional<SimDuration> every;
    SimDuration jitter;
    std::optional<std::int64_t> times;  // none: once or, with `every`, to the end of the run

    // How many occurrences there will be; nullopt: as many as fit into the run.
    std::optional<std::int64_t> total() const {
        return times || every ? times : std::optional<std::int64_t>(1);
    }
    bool operator==(const FaultRepeat&) const = default;
};

struct FaultSpec {
    std::string id;    // without one in the file: fault-1 for the first of the list, and so on
    std::string kind;  // as written: "crash", "elect-preferred", ...
    FaultTrigger trigger;
    FaultAction action;
    std::optional<LatencyDist> duration = {};  // `for`, drawn anew for each occurrence
    std::optional<Expression> until = {};      // whichever of the two comes first; neither: stays
    FaultRepeat repeat = {};
    // Of each occurrence. In a fault of single requests or answers (api-error, response-drop)
    // `probability` is that of each of those instead, and stands in its action.
    Ratio probability = {1, 1};

    bool operator==(const FaultSpec&) const = default;
};

}  // namespace bsim
