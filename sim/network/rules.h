#pragma once
// Rules that a fault lays over the network. They are asked in the order in which they were added;
// the first one that has an opinion wins (ARCHITECTURE §1, idea 6).

#include <cstdint>
#include <map>
#include <optional>
#include <set>

#include "sim/network/ids.h"

namespace bsim {

enum class RuleVerdict {
    Pass,
    Drop,    // the segment is lost; TCP sends it again
    Reject,  // the network answers with a reset
    Jam,     // the segment waits in the network until the rule goes
};

// Cuts every way from a member of `from` to a member of `to`; with `both_ways` also back.
struct PartitionRule {
    std::set<HostId> from;
    std::set<HostId> to;
    bool both_ways = true;
    RuleVerdict how = RuleVerdict::Drop;
};

using RuleId = Strong<struct RuleIdTag, std::uint32_t>;

class Rules {
  public:
    RuleId add(PartitionRule rule);
    // Removes and returns the rule; nullopt if it is gone already.
    std::optional<PartitionRule> take(RuleId id);
    RuleVerdict verdict(HostId from, HostId to) const;

  private:
    std::map<RuleId, PartitionRule> rules_;
    std::uint32_t next_ = 1;
};

}  // namespace bsim
