#pragma once
// Rules that a fault lays over the network, in the order in which they were added (ARCHITECTURE §1,
// idea 6). Three kinds, asked one after the other:
//
// - A message rule stands above TCP, where a process hands over a message. The first one whose
//   filter counts the message in decides.
// - A cut decides whether packets pass at all. The first one that covers the way decides.
// - Disturbances of packets add up: each does its part to what has passed.
//
// A rule speaks of ways, from a set of hosts to another. What a host sends to itself is subject to
// message rules alone, as it never leaves the host.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/ratio.h"
#include "sim/model/dist.h"
#include "sim/model/link.h"
#include "sim/network/frame.h"
#include "sim/network/ids.h"

namespace bsim {

enum class RuleVerdict : std::uint8_t {
    Pass,
    Drop,    // the segment is lost; TCP sends it again
    Reject,  // the network answers with a reset
    Jam,     // the segment waits in the network until the rule goes
};

// Every way from a member of `from` to a member of `to`; with `both_ways` also back.
struct Ways {
    std::set<HostId> from;
    std::set<HostId> to;
    bool both_ways = true;

    bool cover(HostId sender, HostId receiver) const;
};

// Cuts ways, which it covers as Ways does.
struct PartitionRule {
    std::set<HostId> from;
    std::set<HostId> to;
    bool both_ways = true;
    RuleVerdict how = RuleVerdict::Drop;

    bool cover(HostId sender, HostId receiver) const;
};

// What befalls packets, besides what the links on their way do to them.
struct ExtraLatency {
    LatencyDist latency;  // added, one draw a message
};
struct PacketLoss {
    LossModel loss;
};
struct PacketDuplication {
    Ratio probability;  // these three: of each packet
};
struct PacketReordering {
    Ratio probability;
};
struct PacketCorruption {
    Ratio probability;
};
struct RateLimit {
    std::int64_t bits_per_second = 0;  // above zero; each way has a queue of its own
};
using Disturbance = std::variant<ExtraLatency,
                                 PacketLoss,
                                 PacketDuplication,
                                 PacketReordering,
                                 PacketCorruption,
                                 RateLimit>;

// Random draws of a rule come from streams that are named after it, so that a rule disturbs no
// draws of others: its name must be its own, the fault's id for example.
struct PacketRule {
    std::string name;
    std::vector<Ways> ways;  // one that several of them cover is struck once
    Disturbance what;
};

// Is it such a message? See message_matcher.h.
using MessageMatcher = std::function<bool(const Frame&)>;

// Strikes the matching messages number nth .. nth + count - 1, counted from the rule's start.
struct MessageRule {
    enum class Verb : std::uint8_t {
        Hold,   // waits until the rule goes
        Drop,   // its receiver never sees it
        Lose,   // nor anything that the sender says later on the connection
        Delay,  // set off later, by a draw
    };
    std::string name;  // as of a PacketRule
    Verb verb = Verb::Hold;
    MessageMatcher matches;
    std::optional<std::set<HostId>> from;  // senders; none: whoever
    std::optional<std::set<HostId>> to;
    std::int64_t nth = 1;
    std::int64_t count = 1;
    LatencyDist delay{};  // of Delay
    // Called for each match, counted in or not: is it struck if it is? Empty: all are.
    std::function<bool()> chosen{};
};

using RuleId = Strong<struct RuleIdTag, std::uint32_t>;
using Rule = std::variant<PartitionRule, PacketRule, MessageRule>;

class Rules {
  public:
    RuleId add(Rule rule);
    // Removes and returns the rule; nullopt if it is gone already.
    std::optional<Rule> take(RuleId id);
    // Grows with each change.
    std::uint64_t version() const { return version_; }

    // Of the first cut that covers the way.
    RuleVerdict verdict(HostId from, HostId to) const;
    // The disturbances of a way, in order. Valid until the rules change.
    std::map<RuleId, const PacketRule*> disturbances(HostId from, HostId to) const;

    // The message rule that strikes this message now, if one does: counts the message where it
    // matches, up to the first rule that strikes.
    struct Strike {
        RuleId id;
        const MessageRule* rule;
    };
    std::optional<Strike> strike(HostId from, HostId to, const Frame& frame);

  private:
    struct Counted {
        MessageRule rule;
        std::int64_t seen = 0;
    };

    std::map<RuleId, PartitionRule> cuts_;
    std::map<RuleId, PacketRule> disturbances_;
    std::map<RuleId, Counted> messages_;
    std::uint32_t next_ = 1;
    std::uint64_t version_ = 1;
};

}  // namespace bsim
