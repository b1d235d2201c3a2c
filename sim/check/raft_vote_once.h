#pragma once
// raft-vote-once: a voter of the metadata quorum gives one vote an epoch, to a candidate whose log
// is as good as its own, and it takes a majority to lead. Exact invariants K1 and K8 of
// facts/invariants.md, and what K2 and K6 rest on (Raft, 5.2 and 5.4.1).
//
// Violations, over all lives of a node:
//   - its epoch falls (K1): what it had told was not on its disk;
//   - it gives its vote to two candidates in one epoch; who stands gives itself its own (K8);
//   - it gives a vote in an epoch older than the one it is in;
//   - it gives a vote to a candidate whose log ends before its own, by epoch and then by offset;
//   - a node leads in an epoch for which fewer than a majority of the voters gave it their votes.
// Pre-votes bind nobody and are not looked at.
//
// Permitted: a voter that forgot because its disk was replaced, or because the switch persist_vote
// is off.
// How good a log is counts the epochs that a node has led even if it never wrote in them, as Kafka
// does; a log that ends with something that no event told of is not compared.

#include <map>
#include <optional>
#include <string>

#include "sim/check/checker.h"

namespace bsim {

class RaftVoteOnce : public Checker {
  public:
    explicit RaftVoteOnce(const CheckSettings& settings)
        : Checker("raft-vote-once", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    // The end of a log as elections compare it.
    struct Standing {
        LeaderEpoch epoch;
        Offset end;
        auto operator<=>(const Standing&) const = default;
    };
    struct Ballot {
        BrokerId candidate;
        std::int32_t wipes = 0;  // of the voter, when it voted
    };
    struct Node {
        LeaderEpoch epoch;
        std::int32_t wipes = 0;            // when it told of the epoch
        std::optional<LeaderEpoch> led;    // the newest
        LeaderEpoch stood;                 // when it stood last
        std::optional<Standing> standing;  // then, as good as its log may have been
    };

    void on_role(const Event& event, const RaftRole& e, const ClusterView& view);
    void on_vote(const Event& event, const RaftVote& e, const ClusterView& view);
    void casts(const Event& event, LeaderEpoch epoch, BrokerId candidate, const ClusterView& view);
    void counts(const Event& event, LeaderEpoch epoch);
    void compares(const Event& event, const RaftVote& e, const ClusterView& view);

    CheckSettings settings_;
    std::map<BrokerId, Node> nodes_;
    std::map<LeaderEpoch, std::map<BrokerId, Ballot>> ballots_;  // by voter
};

}  // namespace bsim
