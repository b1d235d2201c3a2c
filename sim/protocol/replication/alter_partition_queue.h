#pragma once
// How a broker's ISR proposals reach the controller: one AlterPartition request under way per
// broker, the other partitions queue meanwhile and go together in the next one.
//
// A partition that has a proposal queued or under way is refused with OPERATION_NOT_ATTEMPTED. An
// answer without the partition leaves it queued. An error of the whole request leaves all of them
// queued and tries again 50 ms later. A request that is lost, or that meets a node which is not the
// active controller (NOT_CONTROLLER, of the request or of any partition), is sent again as it was
// once the controller is known.
// Source: DefaultAlterPartitionManager, NodeToControllerRequestThread; AlterPartition v3 (KIP-903).

#include <cstdint>
#include <map>
#include <optional>
#include <variant>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/leader_effects.h"
#include "sim/wire/messages/alter_partition_request.h"
#include "sim/wire/messages/alter_partition_response.h"

namespace bsim::replication {

inline constexpr std::int16_t kAlterPartitionVersion = 3;
inline constexpr SimDuration kAlterPartitionRetry = milliseconds(50);

// ---- Effects

// Send to the active controller; if `find_controller`, the one known is not it any more.
struct SendAlterPartition {
    wire::AlterPartitionRequest request;
    bool find_controller = false;
};
// Give the answer to the partition's leader, if it still leads.
struct AnswerIsrProposal {
    TopicIdPartition tp;
    IsrProposal proposal;
    IsrAnswer answer;
};
// Call retry_due() then.
struct RetryAlterPartitionAt {
    SimTime at;
};
using AlterPartitionEffect =
    std::variant<SendAlterPartition, AnswerIsrProposal, RetryAlterPartitionAt>;
using AlterPartitionEffects = std::vector<AlterPartitionEffect>;

class AlterPartitionQueue {
  public:
    explicit AlterPartitionQueue(BrokerId self) : self_(self) {}

    // own_epoch: this broker's registration, put into the request when it is built.
    void submit(const TopicIdPartition& tp,
                const IsrProposal& proposal,
                std::optional<BrokerEpoch> own_epoch,
                AlterPartitionEffects& out);
    void answered(SimTime now,
                  const wire::AlterPartitionResponse& response,
                  std::optional<BrokerEpoch> own_epoch,
                  AlterPartitionEffects& out);
    // Lost, timed out, or the connection broke.
    void request_failed(AlterPartitionEffects& out);
    void retry_due(std::optional<BrokerEpoch> own_epoch, AlterPartitionEffects& out);

    bool in_flight() const { return in_flight_.has_value(); }
    std::size_t queued() const { return unsent_.size(); }

  private:
    struct InFlight {
        wire::AlterPartitionRequest request;
        std::map<TopicIdPartition, IsrProposal> items;
    };

    void maybe_send(std::optional<BrokerEpoch> own_epoch, AlterPartitionEffects& out);

    BrokerId self_;
    // Sent proposals stay here until they are answered.
    std::map<TopicIdPartition, IsrProposal> unsent_;
    std::optional<InFlight> in_flight_;
};

}  // namespace bsim::replication
