#pragma once
// What goes into and comes out of the quorum controller, besides records: requests, replies, and
// notices of what has been committed (for the trace).

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/base/strong.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/model/metadata_image_partition.h"
#include "sim/protocol/rules/int_source.h"
#include "sim/wire/messages/allocate_producer_ids_request.h"
#include "sim/wire/messages/allocate_producer_ids_response.h"
#include "sim/wire/messages/alter_partition_reassignments_request.h"
#include "sim/wire/messages/alter_partition_reassignments_response.h"
#include "sim/wire/messages/alter_partition_request.h"
#include "sim/wire/messages/alter_partition_response.h"
#include "sim/wire/messages/assign_replicas_to_dirs_request.h"
#include "sim/wire/messages/assign_replicas_to_dirs_response.h"
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
#include "sim/wire/messages/delete_topics_request.h"
#include "sim/wire/messages/delete_topics_response.h"
#include "sim/wire/messages/elect_leaders_request.h"
#include "sim/wire/messages/elect_leaders_response.h"
#include "sim/wire/messages/incremental_alter_configs_request.h"
#include "sim/wire/messages/incremental_alter_configs_response.h"
#include "sim/wire/messages/unregister_broker_request.h"
#include "sim/wire/messages/unregister_broker_response.h"
#include "sim/wire/metadata_record.h"

namespace bsim::controller {

// The shell's name for a request that waits for its reply.
using RequestToken = Strong<struct RequestTokenTag, std::uint64_t>;

using ControllerRequest = std::variant<wire::BrokerRegistrationRequest,
                                       wire::BrokerHeartbeatRequest,
                                       wire::ControllerRegistrationRequest,
                                       wire::AlterPartitionRequest,
                                       wire::CreateTopicsRequest,
                                       wire::CreatePartitionsRequest,
                                       wire::DeleteTopicsRequest,
                                       wire::ElectLeadersRequest,
                                       wire::AllocateProducerIdsRequest,
                                       wire::UnregisterBrokerRequest,
                                       wire::AlterPartitionReassignmentsRequest,
                                       wire::IncrementalAlterConfigsRequest,
                                       wire::AssignReplicasToDirsRequest>;

using ControllerResponse = std::variant<wire::BrokerRegistrationResponse,
                                        wire::BrokerHeartbeatResponse,
                                        wire::ControllerRegistrationResponse,
                                        wire::AlterPartitionResponse,
                                        wire::CreateTopicsResponse,
                                        wire::CreatePartitionsResponse,
                                        wire::DeleteTopicsResponse,
                                        wire::ElectLeadersResponse,
                                        wire::AllocateProducerIdsResponse,
                                        wire::UnregisterBrokerResponse,
                                        wire::AlterPartitionReassignmentsResponse,
                                        wire::IncrementalAlterConfigsResponse,
                                        wire::AssignReplicasToDirsResponse>;

// Chance, as the controller needs it: replica placement and topic ids. The one thing that is not
// passed as data: how many draws a request takes is known only while it is carried out.
class Draws : public IntSource {
  public:
    virtual Uuid next_uuid() = 0;  // as Uuid.randomUuid: not reserved, text without leading dash
};

// What a step is told besides its input.
struct StepContext {
    SimTime now;
    // Where the next record will be appended. Read only while active.
    Offset next_offset;
    Draws& draws;
};

struct RequestArrived {
    RequestToken token;
    std::int16_t version = 0;
    ControllerRequest body;
};

// A batch of the metadata log below the high watermark, in log order, each batch once; control
// batches need not be passed.
struct CommittedBatch {
    Offset base_offset;
    std::span<const wire::VersionedRecord> records;
    // The node is Raft leader, so the notices of the batch are its to give, even if another
    // controller wrote it.
    bool announce = false;
};

// Why a partition changed; name() is the `reason` of the trace event.
enum class ChangeReason : std::uint8_t {
    Created,
    BrokerFenced,
    BrokerUnfenced,
    ControlledShutdown,
    BrokerUnregistered,
    AlterPartition,
    PreferredElection,
    UncleanElection,
    Reassignment,
    DirectoryFailure,
    DirectoryAssigned,
    Replayed,  // written by another controller and not to be told from the record
};
std::string_view name(ChangeReason reason);

enum class FenceReason : std::uint8_t { SessionExpired, ShutDown, Requested, Unregistered };
std::string_view name(FenceReason reason);

// --- effects -------------------------------------------------------------------------------------

// Append as one batch; base_offset is where it must land (it is the context's next_offset, or
// follows the batch before it). If the log refuses, tell the controller resigned().
struct AppendRecords {
    Offset base_offset;
    std::vector<wire::VersionedRecord> records;
};

struct Reply {
    RequestToken token;
    ControllerResponse body;
};

// Notices: what a committed record says, in record order.
struct BrokerRegistered {
    BrokerId broker;
    BrokerEpoch epoch;
};
struct BrokerFenced {
    BrokerId broker;
    BrokerEpoch epoch;
    FenceReason why = FenceReason::SessionExpired;
};
struct BrokerUnfenced {
    BrokerId broker;
    BrokerEpoch epoch;
};
struct TopicCreated {
    std::string topic;
    Uuid id;
    std::int32_t partitions = 0;
};
struct TopicDeleted {
    std::string topic;
    Uuid id;
    std::int32_t partitions = 0;
};
// One per change, the first when the partition is created.
struct PartitionChanged {
    TopicPartition tp;
    PartitionRegistration now;
    ChangeReason reason = ChangeReason::Replayed;
};
// Follows the PartitionChanged that moves leadership to a broker; not given at creation.
struct LeaderElected {
    TopicPartition tp;
    std::optional<BrokerId> from;
    BrokerId to;
    LeaderEpoch epoch;
    std::vector<BrokerId> isr;
    bool clean = true;
};

using ControllerEffect = std::variant<AppendRecords,
                                      Reply,
                                      BrokerRegistered,
                                      BrokerFenced,
                                      BrokerUnfenced,
                                      TopicCreated,
                                      TopicDeleted,
                                      PartitionChanged,
                                      LeaderElected>;
using ControllerEffects = std::vector<ControllerEffect>;

}  // namespace bsim::controller
