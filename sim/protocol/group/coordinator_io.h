#pragma once
// What goes into and comes out of a group coordinator. The shell carries effects out in order
// within the same event, and feeds the answers of the log back as inputs.
// An append goes to the coordinator's partition of __consumer_offsets; its answer comes when as
// many replicas have it as its acks ask for, or when that takes too long.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/strong.h"
#include "sim/base/time.h"
#include "sim/base/uuid.h"
#include "sim/model/ids.h"
#include "sim/protocol/group/group_metadata.h"
#include "sim/wire/error_code.h"
#include "sim/wire/messages/delete_groups_request.h"
#include "sim/wire/messages/delete_groups_response.h"
#include "sim/wire/messages/describe_groups_request.h"
#include "sim/wire/messages/describe_groups_response.h"
#include "sim/wire/messages/heartbeat_request.h"
#include "sim/wire/messages/heartbeat_response.h"
#include "sim/wire/messages/join_group_request.h"
#include "sim/wire/messages/join_group_response.h"
#include "sim/wire/messages/leave_group_request.h"
#include "sim/wire/messages/leave_group_response.h"
#include "sim/wire/messages/list_groups_request.h"
#include "sim/wire/messages/list_groups_response.h"
#include "sim/wire/messages/offset_commit_request.h"
#include "sim/wire/messages/offset_commit_response.h"
#include "sim/wire/messages/offset_delete_request.h"
#include "sim/wire/messages/offset_delete_response.h"
#include "sim/wire/messages/offset_fetch_request.h"
#include "sim/wire/messages/offset_fetch_response.h"
#include "sim/wire/messages/sync_group_request.h"
#include "sim/wire/messages/sync_group_response.h"

namespace bsim::group {

using AppendToken = Strong<struct GroupAppendTokenTag, std::uint64_t>;

using GroupRequest = std::variant<wire::JoinGroupRequest,
                                  wire::SyncGroupRequest,
                                  wire::HeartbeatRequest,
                                  wire::LeaveGroupRequest,
                                  wire::OffsetCommitRequest,
                                  wire::OffsetFetchRequest,
                                  wire::ListGroupsRequest,
                                  wire::DescribeGroupsRequest,
                                  wire::DeleteGroupsRequest,
                                  wire::OffsetDeleteRequest>;

using GroupResponse = std::variant<wire::JoinGroupResponse,
                                   wire::SyncGroupResponse,
                                   wire::HeartbeatResponse,
                                   wire::LeaveGroupResponse,
                                   wire::OffsetCommitResponse,
                                   wire::OffsetFetchResponse,
                                   wire::ListGroupsResponse,
                                   wire::DescribeGroupsResponse,
                                   wire::DeleteGroupsResponse,
                                   wire::OffsetDeleteResponse>;

struct StepContext {
    SimTime now;
    WallMs wall;
};

// --- inputs --------------------------------------------------------------------------------------

// The broker is up; `partitions` is how many the offsets topic has, or shall get.
struct Started {
    std::int32_t partitions = 50;
};
struct Stopped {};
// Of the topics in an OffsetCommit or OffsetDelete only those that exist (request_check.h).
struct RequestArrived {
    Caller caller;
    std::string client_id;
    std::string client_host;  // as InetAddress prints it: "/10.0.0.7"
    Uuid drawn;               // becomes part of a member id, if one is needed
    GroupRequest body;
};
struct AppendFinished {
    AppendToken token;
    wire::ErrorCode error = wire::ErrorCode::None;
    Offset base_offset{};  // of the batch; without error
};
// What follows up to PartitionsDeleted is done by the one background thread, in turn: the shell
// passes it when the thread comes to it.
struct Elected {
    PartitionIndex partition;
    LeaderEpoch epoch;
};
struct Resigned {
    PartitionIndex partition;
    std::optional<LeaderEpoch> epoch;  // none: whatever the epoch
};
// Answers to ReadPartition: the log's batches, from its start to its end, in one or more buffers.
struct PartitionRead {
    PartitionIndex partition;
    ByteView batches;
};
struct ReadFinished {
    PartitionIndex partition;
};
struct PartitionsDeleted {
    std::vector<TopicPartition> partitions;
};
struct TimerFired {};

using CoordinatorInput = std::variant<Started,
                                      Stopped,
                                      RequestArrived,
                                      AppendFinished,
                                      Elected,
                                      Resigned,
                                      PartitionRead,
                                      ReadFinished,
                                      PartitionsDeleted,
                                      TimerFired>;

// --- effects -------------------------------------------------------------------------------------

struct Reply {
    RequestToken token;
    GroupResponse body;
};
struct Append {
    AppendToken token;
    PartitionIndex partition;
    SharedBytes batch;
    std::int16_t acks = -1;
    std::int32_t timeout_ms = 0;
};
// Nobody waits for these, and if the partition has gone they are lost.
struct AppendTombstones {
    PartitionIndex partition;
    SharedBytes batch;
};
struct ReadPartition {
    PartitionIndex partition;
};
// There is one timer; a later effect replaces it. None: disarm.
struct ArmTimer {
    std::optional<SimTime> at;
};

// Notices: what the coordinator decided.
struct StateChanged {
    std::string group;
    GroupState from = GroupState::Empty;
    GroupState to = GroupState::Empty;
    GenerationId generation;  // after the change
};
struct MemberAdmitted {
    std::string group;
    std::string member;
    std::string client;
    std::string instance;  // empty for a dynamic member
};
enum class Departure : std::uint8_t {
    Leave,
    SessionTimeout,
    RebalanceTimeout,  // did not join or sync in time
    PollTimeout,       // left because it did not poll in time
    Fenced,            // another took its instance id
    GroupFull,
};
std::string_view name(Departure why);  // session_timeout
struct MemberRemoved {
    std::string group;
    std::string member;
    std::string client;
    Departure why = Departure::Leave;
};
struct RebalanceBegan {
    std::string group;
    std::string why;
    GenerationId generation;  // the one that ends
};
// By client id; empty for groups other than consumers'.
struct RebalanceEnded {
    std::string group;
    GenerationId generation;
    std::map<std::string, std::vector<TopicPartition>> assignment;
    std::string protocol = {};  // the assignor that was voted
};
// In force now. `member` and `generation` as the request had them.
struct OffsetInForce {
    std::string group;
    TopicPartition partition;
    Offset offset;
    GenerationId generation;
    std::string member;
    SimDuration latency = {};  // since the request was found right and its record appended
};
enum class OffsetEnd : std::uint8_t { Expired, Deleted, Topic };
std::string_view name(OffsetEnd why);
struct OffsetGone {
    std::string group;
    TopicPartition partition;
    OffsetEnd why = OffsetEnd::Expired;
};
struct GroupHandedOver {
    std::string group;
    bool loaded = false;  // else given up
    GroupState state = GroupState::Empty;
    GenerationId generation;
};

using CoordinatorEffect = std::variant<Reply,
                                       Append,
                                       AppendTombstones,
                                       ReadPartition,
                                       ArmTimer,
                                       StateChanged,
                                       MemberAdmitted,
                                       MemberRemoved,
                                       RebalanceBegan,
                                       RebalanceEnded,
                                       OffsetInForce,
                                       OffsetGone,
                                       GroupHandedOver>;
using CoordinatorEffects = std::vector<CoordinatorEffect>;

}  // namespace bsim::group
