#pragma once
// One deleteRecords operation of the admin client: looks up who leads the partitions, asks each
// leader, and does both again for what has moved meanwhile.
//
// A partition, from -> to: trigger
//   Unmapped -> Mapped: the metadata names its leader
//   Mapped   -> Done: the leader answered, for good
//   Mapped   -> Unmapped: an answer that says that the metadata is stale (NOT_LEADER_OR_FOLLOWER,
//               UNKNOWN_TOPIC_OR_PARTITION, ...)
//   any      -> Done: an error that no retry mends; an unknown topic when it is looked up
// The first try of each goes at once; later ones 100 ms x 2^n +-20 % after, at most 1 s. After
// default.api.timeout.ms what is not done is answered REQUEST_TIMED_OUT.
//
// DEVIATION: the back-off counts the rounds of the operation, not of each broker.
// Source: KafkaAdminClient.deleteRecords, DeleteRecordsHandler, PartitionLeaderStrategy,
// AdminApiDriver (3.9).

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/backoff.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/admin/admin_client.h"
#include "sim/wire/error_code.h"

namespace bsim::admin {

// kBeforeHighWatermark as the offset stands for the high watermark at the leader.
inline constexpr Offset kBeforeHighWatermark{-1};

struct DeletedRecords {
    wire::ErrorCode error = wire::ErrorCode::None;
    Offset low_watermark{-1};  // valid without an error
    bool operator==(const DeletedRecords&) const = default;
};

// ---- inputs ----
struct DeletionBegun {};
// Leaders of partitions as the metadata has them; a partition that is missing is unknown. A topic
// with an error of its own stands in `topic_errors`.
struct LeadersFound {
    std::map<TopicPartition, BrokerId> leaders;
    std::map<std::string, wire::ErrorCode> topic_errors;
};
struct LeaderAnswered {
    std::map<TopicPartition, DeletedRecords> results;
};
// A call to `broker`, or the look-up if absent, got no answer in its time.
struct DeletionCallLost {
    std::optional<BrokerId> broker;
};
struct DeletionTimerFired {};
using DeletionInput =
    std::variant<DeletionBegun, LeadersFound, LeaderAnswered, DeletionCallLost, DeletionTimerFired>;

// ---- effects ----
struct LookUpLeaders {
    std::set<std::string> topics;
    bool operator==(const LookUpLeaders&) const = default;
};
struct AskLeader {
    BrokerId broker;
    std::map<TopicPartition, Offset> before;
    bool operator==(const AskLeader&) const = default;
};
struct ArmDeletionTimer {
    SimTime at;
    bool operator==(const ArmDeletionTimer&) const = default;
};
struct CompleteDeletion {
    std::map<TopicPartition, DeletedRecords> results;
    bool operator==(const CompleteDeletion&) const = default;
};
using DeletionEffect = std::variant<LookUpLeaders, AskLeader, ArmDeletionTimer, CompleteDeletion>;
using DeletionEffects = std::vector<DeletionEffect>;

class RecordDeletion {
  public:
    RecordDeletion(const AdminConfig& config, std::map<TopicPartition, Offset> before);

    // Nothing more is said after CompleteDeletion.
    void step(const AdminContext& context, const DeletionInput& in, DeletionEffects& out);
    bool done() const { return done_; }

  private:
    void take(const LeadersFound& in);
    void take(const LeaderAnswered& in);
    void take(const DeletionCallLost& in);
    void ask_mapped(DeletionEffects& out);
    void finish(DeletionEffects& out);

    ExponentialBackoff backoff_;
    SimDuration timeout_;
    std::optional<SimTime> deadline_;
    std::map<TopicPartition, Offset> before_;
    std::set<TopicPartition> unmapped_;
    std::map<TopicPartition, BrokerId> mapped_;  // and not asked yet
    std::map<TopicPartition, BrokerId> asked_;
    std::map<TopicPartition, DeletedRecords> results_;
    bool looking_up_ = false;
    bool waiting_ = false;  // for the timer
    bool done_ = false;
    std::int64_t rounds_ = 0;
};

}  // namespace bsim::admin
