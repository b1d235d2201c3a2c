#pragma once
// One replica fetcher: follows the partitions of one source broker that fall to one fetcher id,
// with one request under way at a time.
//
// The shell's loop: whenever the fetcher may have work (a partition was added, an answer came, the
// idle time is over), call next_fetch(); send the request that it returns, or wait until the time
// it names. Hand each response, or its loss, to fetch_answered() / fetch_failed(), then run the
// effects in order and report their outcomes by the methods named in partition_follower.h; all of
// that happens within the same event. While an AskLeaderOffset is open the fetcher does not fetch,
// as Kafka's thread blocks on ListOffsets; they are asked one at a time.
//
// Required: a fetcher that is empty() after a round of metadata is dropped, with its connection and
// whatever is under way (Kafka ends idle fetcher threads). Otherwise an answer from before a
// partition left could still be taken after it came back: Kafka compares an answer with the
// partition's state by the fetch offset alone, not by the leader epoch, and so does this.
//
// Partitions are fetched in the order in which they last moved to the end: when added, delayed, or
// answered with records.
//
// Requests are version 17 (metadata.version 3.9): topic ids, replica epoch. ListOffsets: 9.
//
// DEVIATION: follower-side replication quotas (shouldFollowerThrottle) are not applied here.
//
// DEVIATION: an out-of-range partition is resolved after the rest of its response was processed,
// not in the middle of it.
//
// Source: AbstractFetcherThread, RemoteLeaderEndPoint.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/linked_map.h"
#include "sim/protocol/replication/partition_follower.h"
#include "sim/protocol/rules/fetch_session_handler.h"
#include "sim/wire/messages/fetch_request.h"
#include "sim/wire/messages/fetch_response.h"
#include "sim/wire/messages/list_offsets_request.h"

namespace bsim::replication {

inline constexpr std::int16_t kReplicaFetchVersion = 17;
inline constexpr std::int16_t kReplicaListOffsetsVersion = 9;

struct FetcherConfig {
    BrokerId self;
    SimDuration max_wait = milliseconds(500);            // replica.fetch.wait.max.ms
    std::int32_t min_bytes = 1;                          // replica.fetch.min.bytes
    std::int32_t response_max_bytes = 10 * 1024 * 1024;  // replica.fetch.response.max.bytes
    std::int32_t partition_max_bytes = 1024 * 1024;      // replica.fetch.max.bytes
    SimDuration backoff = milliseconds(1000);            // replica.fetch.backoff.ms
};

// An effect and the partition it is for.
struct FetcherEffect {
    TopicIdPartition tp;
    FollowerEffect what;
    bool operator==(const FetcherEffect&) const = default;
};
using FetcherEffects = std::vector<FetcherEffect>;

// Nothing to fetch: look again at `until`, or as soon as a partition is added.
struct IdleUntil {
    SimTime until;
};
// A request or a question to the leader is under way.
struct Waiting {};
using NextFetch = std::variant<Waiting, IdleUntil, wire::FetchRequest>;

class Fetcher {
  public:
    explicit Fetcher(const FetcherConfig& config) : config_(config) {}

    // ---- Membership. Adding a partition that is followed in the same leader epoch changes
    // nothing.
    void add(const TopicIdPartition& tp,
             const std::string& topic,
             const PartitionFollower::Start& start,
             FetcherEffects& out);
    void remove(const TopicIdPartition& tp);
    bool empty() const { return partitions_.empty(); }
    std::size_t size() const { return partitions_.size(); }
    // nullptr if it is not followed here (any more).
    const PartitionFollower* find(const TopicIdPartition& tp) const;

    // ---- Requests
    NextFetch next_fetch(SimTime now, std::optional<BrokerEpoch> own_epoch);
    void fetch_answered(SimTime now, const wire::FetchResponse& response, FetcherEffects& out);
    // Lost, timed out, connection broken, or answered with an error instead of a response.
    void fetch_failed(SimTime now);

    // The request that AskLeaderOffset stands for.
    wire::ListOffsetsRequest list_offsets(const TopicIdPartition& tp,
                                          const AskLeaderOffset& ask) const;

    // ---- Outcomes of effects; ignored for a partition that is gone.
    void appended(const TopicIdPartition& tp, const FollowerLog& log, FetcherEffects& out);
    void append_failed(SimTime now,
                       const TopicIdPartition& tp,
                       AppendFailure why,
                       FetcherEffects& out);
    void epoch_end_found(const TopicIdPartition& tp,
                         const std::optional<EpochEnd>& own,
                         FetcherEffects& out);
    void truncated(const TopicIdPartition& tp, const FollowerLog& log);
    // Each AskLeaderOffset must get one of these two, even if the partition is gone by then.
    void leader_edge_found(const TopicIdPartition& tp, Offset offset, FetcherEffects& out);
    void leader_edge_refused(SimTime now,
                             const TopicIdPartition& tp,
                             wire::ErrorCode error,
                             FetcherEffects& out);
    void log_start_moved(const TopicIdPartition& tp, Offset log_start);

  private:
    struct Followed {
        std::string topic;
        PartitionFollower follower;
    };

    void delay_all(SimTime now);
    void take_partition(SimTime now,
                        const TopicIdPartition& tp,
                        const wire::FetchResponse::PartitionData& data,
                        FetcherEffects& out);
    // Moves the follower's effects out, queueing questions to the leader and dropping the failed.
    void flush(const TopicIdPartition& tp, FetcherEffects& out);
    PartitionFollower* close_question(const TopicIdPartition& tp);
    void ask_next(const TopicIdPartition& tp, FetcherEffects& out);

    FetcherConfig config_;
    LinkedMap<TopicIdPartition, Followed> partitions_;
    FetchSessionHandler session_;
    bool in_flight_ = false;
    std::deque<FetcherEffect> questions_;  // the first one is under way
    FollowerEffects scratch_;
    std::vector<WantedPartition> wanted_;
};

}  // namespace bsim::replication
