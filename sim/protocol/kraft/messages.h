#pragma once
// The Raft RPCs, reduced to what a node with static voters decides by. wire_messages.h turns them
// into Kafka's Fetch, FetchSnapshot, Vote, BeginQuorumEpoch, EndQuorumEpoch and DescribeQuorum and
// back.
// Source: KIP-595, KIP-630, KIP-642; FetchRequest.json v17 and the other RPCs' schemas; KIP-996 for
// the pre-vote.

#include <cstdint>
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

// The next chunk of a snapshot, from `position` on.
struct FetchSnapshotRequest {
    ReplicaKey replica;
    LeaderEpoch current_epoch;
    OffsetAndEpoch snapshot;
    std::int64_t position = 0;
    std::int64_t max_bytes = 0;

    bool operator==(const FetchSnapshotRequest&) const = default;
};

struct VoteRequest {
    ReplicaKey candidate;
    LeaderEpoch epoch;
    OffsetAndEpoch log_end;           // of the candidate
    std::optional<ReplicaKey> voter;  // whom the candidate believes to address
    bool pre_vote = false;            // asks only, in the epoch that the asking node is in

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

struct DescribeQuorumRequest {
    bool operator==(const DescribeQuorumRequest&) const = default;
};

// What every answer says of the epoch: the sender's, and its leader if the sender knows one.
struct AnswerHead {
    wire::ErrorCode error = wire::ErrorCode::None;
    LeaderEpoch epoch;
    std::optional<BrokerId> leader;

    bool operator==(const AnswerHead&) const = default;
};

// As received by a fetcher. At most one of `diverging`, `snapshot` and a non-empty `records` is
// set.
struct FetchResponse {
    AnswerHead head;
    std::optional<Offset> hw;  // absent while the leader does not know it
    std::optional<OffsetAndEpoch> diverging;
    std::optional<OffsetAndEpoch> snapshot;  // to be fetched first
    SharedBytes records;                     // whole batches, in order, from the fetch offset

    bool operator==(const FetchResponse&) const = default;
};

// As decided by a leader; who sends it adds the records.
struct FetchAnswer {
    AnswerHead head;
    Offset log_start;
    std::optional<Offset> hw;
    std::optional<OffsetAndEpoch> diverging;
    std::optional<OffsetAndEpoch> snapshot;
    // Set when records may be read: from here up to the log's end, at most kMaxBatchBytes but at
    // least one batch.
    std::optional<Offset> read_from;

    bool operator==(const FetchAnswer&) const = default;
};

// `snapshot` is absent in an answer with an error.
struct FetchSnapshotResponse {
    AnswerHead head;
    std::optional<OffsetAndEpoch> snapshot;
    std::int64_t size = 0;  // of the whole snapshot
    std::int64_t position = 0;
    SharedBytes bytes;

    bool operator==(const FetchSnapshotResponse&) const = default;
};

// As decided by a leader; who sends it adds the bytes, from `position` on, at most `max_bytes`.
struct FetchSnapshotAnswer {
    AnswerHead head;
    std::optional<OffsetAndEpoch> snapshot;
    std::int64_t size = 0;
    std::int64_t position = 0;
    std::int64_t max_bytes = 0;

    bool operator==(const FetchSnapshotAnswer&) const = default;
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

// How far a replica has got. Times are absent before its first fetch in this epoch; the leader's
// own are those of the answer.
struct ReplicaStanding {
    ReplicaKey replica;
    std::optional<Offset> end;
    std::optional<WallMs> last_fetch;
    std::optional<WallMs> last_caught_up;

    bool operator==(const ReplicaStanding&) const = default;
};

// Only the leader tells; others answer NOT_LEADER_OR_FOLLOWER and nothing else.
struct DescribeQuorumAnswer {
    AnswerHead head;
    std::optional<Offset> hw;
    std::vector<ReplicaStanding> voters;  // ascending
    std::vector<ReplicaStanding> observers;

    bool operator==(const DescribeQuorumAnswer&) const = default;
};

using RaftRequest = std::variant<FetchRequest,
                                 FetchSnapshotRequest,
                                 VoteRequest,
                                 BeginQuorumEpochRequest,
                                 EndQuorumEpochRequest,
                                 DescribeQuorumRequest>;
// Of the RPCs that a node sends.
using RaftResponse = std::variant<FetchResponse,
                                  FetchSnapshotResponse,
                                  VoteResponse,
                                  BeginQuorumEpochResponse,
                                  EndQuorumEpochResponse>;
using RaftAnswer = std::variant<FetchAnswer,
                                FetchSnapshotAnswer,
                                VoteResponse,
                                BeginQuorumEpochResponse,
                                EndQuorumEpochResponse,
                                DescribeQuorumAnswer>;

}  // namespace bsim::kraft
