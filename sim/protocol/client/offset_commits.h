#pragma once
// Commits positions to the group's coordinator, under the member's generation.
//
//   async   one attempt; what becomes of it is told in the next call of the application. If the
//           coordinator is not known, the commit waits for the lookup.
//   auto    async, every auto.commit.interval.ms inside of poll(), and before partitions are
//           revoked; sooner again if it failed for a reason that passes
//   sync    tries again, with a growing backoff, until it succeeds, fails for good or is late
// Nothing to commit is committed at once.
// A member that is not in a stable generation commits nothing: REBALANCE_IN_PROGRESS if it is
// joining, else COMMIT_FAILED. Answers that deny the generation reset it.
// Source: ConsumerCoordinator (commitOffsetsAsync, commitOffsetsSync, OffsetCommitResponseHandler).

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/protocol/client/group_membership.h"
#include "sim/wire/messages/offset_commit_response.h"

namespace bsim::client {

class OffsetCommits {
  public:
    explicit OffsetCommits(const ConsumerSettings& settings);

    // --- By themselves
    bool auto_commit() const { return auto_commit_; }
    void restart_auto_clock(SimTime now) { next_auto_ = now + auto_interval_; }
    // When the next one is due; none without auto commit.
    std::optional<SimTime> next_auto() const {
        return auto_commit_ ? std::optional(next_auto_) : std::nullopt;
    }

    // --- Without waiting
    void begin_async(const GroupTurn& g,
                     GroupMembership& membership,
                     CommitKind kind,
                     CommittableOffsets offsets) {
        start_async(g, membership, {CommitId{}, std::move(offsets), {}, kind, false});
    }
    // An automatic one whose result somebody looks at; none if it waits for the lookup.
    std::optional<CommitId> begin_awaited(const GroupTurn& g,
                                          GroupMembership& membership,
                                          CommittableOffsets offsets) {
        return start_async(g, membership,
                           {CommitId{}, std::move(offsets), {}, CommitKind::Auto, true});
    }
    struct Result {
        std::optional<GroupFailure> failure;
        bool in_doubt = false;  // it may be in force all the same
    };
    // Of an awaited one, once; none as long as it is under way.
    std::optional<Result> take_result(CommitId id);
    // Tells the outcomes of asynchronous commits. Throws forever once one said that another member
    // took this one's instance id.
    std::optional<GroupFailure> tell_completed(ConsumerTurn& turn);
    bool waiting_for_coordinator() const { return !waiting_.empty(); }
    void coordinator_found(const GroupTurn& g, GroupMembership& membership);
    void lookup_failed();

    // --- Waiting
    void begin_sync(const GroupTurn& g, CommitKind kind, CommittableOffsets offsets, SimTime end);
    bool syncing() const { return sync_.has_value(); }
    SimTime sync_deadline() const { return sync_->deadline; }
    // Done: it ended, well or not.
    Progress run_sync(const GroupTurn& g, GroupMembership& membership);
    std::optional<SimTime> sleeps_until() const {
        return sync_ ? sync_->sleep_until : std::nullopt;
    }
    void abandon_sync() { sync_.reset(); }

    bool handle(const GroupTurn& g, const RequestOutcome& outcome, GroupMembership& membership);

  private:
    struct Attempt {
        CommitId id;
        CommittableOffsets offsets;
        Generation sent_in{};
        std::optional<CommitKind> told_later{};  // an asynchronous one's
        bool awaited = true;
    };
    struct Completion {
        CommitId id;
        CommitKind kind;
        std::optional<GroupFailure> failure;
        GenerationId generation;
        bool in_doubt = false;
    };
    struct Sync {
        CommitId id;
        CommitKind kind;
        CommittableOffsets offsets;
        SimTime deadline;
        GenerationId generation;
        std::optional<CommitId> attempt{};
        std::int64_t attempts = 0;
        std::optional<SimTime> sleep_until{};
        bool in_doubt = false;  // one of the attempts
    };

    std::optional<CommitId> start_async(const GroupTurn& g,
                                        GroupMembership& membership,
                                        Attempt attempt);
    void send(const GroupTurn& g, GroupMembership& membership, Attempt attempt);
    void finish(const Attempt& attempt, std::optional<GroupFailure> failure, bool in_doubt = false);
    std::optional<GroupFailure> read(const GroupTurn& g,
                                     const Attempt& attempt,
                                     const wire::OffsetCommitResponse& told,
                                     GroupMembership& membership) const;
    std::optional<GroupFailure> read_error(const GroupTurn& g,
                                           const Attempt& attempt,
                                           wire::ErrorCode error,
                                           GroupMembership& membership) const;
    // None: go on at once.
    std::optional<Progress> advance_sync(const GroupTurn& g, GroupMembership& membership);
    Progress end_sync(ConsumerTurn& turn, std::optional<GroupFailure> failure);

    GroupSettings settings_;
    bool auto_commit_;
    SimDuration auto_interval_;
    SimDuration retry_backoff_;
    ExponentialBackoff backoff_;
    SimTime next_auto_;
    std::int64_t next_id_ = 1;
    std::map<ConsumerRequestId, Attempt> in_flight_;
    std::map<CommitId, Result> results_;  // of awaited ones, until taken
    std::vector<Completion> completed_;
    std::vector<Attempt> waiting_;
    std::optional<GroupFailure> fenced_;
    std::optional<Sync> sync_;
    std::int64_t async_in_flight_ = 0;
};

}  // namespace bsim::client
