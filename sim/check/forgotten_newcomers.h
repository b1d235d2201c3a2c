#pragma once
// Members of the controller's ISR that joined by a proposal which their leader had dropped, or
// dropped later: it does not wait for them, so its high watermark may pass them, though they may be
// elected. A hole of Kafka 3.9, which checkers permit: the leader knows a partition epoch from the
// answer to AlterPartition and proposes on it; then metadata brings the same partition epoch, and
// Partition.makeLeader, which takes an equal one, forgets what is pending.

#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/trace/event.h"

namespace bsim {

class ForgottenNewcomers {
  public:
    static constexpr std::string_view kExcuse =
        "the leader has dropped the proposal that added it, on late metadata";

    // The controller's newest change; `before` is the ISR until now.
    void changed(const PartitionChanged& e, const std::vector<BrokerId>& before);
    void dropped(const IsrProposalDropped& e);
    // A leader has that ISR by now, and waits for its members from here on.
    void confirmed(const std::vector<BrokerId>& isr);
    // Of those that a leader waits for, the ones that hold all that it has committed go.
    template <class Holds>
    void drop_if(const Holds& holds) {
        std::erase_if(members_, [&](const auto& m) { return m.second && holds(m.first); });
    }

    bool empty() const { return members_.empty(); }
    bool contains(BrokerId broker) const { return members_.count(broker) != 0; }

  private:
    // Does the controller's newest change do what that proposal asked for?
    bool accepted(const IsrProposalDropped& e) const;
    void forget_joined();

    std::optional<PartitionChanged> newest_;
    std::vector<BrokerId> joined_;  // by the newest change
    std::optional<IsrProposalDropped> open_;
    std::map<BrokerId, bool> members_;  // does a leader wait for it by now?
};

}  // namespace bsim
