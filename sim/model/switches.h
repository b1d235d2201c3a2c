#pragma once
// Fixes and design choices that a run turns on or off, to replay what went wrong without them
// (CATALOGUE.md). A default-made struct behaves as Kafka 3.9 does.

#include <cstdint>

namespace bsim {

struct Switches {
    // KIP-996 (Kafka 4.0): a voter asks whether it could win before it raises the epoch.
    bool pre_vote = false;
    // KAFKA-15489: a Raft leader that a majority of voters no longer fetches from resigns.
    bool leader_resign_on_no_fetch = true;
    // KAFKA-12619: entries of earlier epochs count as committed only together with one of its own.
    bool commit_own_epoch_only = true;
    // A vote is written to quorum-state, and read back at start.
    bool persist_vote = true;
    // KIP-101: how far a follower cuts its log before it follows a new leader.
    enum class Truncation : std::uint8_t { ByLeaderEpoch, ByHighWatermark };
    Truncation truncation = Truncation::ByLeaderEpoch;
    // KIP-320: a consumer has its position validated when the leader epoch changes.
    bool consumer_truncation_check = true;
    // KIP-394: a new member gets its id first and joins with it.
    bool require_member_id = true;
    // A commit must come from a member, and of the present generation.
    enum class CommitFencing : std::uint8_t { None, Generation };
    CommitFencing commit_fencing = CommitFencing::Generation;
    // KAFKA-5600: whether a coordinator keeps all that it reads of its partition, or what its last
    // buffer held.
    enum class OffsetsLoad : std::uint8_t { Full, Partial };
    OffsetsLoad offsets_load = OffsetsLoad::Full;
    // Who must have a committed offset before it is in force and the member is answered.
    enum class CommitAck : std::uint8_t { Leader, Isr };
    CommitAck commit_ack = CommitAck::Isr;

    bool operator==(const Switches&) const = default;
};

}  // namespace bsim
