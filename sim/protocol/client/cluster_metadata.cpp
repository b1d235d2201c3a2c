#include "sim/protocol/client/cluster_metadata.h"

#include <utility>

#include "sim/protocol/client/produce_errors.h"

namespace bsim::client {

namespace {

std::vector<BrokerId> broker_ids(const std::vector<std::int32_t>& ids) {
    std::vector<BrokerId> brokers;
    brokers.reserve(ids.size());
    for (const std::int32_t id : ids)
        brokers.emplace_back(id);
    return brokers;
}

PartitionView view_of(const wire::MetadataResponse::MetadataResponsePartition& told,
                      bool reliable_epochs) {
    PartitionView view;
    if (told.leader_id >= 0)
        view.leader_id = NodeId(told.leader_id);
    if (reliable_epochs && told.leader_epoch >= 0) {
        view.leader_epoch = LeaderEpoch(told.leader_epoch);
    }
    view.replicas = broker_ids(told.replica_nodes);
    view.isr = broker_ids(told.isr_nodes);
    view.error = static_cast<wire::ErrorCode>(told.error_code);
    return view;
}

}  // namespace

const PartitionView* TopicView::partition(PartitionIndex index) const {
    const auto found = partitions.find(index);
    return found != partitions.end() ? &found->second : nullptr;
}

ClusterMetadata::ClusterMetadata(const std::vector<Endpoint>& bootstrap_servers) {
    std::int32_t id = -1;
    for (const Endpoint& endpoint : bootstrap_servers) {
        nodes_[NodeId(id)] = NodeView{NodeId(id), endpoint, std::nullopt};
        --id;
    }
}

std::optional<PartitionView> ClusterMetadata::newest(const TopicPartition& tp,
                                                     const PartitionView& told,
                                                     bool topic_id_changed,
                                                     Taken& taken) {
    if (!told.leader_epoch) {
        last_seen_.erase(tp);
        taken.made_progress = true;
        return told;
    }
    const auto seen = last_seen_.find(tp);
    if (seen == last_seen_.end() || topic_id_changed) {
        last_seen_[tp] = *told.leader_epoch;
        taken.made_progress = true;
        return told;
    }
    if (*told.leader_epoch >= seen->second) {
        if (*told.leader_epoch > seen->second)
            taken.made_progress = true;
        seen->second = *told.leader_epoch;
        return told;
    }
    const PartitionView* known = partition(tp);
    return known != nullptr ? std::optional(*known) : std::nullopt;
}

void ClusterMetadata::take_topic(const wire::MetadataResponse::MetadataResponseTopic& told,
                                 const Taking& how,
                                 std::map<std::string, TopicView>& into,
                                 Taken& taken) {
    const std::string name = told.name.value_or("");
    const auto error = static_cast<wire::ErrorCode>(told.error_code);
    if (error != wire::ErrorCode::None) {
        taken.topic_errors[name] = error;
        if (is_invalid_metadata(error))
            taken.wants_refresh = true;
        return;
    }
    const auto known = topics_.find(name);
    const Uuid old_id = known != topics_.end() ? known->second.id : Uuid{};
    const bool id_changed = !told.topic_id.is_zero() && told.topic_id != old_id;
    TopicView view;
    view.id = told.topic_id;
    for (const auto& partition_told : told.partitions) {
        const PartitionIndex index(partition_told.partition_index);
        const std::optional<PartitionView> kept =
            newest({name, index}, view_of(partition_told, how.reliable_epochs), id_changed, taken);
        if (kept)
            view.partitions[index] = *kept;
        if (is_invalid_metadata(static_cast<wire::ErrorCode>(partition_told.error_code))) {
            taken.wants_refresh = true;
        }
    }
    into[name] = std::move(view);
}

ClusterMetadata::Taken ClusterMetadata::take(const wire::MetadataResponse& response,
                                             const Taking& how) {
    Taken taken;
    const auto retains = [&](const std::string& name) {
        return how.retained == nullptr || how.retained->contains(name);
    };
    std::map<std::string, TopicView> topics;
    std::set<std::string> mentioned;
    for (const auto& told : response.topics) {
        const std::string name = told.name.value_or("");
        mentioned.insert(name);
        if (retains(name))
            take_topic(told, how, topics, taken);
    }
    if (how.partial) {
        for (auto& [name, view] : topics_) {
            if (!mentioned.contains(name) && retains(name))
                topics.try_emplace(name, view);
        }
    }
    topics_ = std::move(topics);
    nodes_.clear();
    for (const auto& broker : response.brokers) {
        const NodeId id(broker.node_id);
        nodes_[id] = NodeView{id, {broker.host, broker.port}, broker.rack};
    }
    bootstrap_ = false;
    std::erase_if(last_seen_, [&](const auto& entry) { return !retains(entry.first.topic); });
    index_leaders();
    return taken;
}

std::set<TopicPartition> ClusterMetadata::take_hints(const std::vector<LeaderHint>& hints,
                                                     const std::vector<NodeView>& nodes) {
    std::map<NodeId, NodeView> merged;
    for (const NodeView& node : nodes)
        merged[node.id] = node;
    for (const auto& [id, node] : nodes_)
        merged.try_emplace(id, node);

    std::set<TopicPartition> changed;
    for (const LeaderHint& hint : hints) {
        const std::optional<LeaderEpoch> known = last_seen_epoch(hint.partition);
        if (known && hint.leader_epoch <= *known)
            continue;
        if (!merged.contains(hint.leader_id) || partition(hint.partition) == nullptr)
            continue;
        PartitionView& view =
            topics_.at(hint.partition.topic).partitions.at(hint.partition.partition);
        view.leader_id = hint.leader_id;
        view.leader_epoch = hint.leader_epoch;
        last_seen_[hint.partition] = hint.leader_epoch;
        changed.insert(hint.partition);
    }
    if (changed.empty())
        return changed;
    nodes_ = std::move(merged);
    index_leaders();
    return changed;
}

void ClusterMetadata::index_leaders() {
    available_.clear();
    led_.clear();
    for (const auto& [name, topic] : topics_) {
        for (const auto& [index, view] : topic.partitions) {
            if (!view.leader_id || !nodes_.contains(*view.leader_id))
                continue;
            available_[name].push_back(index);
            led_[*view.leader_id].push_back({name, index});
        }
    }
}

const NodeView* ClusterMetadata::node(NodeId id) const {
    const auto found = nodes_.find(id);
    return found != nodes_.end() ? &found->second : nullptr;
}

const TopicView* ClusterMetadata::topic(const std::string& name) const {
    const auto found = topics_.find(name);
    return found != topics_.end() ? &found->second : nullptr;
}

const PartitionView* ClusterMetadata::partition(const TopicPartition& tp) const {
    const TopicView* view = topic(tp.topic);
    return view != nullptr ? view->partition(tp.partition) : nullptr;
}

std::int32_t ClusterMetadata::partition_count(const std::string& name) const {
    const TopicView* view = topic(name);
    return view != nullptr ? static_cast<std::int32_t>(view->partitions.size()) : 0;
}

std::optional<NodeId> ClusterMetadata::leader_of(const TopicPartition& tp) const {
    return leader_of(partition(tp));
}

std::optional<NodeId> ClusterMetadata::leader_of(const PartitionView* view) const {
    if (view == nullptr || !view->leader_id || !nodes_.contains(*view->leader_id))
        return {};
    return view->leader_id;
}

std::optional<LeaderEpoch> ClusterMetadata::leader_epoch_of(const TopicPartition& tp) const {
    const PartitionView* view = partition(tp);
    return view != nullptr ? view->leader_epoch : std::nullopt;
}

bool ClusterMetadata::note_epoch(const TopicPartition& tp, LeaderEpoch epoch) {
    const auto seen = last_seen_.find(tp);
    if (seen == last_seen_.end() || epoch <= seen->second)
        return false;
    seen->second = epoch;
    return true;
}

LeaderAndEpoch ClusterMetadata::current_leader(const TopicPartition& tp) const {
    const std::optional<LeaderEpoch> seen = last_seen_epoch(tp);
    const std::optional<LeaderEpoch> told = leader_epoch_of(tp);
    if (partition(tp) == nullptr || (seen && told != seen))
        return {std::nullopt, seen};
    return {leader_of(tp), told};
}

std::optional<LeaderEpoch> ClusterMetadata::last_seen_epoch(const TopicPartition& tp) const {
    const auto found = last_seen_.find(tp);
    return found != last_seen_.end() ? std::optional(found->second) : std::nullopt;
}

const std::vector<PartitionIndex>& ClusterMetadata::available_partitions(
    const std::string& name) const {
    static const std::vector<PartitionIndex> kNone;
    const auto found = available_.find(name);
    return found != available_.end() ? found->second : kNone;
}

const std::vector<TopicPartition>& ClusterMetadata::partitions_led_by(NodeId node) const {
    static const std::vector<TopicPartition> kNone;
    const auto found = led_.find(node);
    return found != led_.end() ? found->second : kNone;
}

}  // namespace bsim::client
