#pragma once
// Events of consumer groups: what the coordinator decides, and what members are told.
// Who emits what and when: TRACE.md, table of kinds.

#include <map>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/trace/attributes.h"

namespace bsim {

// Kafka's names (ClassicGroupState).
enum class GroupStateName { Empty, PreparingRebalance, CompletingRebalance, Stable, Dead };
template <>
struct EnumNames<GroupStateName> {
    static constexpr std::array<std::string_view, 5> kNames = {
        "Empty", "PreparingRebalance", "CompletingRebalance", "Stable", "Dead"};
};

// Emitted by the group's coordinator -------------------------------------------------------------

// A group begins in Empty. `generation` is the one after the change.
struct GroupState {
    std::string group;
    GroupStateName from = GroupStateName::Empty;
    GroupStateName to = GroupStateName::Empty;
    GenerationId generation;
    BSIM_EVENT(GroupState, group, from, to, generation);
};

// A new member waits for the next generation, or a restarted static one takes its predecessor's
// place. `client` is its client.id, `instance` its group.instance.id, empty without one.
struct MemberJoined {
    std::string group;
    std::string member;
    std::string client;
    std::string instance;
    BSIM_EVENT(MemberJoined, group, member, client, instance);
};

// `why`: leave, session_timeout, rebalance_timeout (it did not join or sync in time), poll_timeout
// (it left because it did not call poll() in time), fenced (another took its instance id).
struct MemberLeft {
    std::string group;
    std::string member;
    std::string client;
    std::string why;
    BSIM_EVENT(MemberLeft, group, member, client, why);
};

// `generation` is the one that ends.
struct RebalanceStarted {
    std::string group;
    std::string why;
    GenerationId generation;
    BSIM_EVENT(RebalanceStarted, group, why, generation);
};

// The leader's assignment is in force, by client.id; members of one client.id stand together, and
// those that got nothing stand there with an empty list. `protocol` is the assignor that was voted.
struct RebalanceCompleted {
    std::string group;
    GenerationId generation;
    std::map<std::string, std::vector<TopicPartition>> assignment;
    std::string protocol = {};
    BSIM_EVENT(RebalanceCompleted, group, generation, assignment, protocol);
};

// A committed offset is in force: its record is replicated. `member` and `generation` are those of
// the request: empty and -1 if it came from outside of the group's membership. `latency_ns` has
// passed since the coordinator found the request right and appended the record.
struct OffsetCommitted {
    std::string group;
    TopicPartition p;
    Offset offset;
    GenerationId generation;
    std::string member;
    SimDuration latency_ns = {};
    BSIM_EVENT(OffsetCommitted, group, p, offset, generation, member, latency_ns);
};

// A committed offset is gone. `why`: expired, deleted (by request), topic (the topic is deleted).
struct OffsetRemoved {
    std::string group;
    TopicPartition p;
    std::string why;
    BSIM_EVENT(OffsetRemoved, group, p, why);
};

// The coordinator of `group` has read its partition of __consumer_offsets (`loaded`), or has given
// the group up because it leads that partition no longer.
struct GroupMoved {
    std::string group;
    bool loaded = false;
    GroupStateName state = GroupStateName::Empty;
    GenerationId generation;
    BSIM_EVENT(GroupMoved, group, loaded, state, generation);
};

// Emitted by the consumer ------------------------------------------------------------------------

// What the consumer holds from now on, sorted. `why`: assigned, revoked (it gave some up, orderly),
// lost (they were taken: the generation went on without it), closed. Told of after each completed
// SyncGroup, also if the same partitions are held in the new generation. `member` is its member id.
struct AssignmentChanged {
    std::string group;
    std::vector<TopicPartition> owned;
    GenerationId generation;
    std::string why;
    std::string member = {};
    BSIM_EVENT(AssignmentChanged, group, owned, generation, why, member);
};

// A commit did not succeed. `error` is Kafka's name of the error code, or the client's own reason
// in the same style.
struct CommitFailed {
    std::string group;
    std::string error;
    GenerationId generation;
    BSIM_EVENT(CommitFailed, group, error, generation);
};

// commitSync() asks again: what it had sent before was not answered, or not with a verdict, and may
// yet take effect. `error` as in CommitFailed.
struct CommitRetried {
    std::string group;
    std::string error;
    GenerationId generation;
    BSIM_EVENT(CommitRetried, group, error, generation);
};

}  // namespace bsim
