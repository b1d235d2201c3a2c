#pragma once
// The Raft RPCs, reduced to what a node with static voters decides by. wire_messages.h turns them
// into Kafka's Fetch, Vote, BeginQuorumEpoch and EndQuorumEpoch and back.
// Source: KIP-595, FetchRequest.json v17 and the three quorum RPCs' schemas.

#include <optional>
#include <variant>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/protocol/kraft/types.h"
#include "sim/wire/error_code.h"

namespace bsim::kraft {

struct FetchRequest {
    ReplicaKey replica;
    LeaderEpoch current_epoch;  // the epoch that the fetcher is in
    Offset fetch_offset;        // its log's end
    LeaderEpoch last_fetched_epoch;
    SimDuration max_wait;

    bool operator==(const FetchRequest&) const = default;
};

struct VoteRequest {
    ReplicaKey candidate;
    LeaderEpoch epoch;
    OffsetAndEpoch log_end;           // of the candidate
    std::optional<ReplicaKey> voter;  // whom the candidate believes to address

    bool operator==(const VoteRequest&) const = default;
};

struct BeginQuorumEpochRequest {
    BrokerId leader;
    LeaderEpoch epoch;
    std::optional<ReplicaKey> voter;

    bool operator==(const BeginQuorumEpochRequest&) const = default;
};

struct EndQuorumEpochRequest {
    BrokerId leader;
    LeaderEpoch epoch;
    std::vector<ReplicaKey> preferred;  // the other voters, by descending fetch offset

    bool operator==(const EndQuorumEpochRequest&) const = default;
};

// What every answer says of the epoch: the sender's, and its leader if the sender knows one.
struct AnswerHead {
    wire::ErrorCode error = wire::ErrorCode::None;
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;

    bool operator==(const AnswerHead&) const = default;
};

// As received by a fetcher. At most one of `diverging` and a non-empty `records` is set.
struct FetchResponse {
    AnswerHead head;
    std::optional<Offset> hw;  // absent while the leader does not know it
    std::optional<OffsetAndEpoch> diverging;
    SharedBytes records;  // whole batches, in order, from the fetch offset

    bool operator==(const FetchResponse&) const = default;
};

// As decided by a leader; who sends it adds the records.
struct FetchAnswer {
    AnswerHead head;
    Offset log_start;
    std::optional<Offset> hw;
    std::optional<OffsetAndEpoch> diverging;
    // Set when records may be read: from here up to the log's end, at most kMaxBatchBytes but at
    // least one batch.
    std::optional<Offset> read_from;

    bool operator==(const FetchAnswer&) const = default;
};

struct VoteResponse {
    AnswerHead head;
    bool granted = false;

    bool operator==(const VoteResponse&) const = default;
};

struct BeginQuorumEpochResponse {
    AnswerHead head;
    bool operator==(const BeginQuorumEpochResponse&) const = default;
};

struct EndQuorumEpochResponse {
    AnswerHead head;
    bool operator==(const EndQuorumEpochResponse&) const = default;
};

using RaftRequest =
    std::variant<FetchRequest, VoteRequest, BeginQuorumEpochRequest, EndQuorumEpochRequest>;
using RaftResponse =
    std::variant<FetchResponse, VoteResponse, BeginQuorumEpochResponse, EndQuorumEpochResponse>;
using RaftAnswer =
    std::variant<FetchAnswer, VoteResponse, BeginQuorumEpochResponse, EndQuorumEpochResponse>;

}  // namespace bsim::kraft
