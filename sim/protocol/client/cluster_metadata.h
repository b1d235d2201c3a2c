#pragma once
// What a client believes about the cluster: brokers, and of each partition leader, leader epoch,
// replicas and ISR. Made from Metadata responses and from the leader hints that a broker gives
// with NOT_LEADER_OR_FOLLOWER (KIP-951).
//
// Promise: a partition's leader epoch never goes back while its topic keeps its id; older news
// about a partition is ignored, newer news about others in the same response is taken.
// Source: org.apache.kafka.clients.Metadata (handleMetadataResponse, updateLatestMetadata,
// updatePartitionLeadership), MetadataSnapshot, Cluster.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/uuid.h"
#include "sim/model/ids.h"
#include "sim/protocol/client/client_ids.h"
#include "sim/wire/error_code.h"
#include "sim/wire/messages/metadata_response.h"

namespace bsim::client {

struct NodeView {
    NodeId id;
    Endpoint endpoint;
    std::optional<std::string> rack;

    bool operator==(const NodeView&) const = default;
};

struct PartitionView {
    std::optional<NodeId> leader_id;  // as told; the node itself may be unknown
    std::optional<LeaderEpoch> leader_epoch;
    std::vector<BrokerId> replicas;
    std::vector<BrokerId> isr;
    wire::ErrorCode error = wire::ErrorCode::None;

    bool operator==(const PartitionView&) const = default;
};

struct TopicView {
    Uuid id;  // zero if the broker did not tell
    std::map<PartitionIndex, PartitionView> partitions;

    const PartitionView* partition(PartitionIndex index) const;  // nullptr if not known
    bool operator==(const TopicView&) const = default;
};

// Who leads, as far as is known.
struct LeaderAndEpoch {
    std::optional<NodeId> leader;
    std::optional<LeaderEpoch> epoch;

    bool operator==(const LeaderAndEpoch&) const = default;
};

// A leader that a broker named in an answer of its own.
struct LeaderHint {
    TopicPartition partition;
    NodeId leader_id;
    LeaderEpoch leader_epoch;
};

class ClusterMetadata {
  public:
    // How a response is to be taken.
    struct Taking {
        bool partial = false;         // keeps the topics that it does not mention
        bool reliable_epochs = true;  // false below version 9 of the RPC
        const std::set<std::string>* retained = nullptr;  // null: every topic is of interest
    };
    // What a response was worth.
    struct Taken {
        bool made_progress = false;  // it held an epoch not seen before
        bool wants_refresh = false;  // it held an error that a newer view should cure
        std::map<std::string, wire::ErrorCode> topic_errors;
    };

    // The view before the first response: only the entries of bootstrap.servers.
    explicit ClusterMetadata(const std::vector<Endpoint>& bootstrap_servers);

    Taken take(const wire::MetadataResponse& response, const Taking& how);

    // Applies hints newer than what is known and returns the partitions that changed.
    // `nodes` describes the brokers that the hints name.
    std::set<TopicPartition> take_hints(const std::vector<LeaderHint>& hints,
                                        const std::vector<NodeView>& nodes);

    // Remembers an epoch that is newer than the newest seen; true if it is.
    bool note_epoch(const TopicPartition& tp, LeaderEpoch epoch);

    const std::map<NodeId, NodeView>& nodes() const { return nodes_; }
    const NodeView* node(NodeId id) const;
    const TopicView* topic(const std::string& name) const;
    const PartitionView* partition(const TopicPartition& tp) const;
    bool is_bootstrap() const { return bootstrap_; }

    // 0 if the topic is not known.
    std::int32_t partition_count(const std::string& topic) const;
    // The leader, if the partition has one and that node is known.
    std::optional<NodeId> leader_of(const TopicPartition& tp) const;
    std::optional<NodeId> leader_of(const PartitionView* view) const;
    std::optional<LeaderEpoch> leader_epoch_of(const TopicPartition& tp) const;
    // Leader and epoch; no leader if the view is known to be older than another answer.
    LeaderAndEpoch current_leader(const TopicPartition& tp) const;
    // The highest epoch ever seen, which may be newer than the view's.
    std::optional<LeaderEpoch> last_seen_epoch(const TopicPartition& tp) const;
    // Partitions with a known leader, ascending.
    const std::vector<PartitionIndex>& available_partitions(const std::string& topic) const;
    // What this node leads, ascending.
    const std::vector<TopicPartition>& partitions_led_by(NodeId node) const;

  private:
    std::optional<PartitionView> newest(const TopicPartition& tp,
                                        const PartitionView& told,
                                        bool topic_id_changed,
                                        Taken& taken);
    void take_topic(const wire::MetadataResponse::MetadataResponseTopic& told,
                    const Taking& how,
                    std::map<std::string, TopicView>& into,
                    Taken& taken);
    void index_leaders();

    bool bootstrap_ = true;
    std::map<NodeId, NodeView> nodes_;
    std::map<std::string, TopicView> topics_;
    std::map<TopicPartition, LeaderEpoch> last_seen_;
    std::map<std::string, std::vector<PartitionIndex>> available_;
    std::map<NodeId, std::vector<TopicPartition>> led_;
};

}  // namespace bsim::client
