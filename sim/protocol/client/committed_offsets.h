#pragma once
// Asks the group's coordinator where the group stands in partitions that have no position yet.
//
// The coordinator is asked to hold nothing back but offsets that are not final (requireStable);
// those are asked for again, with a growing backoff. A request that was given up when poll() ended
// goes on, and the next poll() takes its answer if it asks the same in the same generation.
// Source: ConsumerCoordinator (fetchCommittedOffsets, OffsetFetchResponseHandler); KIP-447.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "sim/protocol/client/group_membership.h"
#include "sim/wire/messages/offset_fetch_response.h"

namespace bsim::client {

class CommittedOffsets {
  public:
    explicit CommittedOffsets(const ConsumerSettings& settings);

    // `generation`: the member's, if it is in a stable one.
    struct Question {
        std::set<TopicPartition> partitions;
        std::optional<Generation> generation;
        bool operator==(const Question&) const = default;
    };
    // Done: offsets() tells. GaveUp: take_failure() may tell why.
    Progress fetch(const GroupTurn& g, const Question& question, SimTime deadline);
    // By partition; none where nothing is committed.
    using Offsets = std::map<TopicPartition, std::optional<CommittableOffset>>;
    Offsets take_offsets() { return std::exchange(offsets_, {}); }
    std::optional<GroupFailure> take_failure() { return std::exchange(failure_, std::nullopt); }
    std::optional<SimTime> sleeps_until() const { return sleep_until_; }
    bool waiting() const { return waiting_; }
    void abandon();

    bool handle(const GroupTurn& g, const RequestOutcome& outcome);

  private:
    struct Pending {
        Question question;
        std::optional<ConsumerRequestId> id;  // none: it could not be asked
        bool done = false;
        std::optional<GroupFailure> failure;
    };
    void ask(const GroupTurn& g, const Question& question);
    Progress end(Progress how);
    // None: go on at once.
    std::optional<Progress> advance(const GroupTurn& g, const Question& question, SimTime deadline);
    std::optional<GroupFailure> read(const GroupTurn& g, const wire::OffsetFetchResponse& told);

    std::string group_id_;
    ExponentialBackoff backoff_;
    std::optional<Pending> pending_;
    std::set<ConsumerRequestId> requests_;  // in flight
    Offsets offsets_;
    std::optional<GroupFailure> failure_;
    std::int64_t attempts_ = 0;
    std::optional<SimTime> sleep_until_;
    bool waiting_ = false;  // somebody is in fetch()
};

}  // namespace bsim::client
