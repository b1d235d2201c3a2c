#pragma once
// How the leader of a consumer group shares the partitions out: Kafka's four assignors.
//   range               by topic: contiguous runs to members in order; topics with the same
//                       members and as many partitions go together
//   roundrobin          all partitions in turn
//   sticky              balanced, and whoever had a partition keeps it if that is possible
//   cooperative-sticky  the same, but a partition that changes hands is left out until its former
//                       owner has given it up
// Each looks at racks if members and replicas have some in common (KIP-881; roundrobin excepted).
// Members are ordered by instance id, those without one behind, then by member id; the sticky ones
// know the member id alone.
// Promised: every partition of a subscribed topic goes to one subscribed member, as long as members
// own nothing that does not exist. Otherwise what Kafka makes of it comes out, be it an error.
// Errors: the exception that the real class throws, as "Class: message"; its consumer's poll
// throws. Source: RangeAssignor, RoundRobinAssignor, StickyAssignor, CooperativeStickyAssignor,
// AbstractPartitionAssignor; KIP-54, KIP-341, KIP-429, KIP-881.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/protocol/rules/assignors/subscription.h"

namespace bsim::group {

struct TopicLayout {
    std::int32_t partitions = 0;  // a topic without any does not exist
    // By partition, the racks of its replicas; empty, or shorter, where none are known.
    std::vector<std::vector<std::string>> replica_racks{};
};
using TopicLayouts = std::map<std::string, TopicLayout, std::less<>>;

enum class AssignorKind : std::uint8_t { Range, RoundRobin, Sticky, CooperativeSticky };
enum class RebalanceProtocol : std::uint8_t { Eager, Cooperative };

std::string_view name(AssignorKind kind);  // "cooperative-sticky"
std::optional<AssignorKind> find_assignor(std::string_view name);

// In the order of the members given; the partitions in the order of Kafka's lists.
using Assigned = std::vector<std::vector<TopicPartition>>;
struct AssignorError {
    std::string exception;
};

// One consumer's assignor, which lives as long as the consumer: the sticky ones remember.
class Assignor {
  public:
    explicit Assignor(AssignorKind kind) : kind_(kind) {}

    AssignorKind kind() const { return kind_; }
    // What it can work with, the best first.
    std::vector<RebalanceProtocol> protocols() const;

    // For the next JoinGroup; none if this assignor has nothing to tell.
    std::optional<UserData> subscription_user_data() const;
    // The member was assigned this in that generation.
    void on_assignment(const std::vector<TopicPartition>& partitions, GenerationId generation);

    // As a leader's: `members` are those that JoinGroup listed, in that order. They have distinct
    // ids.
    Result<Assigned, AssignorError> assign(const TopicLayouts& topics,
                                           const std::vector<GroupMember>& members);
    // The same for members that come from a map which is walked in the order given. A consumer puts
    // them into a HashMap, so this is for comparing with Kafka's classes.
    Result<Assigned, AssignorError> assign_in_order(const TopicLayouts& topics,
                                                    const std::vector<GroupMember>& members);

  private:
    AssignorKind kind_;
    std::optional<std::vector<TopicPartition>> last_assigned_;
    std::optional<GenerationId> last_generation_;
    // The greatest that any member ever told this leader, which Kafka never takes back; -1 at
    // first.
    std::int32_t max_generation_ = -1;
};

}  // namespace bsim::group
