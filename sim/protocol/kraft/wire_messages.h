#pragma once
// The Raft node's messages as Kafka's Fetch v17, FetchSnapshot, Vote, BeginQuorumEpoch and
// EndQuorumEpoch v1, DescribeQuorum v2, and back. Each concerns the one partition
// __cluster_metadata-0. A pre-vote is Kafka 4.0's Vote v2, whose other fields are those of v1.
//
// Promises: what to_wire makes, from_wire reads again unchanged (but for what it does not carry:
// the leader of an answer by id only). from_wire gives none for other RPCs and for messages that do
// not hold exactly that partition, which Kafka answers with INVALID_REQUEST. Source: RaftUtil,
// KafkaRaftClient.build*Request.

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "sim/base/bytes.h"
#include "sim/protocol/kraft/messages.h"
#include "sim/wire/message.h"

namespace bsim::kraft {

inline constexpr const char* kMetadataTopic = "__cluster_metadata";
inline constexpr Uuid kMetadataTopicId{0, 1};

struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};

// What messages name beyond ids.
struct WireIdentity {
    std::string cluster_id;
    std::string listener;  // of the controllers: CONTROLLER
    std::map<BrokerId, HostPort> voters;
};

// The version that goes with a body made here.
std::int16_t wire_version(const RaftRequest& request);

wire::RequestBody to_wire(const RaftRequest& request, const WireIdentity& identity);
// `records`: what was read for FetchAnswer::read_from or FetchSnapshotAnswer::snapshot; empty for
// all other answers.
wire::ResponseBody to_wire(const RaftAnswer& answer,
                           const SharedBytes& records,
                           const WireIdentity& identity);

std::optional<RaftRequest> from_wire(const wire::RequestBody& body);
std::optional<RaftResponse> from_wire(const wire::ResponseBody& body);

}  // namespace bsim::kraft
