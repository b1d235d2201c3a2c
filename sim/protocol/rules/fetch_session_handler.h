#pragma once
// The fetching side of incremental fetch sessions (KIP-227): says what of the wanted partitions
// must go into the next request, and which session id and epoch it carries.
//
// Epoch 0 asks for a new session and lists everything (a full request); epochs 1, 2, ... list only
// what changed since the last request, and what to forget; after 2^31-1 comes 1.
//   from -> to: trigger
//   (0, 0)      -> (id, 1): a full answer that opened session id; (0, 0): it opened none
//   (id, n)     -> (id, n+1): a good incremental answer; (0, 0): the leader closed the session
//   any         -> (0, 0): FETCH_SESSION_ID_NOT_FOUND, or a full answer that does not fit
//   any         -> (id, 0), closing id and asking anew: any other error, a lost request, or an
//                  incremental answer with strangers in it
// Only one request may be under way at a time. Followers and consumers fetch through it alike.
// Source: org.apache.kafka.clients.FetchSessionHandler.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "sim/model/ids.h"
#include "sim/wire/error_code.h"
#include "sim/wire/messages/fetch_request.h"
#include "sim/wire/messages/fetch_response.h"

namespace bsim {

// What a request says of one partition.
struct PartitionFetch {
    Offset fetch_offset;
    std::optional<Offset> log_start;  // followers only
    std::int32_t max_bytes = 0;
    std::optional<LeaderEpoch> current_leader_epoch;
    std::optional<LeaderEpoch> last_fetched_epoch;
    bool operator==(const PartitionFetch&) const = default;
};

struct WantedPartition {
    TopicIdPartition tp;
    PartitionFetch fetch;
};

class FetchSessionHandler {
  public:
    // Fills session id and epoch, topics and forgotten topics of `request`, in the order of
    // `wanted`. False if there is nothing to ask: the session is empty and nothing is forgotten.
    bool build(std::span<const WantedPartition> wanted, wire::FetchRequest& request);

    // True if the partitions of the answer may be used.
    bool answered(const wire::FetchResponse& response);
    // The request was lost or its connection broke.
    void request_failed();

    // What the session last asked of a partition; nullptr if it is not in the session.
    const PartitionFetch* asked(const TopicIdPartition& tp) const;

    std::int32_t session_id() const { return session_id_; }
    std::int32_t session_epoch() const { return session_epoch_; }

  private:
    struct Member {
        PartitionFetch fetch;
        std::uint64_t round = 0;  // of the last build() that wanted it
    };

    bool full() const { return session_epoch_ <= 0; }
    bool fits(const wire::FetchResponse& response) const;
    void restart(std::int32_t closing_session_id);

    std::int32_t session_id_ = 0;
    std::int32_t session_epoch_ = 0;
    std::uint64_t round_ = 0;
    std::map<TopicIdPartition, Member> members_;
};

}  // namespace bsim
