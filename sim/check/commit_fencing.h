#pragma once
// commit-fencing: only a member of the current generation commits, and only what it holds. Exact
// invariant G8 of facts/invariants.md (family I9).
//
// An accepted commit is judged by what its coordinator had when it accepted it (`latency_ns` before
// the event, for its record had to be replicated).
// Violations:
//   - it bears another generation than the group had, or the group was between two generations
//     (CompletingRebalance);
//   - its member was none of the group's;
//   - its partition belonged to another member in that generation. One that the generation gives to
//     nobody still belongs to its last owner: with a cooperative protocol that one commits when it
//     lets go;
//   - it came from outside of the membership although the group had members.
// What no event told of (the state before the first, the assignment of a generation that was loaded
// but never announced) is not judged.
// Source: GroupCoordinator.validateOffsetCommit, doCommitOffsets.

#include <deque>
#include <map>
#include <string>
#include <utility>

#include "sim/check/checker.h"

namespace bsim {

class CommitFencing : public Checker {
  public:
    CommitFencing() : Checker("commit-fencing", CheckKind::Safety) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    // From `since` until the next one.
    struct Moment {
        SimTime since;
        GroupStateName state = GroupStateName::Empty;
        GenerationId generation;
    };
    struct Departed {
        SimTime at;
        std::string client;
    };
    using Owners = std::map<TopicPartition, std::string>;  // client.id
    struct Group {
        std::deque<Moment> moments;
        std::map<std::string, Departed> departed;  // by member id
        // Of the generations completed last, the newest at the end. After a loss of the group's
        // metadata that need not be the highest.
        std::deque<std::pair<GenerationId, Owners>> owners;
    };

    void note_state(const Event& event, const std::string& group, const ClusterView& view);
    void on_completed(const RebalanceCompleted& e);
    void on_committed(const Event& event, const OffsetCommitted& e, const ClusterView& view);
    // What is wrong with it; empty if nothing.
    static std::string wrong_generation(const Group& group, const OffsetCommitted& e, SimTime at);
    static std::string wrong_member(const Group& group,
                                    const OffsetCommitted& e,
                                    SimTime at,
                                    const GroupSnapshot& told);

    std::map<std::string, Group> groups_;
};

}  // namespace bsim
