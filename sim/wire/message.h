#pragma once
// What travels between the nodes: a request or response as a struct, of an RPC that the simulator
// speaks. Inside a run structs travel and the network charges wire_size, the exact number of bytes
// that Kafka would put on the connection: i32 length, header, body.
// Not here: Envelope; a request that a broker forwards to the controller travels as itself.
// Source: the Kafka protocol guide; KIP-590.

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "sim/wire/api_key.h"
#include "sim/wire/messages/allocate_producer_ids_request.h"
#include "sim/wire/messages/allocate_producer_ids_response.h"
#include "sim/wire/messages/alter_partition_reassignments_request.h"
#include "sim/wire/messages/alter_partition_reassignments_response.h"
#include "sim/wire/messages/alter_partition_request.h"
#include "sim/wire/messages/alter_partition_response.h"
#include "sim/wire/messages/api_versions_request.h"
#include "sim/wire/messages/api_versions_response.h"
#include "sim/wire/messages/assign_replicas_to_dirs_request.h"
#include "sim/wire/messages/assign_replicas_to_dirs_response.h"
#include "sim/wire/messages/begin_quorum_epoch_request.h"
#include "sim/wire/messages/begin_quorum_epoch_response.h"
#include "sim/wire/messages/broker_heartbeat_request.h"
#include "sim/wire/messages/broker_heartbeat_response.h"
#include "sim/wire/messages/broker_registration_request.h"
#include "sim/wire/messages/broker_registration_response.h"
#include "sim/wire/messages/controller_registration_request.h"
#include "sim/wire/messages/controller_registration_response.h"
#include "sim/wire/messages/create_partitions_request.h"
#include "sim/wire/messages/create_partitions_response.h"
#include "sim/wire/messages/create_topics_request.h"
#include "sim/wire/messages/create_topics_response.h"
#include "sim/wire/messages/delete_groups_request.h"
#include "sim/wire/messages/delete_groups_response.h"
#include "sim/wire/messages/delete_records_request.h"
#include "sim/wire/messages/delete_records_response.h"
#include "sim/wire/messages/delete_topics_request.h"
#include "sim/wire/messages/delete_topics_response.h"
#include "sim/wire/messages/describe_groups_request.h"
#include "sim/wire/messages/describe_groups_response.h"
#include "sim/wire/messages/describe_quorum_request.h"
#include "sim/wire/messages/describe_quorum_response.h"
#include "sim/wire/messages/elect_leaders_request.h"
#include "sim/wire/messages/elect_leaders_response.h"
#include "sim/wire/messages/end_quorum_epoch_request.h"
#include "sim/wire/messages/end_quorum_epoch_response.h"
#include "sim/wire/messages/fetch_request.h"
#include "sim/wire/messages/fetch_response.h"
#include "sim/wire/messages/fetch_snapshot_request.h"
#include "sim/wire/messages/fetch_snapshot_response.h"
#include "sim/wire/messages/find_coordinator_request.h"
#include "sim/wire/messages/find_coordinator_response.h"
#include "sim/wire/messages/heartbeat_request.h"
#include "sim/wire/messages/heartbeat_response.h"
#include "sim/wire/messages/incremental_alter_configs_request.h"
#include "sim/wire/messages/incremental_alter_configs_response.h"
#include "sim/wire/messages/init_producer_id_request.h"
#include "sim/wire/messages/init_producer_id_response.h"
#include "sim/wire/messages/join_group_request.h"
#include "sim/wire/messages/join_group_response.h"
#include "sim/wire/messages/leave_group_request.h"
#include "sim/wire/messages/leave_group_response.h"
#include "sim/wire/messages/list_groups_request.h"
#include "sim/wire/messages/list_groups_response.h"
#include "sim/wire/messages/list_offsets_request.h"
#include "sim/wire/messages/list_offsets_response.h"
#include "sim/wire/messages/metadata_request.h"
#include "sim/wire/messages/metadata_response.h"
#include "sim/wire/messages/offset_commit_request.h"
#include "sim/wire/messages/offset_commit_response.h"
#include "sim/wire/messages/offset_delete_request.h"
#include "sim/wire/messages/offset_delete_response.h"
#include "sim/wire/messages/offset_fetch_request.h"
#include "sim/wire/messages/offset_fetch_response.h"
#include "sim/wire/messages/offset_for_leader_epoch_request.h"
#include "sim/wire/messages/offset_for_leader_epoch_response.h"
#include "sim/wire/messages/produce_request.h"
#include "sim/wire/messages/produce_response.h"
#include "sim/wire/messages/sync_group_request.h"
#include "sim/wire/messages/sync_group_response.h"
#include "sim/wire/messages/unregister_broker_request.h"
#include "sim/wire/messages/unregister_broker_response.h"
#include "sim/wire/messages/vote_request.h"
#include "sim/wire/messages/vote_response.h"

