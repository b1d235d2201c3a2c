#pragma once
// The leader side of one partition: high watermark, followers' positions, ISR and its changes.
//
// Offsets that name an end are "next to write": hw == leo means that all is committed.
//
// High watermark: the smallest LEO over this broker, the members of the maximal ISR, and every
// other replica that is caught up and could join. It only rises, and stands still while the
// committed ISR is smaller than the effective min ISR (KIP-966).
//
// ISR, from -> to: trigger
//   Committed     -> PendingExpand: a follower outside reaches the hw and the start of this epoch
//   Committed     -> PendingShrink: isr_check_due finds members that lag
//   Pending*      -> Committed (new ISR): the controller accepted, or newer metadata came
//   Pending*      -> Committed (as before): OPERATION_NOT_ATTEMPTED, INELIGIBLE_REPLICA
//   Pending*      -> itself, waiting for metadata: UNKNOWN_TOPIC_*, FENCED_LEADER_EPOCH,
//                    INVALID_UPDATE_VERSION, INVALID_REQUEST, NEW_LEADER_ELECTED
//   Pending*      -> itself, proposing again: any other error
// The maximal ISR is the committed one, joined by the newcomer while an expansion is pending: what
// the controller may already have committed must count. A pending shrink leaves it as it was.
//
// Required: every effect is carried out before the next step; local_appended() follows each append
// at once; LEO never falls while leading. Invariants: hw never falls; hw <= leo; at most one
// proposal is pending. Never throws but for bugs (BSIM_CHECK).
// Source: Partition.scala (3.9), KIP-497, KIP-841, KIP-903, KIP-966; TLA+
// KafkaReplication!LeaderIncHighWatermark.

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/fetch_check.h"
#include "sim/protocol/replication/leader_effects.h"
#include "sim/protocol/replication/partition_news.h"
#include "sim/protocol/replication/remote_replica.h"
#include "sim/wire/error_code.h"

namespace bsim::replication {

struct LeaderConfig {
    SimDuration replica_lag_time_max = seconds(30);
    std::int32_t min_insync_replicas = 1;  // the topic's, as configured; see effective_min_isr()
};

enum class IsrState : std::uint8_t { Committed, PendingExpand, PendingShrink };

class PartitionLeader {
  public:
    struct Start {
        BrokerId self;
        PartitionNews news;  // with news.leader == self
        Offset log_start;    // of the local log
        Offset hw;           // as the local log knows it; it is not reset by the election
        Offset leo;          // becomes the start offset of this leader epoch
        LeaderConfig config;
    };
    PartitionLeader(const LeaderContext& ctx, const Start& start, LeaderEffects& out);

    // ---- Inputs
    void local_appended(const LeaderContext& ctx, Offset leo, LeaderEffects& out);
    void log_start_moved(const LeaderContext& ctx, Offset log_start, LeaderEffects& out);
    // NOT_LEADER_OR_FOLLOWER if the fetch comes from an older incarnation of that broker; then
    // nothing changed and the partition's part of the answer is that error. A replica outside the
    // assignment is a caller's bug: ask admit_follower() first.
    wire::ErrorCode follower_fetched(const LeaderContext& ctx,
                                     const FollowerFetched& fetch,
                                     LeaderEffects& out);
    // Due every isr_check_interval(), see isr_expiration.h.
    void isr_check_due(const LeaderContext& ctx, LeaderEffects& out);
    void isr_answered(const LeaderContext& ctx,
                      const IsrProposal& proposal,
                      const IsrAnswer& answer,
                      LeaderEffects& out);
    // News in which this broker still leads (RoleChange::StayLeader). A higher leader epoch is a
    // re-election: the epoch starts anew at the LEO, the followers' positions stay.
    void metadata_changed(const LeaderContext& ctx, const PartitionNews& news, LeaderEffects& out);
    // Takes effect with the next event, as Kafka reads the configuration at each use.
    void config_changed(const LeaderConfig& config) { config_ = config; }

    // ---- Questions
    // acks is -1 (all), 0 or 1. NOT_ENOUGH_REPLICAS: nothing may be appended.
    wire::ErrorCode admit_produce(std::int16_t acks) const;
    // For acks=all, required = last offset + 1: nullopt while pending, else the answer (None or
    // NOT_ENOUGH_REPLICAS_AFTER_APPEND).
    std::optional<wire::ErrorCode> produce_status(Offset required) const;
    // Checks the epoch, then that the replica is assigned.
    wire::ErrorCode admit_follower(BrokerId replica, std::optional<LeaderEpoch> current) const;
    // Checks position against this leader's log; `end_of_last_fetched` as in PositionFacts.
    FetchVerdict check_position(const FetchPosition& position,
                                const std::optional<EpochEnd>& end_of_last_fetched) const;
    // OFFSET_NOT_AVAILABLE for a client's ListOffsets(latest) until the high watermark has reached
    // the start of this epoch (KIP-207).
    wire::ErrorCode latest_offset_status() const;
    // Smallest log start over the live replicas; DeleteRecords waits for it.
    Offset low_watermark(const ClusterView& cluster) const;

    Offset hw() const { return hw_; }
    Offset leo() const { return leo_; }
    Offset log_start() const { return log_start_; }
    Offset epoch_start() const { return epoch_start_; }
    LeaderEpoch leader_epoch() const { return leader_epoch_; }
    PartitionEpoch partition_epoch() const { return partition_epoch_; }
    BrokerId self() const { return self_; }
    const std::vector<BrokerId>& isr() const { return isr_; }
    std::vector<BrokerId> maximal_isr() const;
    std::size_t maximal_isr_size() const { return isr_.size() + (newcomer_ ? 1 : 0); }
    bool in_maximal_isr(BrokerId id) const;
    IsrState isr_state() const;
    // min(min.insync.replicas, replication factor).
    std::size_t effective_min_isr() const;
    bool under_min_isr() const { return isr_.size() < effective_min_isr(); }
    std::span<const RemoteReplica> followers() const { return remotes_; }
    const RemoteReplica* follower(BrokerId id) const;

  private:
    RemoteReplica* find_remote(BrokerId id);
    bool in_isr(BrokerId id) const;
    void set_assignment(const std::vector<BrokerId>& replicas);
    void start_epoch(const LeaderContext& ctx,
                     const PartitionNews& news,
                     bool new_leader,
                     LeaderEffects& out);
    bool maybe_advance_hw(const LeaderContext& ctx, LeaderEffects& out);
    bool eligible(const RemoteReplica& remote, const ClusterView& cluster) const;
    void maybe_expand(const LeaderContext& ctx, const RemoteReplica& remote, LeaderEffects& out);
    void propose(const ClusterView& cluster, const std::vector<BrokerId>& isr, LeaderEffects& out);
    void accept(const LeaderContext& ctx, const IsrAccepted& accepted, LeaderEffects& out);
    void reject(wire::ErrorCode error, LeaderEffects& out);
    void commit_isr(const std::vector<BrokerId>& isr, LeaderEffects& out);
    static void wake_all(Offset hw, LeaderEffects& out);

    BrokerId self_;
    LeaderConfig config_;
    LeaderEpoch leader_epoch_;
    PartitionEpoch partition_epoch_;
    Offset log_start_;
    Offset hw_;
    Offset leo_;
    Offset epoch_start_;
    bool recovering_ = false;
    std::vector<RemoteReplica> remotes_;  // every assigned replica but this one
    std::vector<BrokerId> isr_;           // committed, in the controller's order
    std::optional<IsrProposal> pending_;
    std::optional<BrokerId> newcomer_;  // set exactly while an expansion is pending
};

}  // namespace bsim::replication
