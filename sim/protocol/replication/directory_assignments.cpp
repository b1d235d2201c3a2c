#include "sim/protocol/replication/directory_assignments.h"

#include <utility>

namespace bsim::replication {
namespace {

wire::AssignReplicasToDirsRequest make_request(
    const std::map<TopicIdPartition, Uuid>& assignments) {
    std::map<Uuid, std::map<Uuid, std::vector<PartitionIndex>>> by_directory;
    for (const auto& [tp, directory] : assignments)
        by_directory[directory][tp.topic_id].push_back(tp.partition);
    wire::AssignReplicasToDirsRequest request;
    for (const auto& [directory, topics] : by_directory) {
        auto& in_directory = request.directories.emplace_back();
        in_directory.id = directory;
        for (const auto& [topic, partitions] : topics) {
            auto& in_topic = in_directory.topics.emplace_back();
            in_topic.topic_id = topic;
            for (const PartitionIndex partition : partitions)
                in_topic.partitions.emplace_back().partition_index = partition.value();
        }
    }
    return request;
}

}  // namespace

void DirectoryAssignments::assign(const Context& context,
                                  const TopicIdPartition& tp,
                                  const Uuid& directory,
                                  AssignmentEffects& out) {
    ready_[tp] = directory;
    schedule(context, out);
}

// An earlier time that was set stays.
void DirectoryAssignments::schedule(const Context& context, AssignmentEffects& out) {
    SimDuration delay = backoff_.initial;
    if (failures_ > 0) {
        delay = backoff_.after(failures_, context.draw);
    } else if (ready_.size() > kMaxAssignmentsPerRequest && in_flight_.empty()) {
        delay = SimDuration(0);
    }
    const SimTime at = context.now + delay;
    if (due_ && *due_ < at)
        return;
    due_ = at;
    out.emplace_back(SendAssignmentsAt{at});
}

void DirectoryAssignments::send_due(std::optional<BrokerEpoch> own_epoch,
                                    const AssignmentView& view,
                                    AssignmentEffects& out) {
    due_.reset();
    if (!in_flight_.empty())
        return;
    while (!ready_.empty() && in_flight_.size() < kMaxAssignmentsPerRequest) {
        auto next = ready_.extract(ready_.begin());
        if (view.is_assigned_here(next.key()))
            in_flight_.insert(std::move(next));
    }
    if (in_flight_.empty())
        return;
    wire::AssignReplicasToDirsRequest request = make_request(in_flight_);
    request.broker_id = self_.value();
    request.broker_epoch = own_epoch.value_or(BrokerEpoch(-1)).value();
    out.emplace_back(SendAssignments{std::move(request)});
}

// What was assigned anew meanwhile is not overwritten.
void DirectoryAssignments::put_back() {
    ready_.merge(in_flight_);
    in_flight_.clear();
}

void DirectoryAssignments::answered(const Context& context,
                                    const wire::AssignReplicasToDirsResponse& response,
                                    AssignmentEffects& out) {
    if (response.error_code != 0)
        return failed(context, out);
    failures_ = 0;
    for (const auto& directory : response.directories) {
        for (const auto& topic : directory.topics) {
            for (const auto& partition : topic.partitions) {
                if (partition.error_code == 0)
                    in_flight_.erase({topic.topic_id, PartitionIndex(partition.partition_index)});
            }
        }
    }
    put_back();
    if (!ready_.empty())
        schedule(context, out);
}

void DirectoryAssignments::failed(const Context& context, AssignmentEffects& out) {
    ++failures_;
    put_back();
    if (!ready_.empty())
        schedule(context, out);
}

}  // namespace bsim::replication
