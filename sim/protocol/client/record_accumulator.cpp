#include "sim/protocol/client/record_accumulator.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"

namespace bsim::client {

RecordAccumulator::RecordAccumulator(const ProducerSettings& settings)
    : batch_size_(std::max(settings.batch_size, 1)),
      max_request_size_(settings.max_request_size),
      linger_(settings.linger_ms),
      delivery_timeout_(settings.delivery_timeout_ms),
      availability_timeout_(settings.partitioner_availability_timeout_ms),
      adaptive_(settings.partitioner_adaptive_partitioning_enable),
      retry_backoff_(client_backoff(settings.retry_backoff_ms, settings.retry_backoff_max_ms)),
      memory_(settings.buffer_memory) {}

RecordAccumulator::Topic& RecordAccumulator::topic(const std::string& name) {
    const auto found = topics_.find(name);
    if (found != topics_.end())
        return found->second;
    return topics_.emplace(name, Topic{StickyPartitioner(name, batch_size_), {}}).first->second;
}

RecordAccumulator::Queue* RecordAccumulator::queue_of(const TopicPartition& tp) {
    const auto topic = topics_.find(tp.topic);
    if (topic == topics_.end())
        return nullptr;
    const auto queue = topic->second.queues.find(tp.partition);
    return queue != topic->second.queues.end() ? &queue->second : nullptr;
}

ProducerBatch* RecordAccumulator::find(BatchId id) {
    const auto found = batches_.find(id);
    return found != batches_.end() ? &found->second : nullptr;
}

bool RecordAccumulator::last_is_full(const Queue& queue) const {
    return queue.empty() || batches_.at(queue.back()).is_full();
}

// --- From the application --------------------------------------------------------------------

RecordAccumulator::Append RecordAccumulator::append(const Surroundings& around,
                                                    const std::string& topic_name,
                                                    std::optional<PartitionIndex> partition,
                                                    const PendingRecord& record) {
    Topic& in = topic(topic_name);
    const bool sticky = !partition.has_value();
    if (sticky) {
        // A switch that was put off until the last batch was full is made up for now.
        partition = in.partitioner.current(around.cluster, around.draws);
        while (last_is_full(in.queues[*partition]) &&
               in.partitioner.appended(0, true, around.cluster, around.draws)) {
            partition = in.partitioner.current(around.cluster, around.draws);
        }
    }
    Queue& queue = in.queues[*partition];
    const std::int32_t before = queue.empty() ? 0 : batches_.at(queue.back()).size_in_bytes();
    const std::size_t batches_before = queue.size();
    const auto result = append_to(around, {topic_name, *partition}, queue, record);
    if (!result)
        return Append::NoMemory;
    if (sticky) {
        const std::int32_t after = batches_.at(queue.back()).size_in_bytes();
        const std::int32_t bytes = queue.size() > batches_before ? after : after - before;
        in.partitioner.appended(bytes, last_is_full(queue), around.cluster, around.draws);
    }
    return *result;
}

std::optional<RecordAccumulator::Append> RecordAccumulator::append_to(const Surroundings& around,
                                                                      const TopicPartition& tp,
                                                                      Queue& queue,
                                                                      const PendingRecord& record) {
    if (!queue.empty()) {
        ProducerBatch& last = batches_.at(queue.back());
        if (last.try_append(around.now, record)) {
            memory_.stop_waiting();
            const bool filled = queue.size() > 1 || last.is_full();
            return filled ? Append::BeganOrFilled : Append::Joined;
        }
        last.close_for_appends();
    }
    const std::int32_t capacity = std::max(batch_size_, single_record_bound(record));
    if (!memory_.allocate(capacity))
        return std::nullopt;
    const BatchId id(next_batch_++);
    ProducerBatch batch({id, tp, capacity, around.now, false});
    BSIM_CHECK(batch.try_append(around.now, record));
    batches_.emplace(id, std::move(batch));
    queue.push_back(id);
    return Append::BeganOrFilled;
}

// --- What is ready ---------------------------------------------------------------------------

RecordAccumulator::ReadyCheck RecordAccumulator::ready(SimTime now,
                                                       const ClusterMetadata& cluster) {
    ReadyCheck check;
    for (const auto& [name, topic] : topics_)
        check_topic(now, cluster, name, check);
    return check;
}

void RecordAccumulator::check_topic(SimTime now,
                                    const ClusterMetadata& cluster,
                                    const std::string& name,
                                    ReadyCheck& check) {
    Topic& in = topics_.at(name);
    // Looked up once, as this is done at each step for all partitions: a third of the cost of
    // ready().
    const TopicView* const told = cluster.topic(name);
    const bool weigh =
        adaptive_ && in.queues.size() >= static_cast<std::size_t>(cluster.partition_count(name));
    std::vector<StickyPartitioner::QueueSize> sizes;
    sizes.reserve(weigh ? in.queues.size() : 0);
    for (const auto& [index, queue] : in.queues) {
        const PartitionView* const view = told != nullptr ? told->partition(index) : nullptr;
        const std::optional<NodeId> leader = cluster.leader_of(view);
        if (leader && weigh && !is_slow(*leader)) {
            sizes.push_back({index, static_cast<std::int32_t>(queue.size())});
        } else if (leader && weigh && queue.empty()) {
            // Only a partition that has something to send is left out for a slow leader.
            sizes.push_back({index, 0});
        }
        if (queue.empty())
            continue;
        ProducerBatch& first = batches_.at(queue.front());
        first.note_leader_epoch(view != nullptr ? view->leader_epoch : std::nullopt);
        if (!leader) {
            check.topics_without_leader.insert(name);
        } else {
            check_partition(now, first, queue.size(), *leader, check);
        }
    }
    if (weigh) {
        in.partitioner.update_load(sizes, in.queues.size());
    } else {
        in.partitioner.forget_load();
    }
}

void RecordAccumulator::check_partition(SimTime now,
                                        const ProducerBatch& first,
                                        std::size_t queued,
                                        NodeId leader,
                                        ReadyCheck& check) const {
    if (check.nodes.contains(leader) || muted_.contains(first.partition()))
        return;
    const bool backing_off = first.backing_off(now);
    const SimDuration wait = backing_off ? first.retry_backoff() : linger_;
    const bool sendable = queued > 1 || first.is_full() || first.waited(now) >= wait ||
                          memory_.someone_waits() || closed_;
    if (sendable && !backing_off) {
        check.nodes.insert(leader);
        return;
    }
    const SimTime due = now + std::max(wait - first.waited(now), SimDuration{});
    check.next_check = check.next_check ? std::min(*check.next_check, due) : due;
}

bool RecordAccumulator::is_slow(NodeId node) const {
    if (availability_timeout_ <= SimDuration{})
        return false;
    const auto found = latencies_.find(node);
    return found != latencies_.end() &&
           found->second.ready - found->second.drained > availability_timeout_;
}

void RecordAccumulator::note_node_latency(SimTime now, NodeId node, bool can_drain) {
    if (availability_timeout_ <= SimDuration{})
        return;
    NodeLatency& latency = latencies_.try_emplace(node, NodeLatency{now, now}).first->second;
    if (can_drain)
        latency.drained = now;
    latency.ready = now;
}

bool RecordAccumulator::has_undrained() const {
    for (const auto& [name, topic] : topics_) {
        for (const auto& [index, queue] : topic.queues) {
            if (!queue.empty())
                return true;
        }
    }
    return false;
}

void RecordAccumulator::free_memory(BatchId id) {
    const ProducerBatch& done = batches_.at(id);
    if (!done.is_split())
        memory_.release(done.capacity());
}

}  // namespace bsim::client
