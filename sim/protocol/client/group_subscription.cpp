#include "sim/protocol/client/group_subscription.h"

#include <algorithm>
#include <utility>

#include "sim/base/check.h"
#include "sim/protocol/rules/assignors/consumer_protocol.h"

namespace bsim::client {

namespace {

group::RebalanceProtocol common_protocol(const std::vector<group::Assignor>& assignors) {
    const auto all_have = [&](group::RebalanceProtocol wanted) {
        return std::all_of(assignors.begin(), assignors.end(), [&](const group::Assignor& one) {
            const auto supported = one.protocols();
            return std::find(supported.begin(), supported.end(), wanted) != supported.end();
        });
    };
    if (all_have(group::RebalanceProtocol::Cooperative))
        return group::RebalanceProtocol::Cooperative;
    BSIM_CHECK(all_have(group::RebalanceProtocol::Eager));
    return group::RebalanceProtocol::Eager;
}

std::vector<std::string> racks_of(const ClusterMetadata& cluster, const PartitionView& partition) {
    std::vector<std::string> racks;
    for (const BrokerId replica : partition.replicas) {
        const NodeView* node = cluster.node(NodeId(replica.value()));
        if (node != nullptr && node->rack)
            racks.push_back(*node->rack);
    }
    return racks;
}

}  // namespace

GroupSubscription::GroupSubscription(const GroupSettings& settings) : rack_(settings.client_rack) {
    for (const group::AssignorKind kind : settings.partition_assignment_strategy)
        assignors_.emplace_back(kind);
    protocol_ = common_protocol(assignors_);
}

void GroupSubscription::subscribe(SimTime now,
                                  std::set<std::string> topics,
                                  MetadataUpdater& metadata) {
    for (const std::string& old : topics_) {
        if (!topics.contains(old) && !group_topics_.contains(old))
            metadata.remove_topic(old);
    }
    topics_ = std::move(topics);
    for (const std::string& topic : topics_)
        metadata.add_topic(now, topic);
}

std::set<std::string> GroupSubscription::watched() const {
    std::set<std::string> all = topics_;
    all.insert(group_topics_.begin(), group_topics_.end());
    return all;
}

// --- Metadata --------------------------------------------------------------------------------

void GroupSubscription::look_at_metadata(const MetadataUpdater& metadata) {
    if (metadata.update_version() <= snapshot_.version)
        return;
    snapshot_ = {metadata.update_version(), {}};
    const ClusterMetadata& cluster = metadata.cluster();
    for (const std::string& topic : watched()) {
        const TopicView* view = cluster.topic(topic);
        if (view == nullptr)
            continue;
        auto& partitions = snapshot_.partitions[topic];
        for (const auto& [index, partition] : view->partitions) {
            auto& racks = partitions.emplace_back();
            if (!rack_)
                continue;
            const std::vector<std::string> known = racks_of(cluster, partition);
            racks.insert(known.begin(), known.end());
        }
    }
    // What is the same need not be compared again.
    if (assigned_by_ && assigned_by_->partitions == snapshot_.partitions)
        assigned_by_->version = snapshot_.version;
}

std::optional<std::string_view> GroupSubscription::rejoin_reason() const {
    if (assigned_by_ && !assigned_by_->matches(snapshot_))
        return "cached metadata has changed";
    if (joined_topics_ && *joined_topics_ != topics_)
        return "subscription has changed";
    return std::nullopt;
}

// --- Joining ---------------------------------------------------------------------------------

GroupMembership::Protocols GroupSubscription::join_protocols(
    const std::vector<TopicPartition>& owned, GenerationId generation) {
    joined_topics_ = topics_;
    GroupMembership::Protocols protocols;
    for (const group::Assignor& assignor : assignors_) {
        group::Subscription subscription;
        subscription.topics.assign(topics_.begin(), topics_.end());
        subscription.user_data = assignor.subscription_user_data();
        subscription.owned = owned;
        subscription.generation = generation;
        subscription.rack = rack_;
        protocols.push_back(
            {std::string(group::name(assignor.kind())),
             group::encode_subscription(subscription, group::kConsumerProtocolVersion)});
    }
    return protocols;
}

group::Assignor* GroupSubscription::find(std::string_view protocol) {
    const auto found = std::find_if(
        assignors_.begin(), assignors_.end(),
        [&](const group::Assignor& one) { return group::name(one.kind()) == protocol; });
    return found != assignors_.end() ? &*found : nullptr;
}

void GroupSubscription::synced() {
    if (!leader_)
        assigned_by_.reset();
}

// --- Leading ---------------------------------------------------------------------------------

void GroupSubscription::begin_leading(SimTime now,
                                      const wire::JoinGroupResponse& elected,
                                      MetadataUpdater& metadata) {
    group_topics_.clear();
    for (const auto& member : elected.members) {
        const auto subscription = group::decode_subscription(member.metadata);
        if (subscription)
            group_topics_.insert(subscription->topics.begin(), subscription->topics.end());
    }
    for (const std::string& topic : group_topics_)
        metadata.add_topic(now, topic);
}

void GroupSubscription::stop_leading(MetadataUpdater& metadata) {
    leader_ = false;
    for (const std::string& topic : std::exchange(group_topics_, {})) {
        if (!topics_.contains(topic))
            metadata.remove_topic(topic);
    }
}

group::TopicLayouts GroupSubscription::layouts(const ClusterMetadata& cluster,
                                               const std::set<std::string>& topics) const {
    group::TopicLayouts layouts;
    for (const std::string& topic : topics) {
        const TopicView* view = cluster.topic(topic);
        if (view == nullptr)
            continue;
        group::TopicLayout& layout = layouts[topic];
        layout.partitions = static_cast<std::int32_t>(view->partitions.size());
        for (const auto& [index, partition] : view->partitions)
            layout.replica_racks.push_back(racks_of(cluster, partition));
    }
    return layouts;
}

Result<GroupMembership::Assignments, GroupFailure> GroupSubscription::assign(
    const wire::JoinGroupResponse& elected, const MetadataUpdater& metadata) {
    look_at_metadata(metadata);
    leader_ = true;
    assigned_by_ = snapshot_;
    GroupMembership::Assignments out;
    if (elected.skip_assignment)
        return out;
    group::Assignor* assignor = find(elected.protocol_name.value_or(""));
    if (assignor == nullptr)
        return Err{
            GroupFailure{GroupFailure::Kind::Assignor, wire::ErrorCode::None, "no assignor"}};
    std::vector<group::GroupMember> members;
    for (const auto& told : elected.members) {
        auto subscription = group::decode_subscription(told.metadata);
        if (!subscription) {
            return Err{GroupFailure{GroupFailure::Kind::Assignor, wire::ErrorCode::None,
                                    std::string(group::describe(subscription.error()))}};
        }
        members.push_back({told.member_id, told.group_instance_id, std::move(*subscription)});
    }
    const auto assigned = assignor->assign(layouts(metadata.cluster(), group_topics_), members);
    if (!assigned) {
        return Err{GroupFailure{GroupFailure::Kind::Assignor, wire::ErrorCode::None,
                                assigned.error().exception}};
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
        group::Assignment assignment;
        assignment.partitions = (*assigned)[i];
        out.push_back({members[i].member_id,
                       group::encode_assignment(assignment, group::kConsumerProtocolVersion)});
    }
    return out;
}

// --- Assignments -----------------------------------------------------------------------------

std::optional<std::vector<TopicPartition>> GroupSubscription::read_assignment(
    const std::vector<std::uint8_t>& bytes) const {
    auto assignment = group::decode_assignment(bytes);
    if (!assignment)
        return std::nullopt;
    return std::move(assignment->partitions);
}

bool GroupSubscription::matches(const std::vector<TopicPartition>& assigned) const {
    return std::all_of(assigned.begin(), assigned.end(),
                       [&](const TopicPartition& tp) { return topics_.contains(tp.topic); });
}

void GroupSubscription::on_assignment(const std::vector<TopicPartition>& assigned,
                                      const Generation& generation) {
    group::Assignor* assignor = find(generation.protocol.value_or(""));
    BSIM_CHECK(assignor != nullptr);
    assignor->on_assignment(assigned, generation.id);
}

}  // namespace bsim::client
