#pragma once
// Which requests a server refuses with an error instead of serving them: a fault's doing. It
// strikes when a handler would serve the request, so that a refused one costs what any other does.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/network/rules.h"
#include "sim/wire/error_code.h"

namespace bsim {

// Strikes the matching requests number nth .. nth + count - 1, counted over all servers that share
// the rule.
struct RequestErrorRule {
    wire::ErrorCode error;
    MessageMatcher matches;
    std::optional<std::set<HostId>> from;  // who asks; none: whoever
    std::int64_t nth = 1;
    std::int64_t count = 1;
    // Called for each match, counted in or not: is it struck if it is? Empty: all are.
    std::function<bool()> chosen;
    EventNumber cause;  // the fault
    std::int64_t seen = 0;
};

class RequestErrors {
  public:
    using Rule = std::shared_ptr<RequestErrorRule>;

    void add(Rule rule) { rules_.push_back(std::move(rule)); }
    void remove(const Rule& rule) { std::erase(rules_, rule); }

    // The rule that refuses this request, if one does; counts it where it matches, up to the first
    // rule that strikes. Valid until the rules change.
    const RequestErrorRule* strike(std::optional<HostId> from, const Frame& request) const;

  private:
    std::vector<Rule> rules_;  // in the order in which they came
};

}  // namespace bsim
