#pragma once
// The leader's side of incremental fetch sessions (KIP-227): a cache of sessions, each the list of
// partitions that one fetcher wants, so that its requests and the answers hold only changes.
//
// Use: open() turns a request into a FetchContext, which lists what to read, in order; it is kept
// while the fetch is parked; respond() then drops from the answer what has not changed, and for a
// full request creates the session. A partition goes into an incremental answer if it has records,
// an error, a diverging epoch, a preferred read replica, or a new high watermark or log start.
//
// Slots are split over 8 shards, as session ids are; new sessions go round them. A full shard
// evicts a session unused for more than 2 minutes, else the least valuable one that is worth less
// than the newcomer: not of a follower, older than 2 minutes, smaller. Without a slot the session
// id is 0. Source: FetchSession.scala, BrokerServer (shards).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/linked_map.h"
#include "sim/protocol/rules/fetch_session_handler.h"
#include "sim/wire/error_code.h"
#include "sim/wire/messages/fetch_request.h"
#include "sim/wire/messages/fetch_response.h"

namespace bsim::replication {

// One request as the leader understands it. If error is set there is nothing to read: the answer is
// that error alone.
struct FetchContext {
    enum class Kind : std::uint8_t { Error, Sessionless, Full, Incremental };
    Kind kind = Kind::Sessionless;
    wire::ErrorCode error = wire::ErrorCode::None;
    bool from_follower = false;
    bool by_topic_id = true;  // request version 13 and up
    std::int32_t session_id = 0;
    std::int32_t next_epoch = 0;  // what the session's epoch must still be when answering
    std::vector<WantedPartition> partitions;  // in the order to read
};

// One partition of the answer, in the order of FetchContext::partitions.
struct FetchedPartition {
    TopicIdPartition tp;
    wire::FetchResponse::PartitionData data;
};

struct FetchSessionLimits {
    std::int32_t slots = 1000;  // max.incremental.fetch.session.cache.slots
    SimDuration eviction = seconds(120);
};

class FetchSessionCache {
  public:
    explicit FetchSessionCache(const FetchSessionLimits& limits = {}) : limits_(limits) {}

    FetchContext open(SimTime now, const wire::FetchRequest& request, std::int16_t version);

    // Fills error code, session id and topics of `response`. `drawn` is any drawn number; it picks
    // the id of a new session.
    void respond(SimTime now,
                 const FetchContext& context,
                 std::vector<FetchedPartition>& results,
                 std::uint64_t drawn,
                 wire::FetchResponse& response);

    std::size_t size() const;

  private:
    static constexpr std::int32_t kShards = 8;
    static constexpr std::int32_t kIdsPerShard = INT32_MAX / kShards;

    struct Cached {
        PartitionFetch request;
        std::int64_t hw = -1;         // as last sent; -1 forces the next answer to be sent
        std::int64_t log_start = -1;  // as last sent
    };
    struct Session {
        std::int32_t epoch = 1;
        bool from_follower = false;
        bool by_topic_id = true;
        SimTime created;
        SimTime last_used;
        std::size_t cached_size = 0;  // number of partitions at the last touch
        LinkedMap<TopicIdPartition, Cached> partitions;
    };
    // Privileged (a follower's), partitions, id: the smallest is evicted first.
    struct Worth {
        bool privileged;
        std::size_t size;
        std::int32_t id;
        auto operator<=>(const Worth&) const = default;
    };
    struct Shard {
        std::map<std::int32_t, Session> sessions;
        std::set<std::pair<SimTime, std::int32_t>> by_last_use;
        std::set<Worth> evictable_by_all;
        std::set<Worth> evictable_by_followers;
    };

    Shard& shard_of(std::int32_t id);
    Session* find(std::int32_t id);
    static void erase(Shard& shard, std::int32_t id);
    void touch(Shard& shard, std::int32_t id, SimTime now);
    bool make_room(Shard& shard, const Worth& newcomer, SimTime now);
    std::int32_t create(SimTime now,
                        const FetchContext& context,
                        const std::vector<FetchedPartition>& results,
                        std::uint64_t drawn);
    void prune(Session& session, std::vector<FetchedPartition>& results);
    FetchContext open_incremental(SimTime now, const wire::FetchRequest& request, bool by_topic_id);

    FetchSessionLimits limits_;
    std::array<Shard, kShards> shards_;
    std::uint32_t next_shard_ = 0;
};

}  // namespace bsim::replication
