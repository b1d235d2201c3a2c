#pragma once
// The queues of batches, one for each partition, between the application and the sender.
//
// A record joins the last batch of its queue or begins a new one. A partition is ready when its
// first batch is full, has lingered, is not the only one, or memory is short, and it is not
// waiting out a retry's backoff. Draining takes at most one batch of each partition for a request,
// within max.request.size, beginning at another partition each time.
// Muted partitions are left alone (used to keep order with one request in flight, without
// idempotence). The accumulator owns every batch until it is released.
// Source: producer.internals.RecordAccumulator.

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/protocol/client/buffer_pool.h"
#include "sim/protocol/client/cluster_metadata.h"
#include "sim/protocol/client/draw_sequence.h"
#include "sim/protocol/client/partitioner.h"
#include "sim/protocol/client/producer_batch.h"
#include "sim/protocol/client/settings.h"

namespace bsim::client {

class Idempotence;

using BatchStore = std::map<BatchId, ProducerBatch>;

class RecordAccumulator {
  public:
    explicit RecordAccumulator(const ProducerSettings& settings);

    struct Surroundings {
        SimTime now;
        const ClusterMetadata& cluster;
        DrawSequence& draws;
    };
    enum class Append { Joined, BeganOrFilled, NoMemory };
    // BeganOrFilled: the sender should look. NoMemory: nothing changed; try again when some was
    // released. Requires that the topic is known and, if given, that the partition exists.
    Append append(const Surroundings& around,
                  const std::string& topic,
                  std::optional<PartitionIndex> partition,
                  const PendingRecord& record);

    struct ReadyCheck {
        std::set<NodeId> nodes;
        std::optional<SimTime> next_check;  // when a partition now lingering or backing off is due
        std::set<std::string> topics_without_leader;
    };
    ReadyCheck ready(SimTime now, const ClusterMetadata& cluster);

    // Takes batches off the queues for one request to each node. With idempotence, new batches get
    // their sequence here. No request is empty.
    using Drained = std::map<NodeId, std::vector<BatchId>>;
    Drained drain(SimTime now,
                  const ClusterMetadata& cluster,
                  const std::set<NodeId>& nodes,
                  Idempotence* idempotence);

    // Takes the queued batches older than delivery.timeout.ms off their queues.
    std::vector<BatchId> take_expired(SimTime now);
    // When the oldest queued batch will expire.
    std::optional<SimTime> next_expiry() const;

    // Puts a batch back that shall be sent again: first in its queue, or with idempotence where its
    // sequence belongs.
    void reenqueue(SimTime now, BatchId batch, Idempotence* idempotence, DrawSequence& draws);
    // Replaces a batch that was too large by batches of batch.size at most, with its sequences.
    void split_and_reenqueue(BatchId batch, Idempotence* idempotence);
    // Takes a batch off its queue, if it is in one.
    void remove_from_queue(BatchId batch);

    // Gives the memory of a batch back; its outcome is told.
    void free_memory(BatchId batch);
    // Forgets the batch.
    void erase(BatchId batch) { batches_.erase(batch); }

    void mute(const TopicPartition& tp) { muted_.insert(tp); }
    void unmute(const TopicPartition& tp) { muted_.erase(tp); }

    // Everything counts as ready from now on.
    void close() { closed_ = true; }
    bool has_undrained() const;
    void note_node_latency(SimTime now, NodeId node, bool can_drain);

    ProducerBatch* find(BatchId id);
    ProducerBatch& batch(BatchId id) { return batches_.at(id); }
    BatchStore& batches() { return batches_; }
    const BatchStore& batches() const { return batches_; }
    BufferPool& memory() { return memory_; }
    const BufferPool& memory() const { return memory_; }

  private:
    using Queue = std::deque<BatchId>;
    struct Topic {
        StickyPartitioner partitioner;
        std::map<PartitionIndex, Queue> queues;
    };
    struct NodeLatency {
        SimTime ready;    // when the node last had batches to take
        SimTime drained;  // when it last could take them
    };

    Topic& topic(const std::string& name);
    Queue* queue_of(const TopicPartition& tp);
    Queue& queue_for(const TopicPartition& tp) { return topic(tp.topic).queues[tp.partition]; }
    bool last_is_full(const Queue& queue) const;
    std::optional<Append> append_to(const Surroundings& around,
                                    const TopicPartition& tp,
                                    Queue& queue,
                                    const PendingRecord& record);
    void check_topic(SimTime now,
                     const ClusterMetadata& cluster,
                     const std::string& name,
                     ReadyCheck& check);
    void check_partition(SimTime now,
                         const ProducerBatch& first,
                         std::size_t queued,
                         NodeId leader,
                         ReadyCheck& check) const;
    std::vector<BatchId> drain_node(SimTime now,
                                    const ClusterMetadata& cluster,
                                    NodeId node,
                                    Idempotence* idempotence);
    void insert_in_sequence(Queue& queue, const ProducerBatch& batch);
    bool is_slow(NodeId node) const;

    std::int32_t batch_size_;
    std::int32_t max_request_size_;
    SimDuration linger_;
    SimDuration delivery_timeout_;
    SimDuration availability_timeout_;
    bool adaptive_;
    ExponentialBackoff retry_backoff_;
    BufferPool memory_;
    BatchStore batches_;
    std::map<std::string, Topic> topics_;
    std::map<NodeId, NodeLatency> latencies_;
    std::map<NodeId, std::size_t> drain_index_;
    std::set<TopicPartition> muted_;
    std::int64_t next_batch_ = 1;
    bool closed_ = false;
};

}  // namespace bsim::client