namespace bsim::wire {

// In the order of their API keys. What copies, moves and destroys so many alternatives is compiled
// once, in message.cpp, and not wherever a body is held.
struct RequestBody : std::variant<ProduceRequest,
                                  FetchRequest,
                                  ListOffsetsRequest,
                                  MetadataRequest,
                                  OffsetCommitRequest,
                                  OffsetFetchRequest,
                                  FindCoordinatorRequest,
                                  JoinGroupRequest,
                                  HeartbeatRequest,
                                  LeaveGroupRequest,
                                  SyncGroupRequest,
                                  DescribeGroupsRequest,
                                  ListGroupsRequest,
                                  ApiVersionsRequest,
                                  CreateTopicsRequest,
                                  DeleteTopicsRequest,
                                  DeleteRecordsRequest,
                                  InitProducerIdRequest,
                                  OffsetForLeaderEpochRequest,
                                  CreatePartitionsRequest,
                                  DeleteGroupsRequest,
                                  ElectLeadersRequest,
                                  IncrementalAlterConfigsRequest,
                                  AlterPartitionReassignmentsRequest,
                                  OffsetDeleteRequest,
                                  VoteRequest,
                                  BeginQuorumEpochRequest,
                                  EndQuorumEpochRequest,
                                  DescribeQuorumRequest,
                                  AlterPartitionRequest,
                                  FetchSnapshotRequest,
                                  BrokerRegistrationRequest,
                                  BrokerHeartbeatRequest,
                                  UnregisterBrokerRequest,
                                  AllocateProducerIdsRequest,
                                  ControllerRegistrationRequest,
                                  AssignReplicasToDirsRequest> {
    using variant::variant;
    RequestBody();
    RequestBody(const RequestBody& other);
    RequestBody(RequestBody&& other) noexcept;
    RequestBody& operator=(const RequestBody& other);
    RequestBody& operator=(RequestBody&& other) noexcept;
    ~RequestBody();
    bool operator==(const RequestBody& other) const;
};
struct ResponseBody : std::variant<ProduceResponse,
                                   FetchResponse,
                                   ListOffsetsResponse,
                                   MetadataResponse,
                                   OffsetCommitResponse,
                                   OffsetFetchResponse,
                                   FindCoordinatorResponse,
                                   JoinGroupResponse,
                                   HeartbeatResponse,
                                   LeaveGroupResponse,
                                   SyncGroupResponse,
                                   DescribeGroupsResponse,
                                   ListGroupsResponse,
                                   ApiVersionsResponse,
                                   CreateTopicsResponse,
                                   DeleteTopicsResponse,
                                   DeleteRecordsResponse,
                                   InitProducerIdResponse,
                                   OffsetForLeaderEpochResponse,
                                   CreatePartitionsResponse,
                                   DeleteGroupsResponse,
                                   ElectLeadersResponse,
                                   IncrementalAlterConfigsResponse,
                                   AlterPartitionReassignmentsResponse,
                                   OffsetDeleteResponse,
                                   VoteResponse,
                                   BeginQuorumEpochResponse,
                                   EndQuorumEpochResponse,
                                   DescribeQuorumResponse,
                                   AlterPartitionResponse,
                                   FetchSnapshotResponse,
                                   BrokerRegistrationResponse,
                                   BrokerHeartbeatResponse,
                                   UnregisterBrokerResponse,
                                   AllocateProducerIdsResponse,
                                   ControllerRegistrationResponse,
                                   AssignReplicasToDirsResponse> {
    using variant::variant;
    ResponseBody();
    ResponseBody(const ResponseBody& other);
    ResponseBody(ResponseBody&& other) noexcept;
    ResponseBody& operator=(const ResponseBody& other);
    ResponseBody& operator=(ResponseBody&& other) noexcept;
    ~ResponseBody();
    bool operator==(const ResponseBody& other) const;
};

struct Request {
    std::int16_t version = 0;
    std::int32_t correlation_id = 0;
    std::string client_id{};
    RequestBody body{};

    bool operator==(const Request&) const = default;
};

struct Response {
    std::int16_t version = 0;
    std::int32_t correlation_id = 0;
    ResponseBody body{};

    bool operator==(const Response&) const = default;
};

ApiKey api(const RequestBody& body);
ApiKey api(const ResponseBody& body);

// Bytes on the connection. Requires a version that the body has.
std::size_t wire_size(const Request& request);
std::size_t wire_size(const Response& response);

// The same as bytes, with the length in front.
std::vector<std::uint8_t> encode_frame(const Request& request);
std::vector<std::uint8_t> encode_frame(const Response& response);

}  // namespace bsim::wire
