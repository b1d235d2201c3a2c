#pragma once
// How a broker tells the controller in which log directory it keeps its replicas, when the metadata
// names another: after its disk was replaced, or when the controller could not know.
//
// What is to be told is gathered for 100 ms, then sent in one request; one request is under way at
// a time. A partition that the answer does not settle is told again, after 100 ms; when a whole
// request fails, after 100 ms x 2^failures +-2 %, at most 10 s. What the broker does not hold any
// more by then is left out. Source: AssignmentsManager (3.9), KIP-858.

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "sim/base/backoff.h"
#include "sim/base/time.h"
#include "sim/base/uuid.h"
#include "sim/model/ids.h"
#include "sim/wire/messages/assign_replicas_to_dirs_request.h"
#include "sim/wire/messages/assign_replicas_to_dirs_response.h"

namespace bsim::replication {

inline constexpr std::size_t kMaxAssignmentsPerRequest = 2250;

// Whether the metadata still gives this broker a replica of the partition.
class AssignmentView {
  public:
    AssignmentView() = default;
    virtual ~AssignmentView() = default;
    virtual bool is_assigned_here(const TopicIdPartition& tp) const = 0;

  protected:
    AssignmentView(const AssignmentView&) = default;
    AssignmentView& operator=(const AssignmentView&) = default;
};

// ---- Effects
struct SendAssignments {
    wire::AssignReplicasToDirsRequest request;
};
// Call send_due() then; replaces an earlier one.
struct SendAssignmentsAt {
    SimTime at;
};
using AssignmentEffect = std::variant<SendAssignments, SendAssignmentsAt>;
using AssignmentEffects = std::vector<AssignmentEffect>;

class DirectoryAssignments {
  public:
    struct Context {
        SimTime now;
        std::uint64_t draw = 0;  // uniform, drawn anew for every step
    };

    explicit DirectoryAssignments(BrokerId self) : self_(self) {}

    void assign(const Context& context,
                const TopicIdPartition& tp,
                const Uuid& directory,
                AssignmentEffects& out);
    void send_due(std::optional<BrokerEpoch> own_epoch,
                  const AssignmentView& view,
                  AssignmentEffects& out);
    void answered(const Context& context,
                  const wire::AssignReplicasToDirsResponse& response,
                  AssignmentEffects& out);
    // Given up on, or refused as a whole.
    void failed(const Context& context, AssignmentEffects& out);

    std::size_t pending() const { return ready_.size() + in_flight_.size(); }

  private:
    void schedule(const Context& context, AssignmentEffects& out);
    void put_back();

    BrokerId self_;
    ExponentialBackoff backoff_{milliseconds(100), seconds(10), 20};
    std::map<TopicIdPartition, Uuid> ready_;
    std::map<TopicIdPartition, Uuid> in_flight_;
    std::int64_t failures_ = 0;
    std::optional<SimTime> due_;
};

}  // namespace bsim::replication
