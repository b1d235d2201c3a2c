#include "sim/protocol/rules/assignors/assignment_input.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "sim/base/check.h"
#include "sim/base/java_order.h"

namespace bsim::group {
namespace {

// The strings, sorted by `hashes` as by a HashMap that they were put into in this order.
template <class T, class Hash>
std::vector<T> hash_ordered(const std::vector<T>& items, Hash hash) {
    std::vector<std::uint32_t> hashes;
    hashes.reserve(items.size());
    for (const T& item : items)
        hashes.push_back(hash(item));
    std::vector<T> ordered;
    ordered.reserve(items.size());
    for (const std::size_t at : java_hash_order(hashes))
        ordered.push_back(items[at]);
    return ordered;
}

std::vector<std::string_view> subscribed_topics(const std::vector<GroupMember>& members) {
    std::vector<std::string_view> names;
    std::set<std::string_view> seen;
    for (const GroupMember& member : members) {
        for (const std::string& name : member.subscription.topics) {
            if (seen.insert(name).second)
                names.push_back(name);
        }
    }
    return names;
}

void sort_unique(Racks& racks) {
    std::sort(racks.begin(), racks.end());
    racks.erase(std::unique(racks.begin(), racks.end()), racks.end());
}

std::vector<Racks> racks_by_partition(const TopicLayout& layout) {
    std::vector<Racks> racks(static_cast<std::size_t>(layout.partitions));
    for (std::size_t p = 0; p < std::min(racks.size(), layout.replica_racks.size()); ++p) {
        racks[p].assign(layout.replica_racks[p].begin(), layout.replica_racks[p].end());
        sort_unique(racks[p]);
    }
    return racks;
}

}  // namespace

AssignmentInput::AssignmentInput(const TopicLayouts& topics,
                                 const std::vector<GroupMember>& members) {
    add_topics(topics, members);
    add_members(members);
}

void AssignmentInput::add_topics(const TopicLayouts& topics,
                                 const std::vector<GroupMember>& members) {
    // Twice: the names go through a set first, and only those that exist into the map.
    std::vector<std::string_view> names = hash_ordered(subscribed_topics(members), java_hash);
    std::erase_if(names, [&](std::string_view name) {
        const auto found = topics.find(name);
        return found == topics.end() || found->second.partitions <= 0;
    });
    names = hash_ordered(names, java_hash);

    std::vector<std::string_view> sorted = names;
    std::sort(sorted.begin(), sorted.end(), java_less);
    for (const std::string_view name : sorted) {
        const TopicLayout& layout = topics.find(name)->second;
        topics_.push_back(
            {name, layout.partitions, racks_by_partition(layout), java_hash(name), {}});
        partition_count_ += static_cast<std::size_t>(layout.partitions);
    }
    for (const std::string_view name : names)
        topics_in_map_order_.push_back(*find_topic(name));
}

void AssignmentInput::add_members(const std::vector<GroupMember>& members) {
    std::vector<std::size_t> given_by_id(members.size());
    std::iota(given_by_id.begin(), given_by_id.end(), std::size_t{0});
    std::sort(given_by_id.begin(), given_by_id.end(), [&](std::size_t a, std::size_t b) {
        return java_less(members[a].member_id, members[b].member_id);
    });
    members_in_map_order_.resize(members.size());
    for (const std::size_t at : given_by_id) {
        const GroupMember& given = members[at];
        BSIM_CHECK(members_.empty() || members_.back().given->member_id != given.member_id);
        members_in_map_order_[at] = members_.size();
        AssigningMember member{&given, std::nullopt, {}};
        if (given.subscription.rack && !given.subscription.rack->empty())
            member.rack = *given.subscription.rack;
        for (const std::string& name : given.subscription.topics) {
            if (const auto topic = find_topic(name))
                member.topics.push_back(*topic);
        }
        members_.push_back(std::move(member));
    }
    members_in_hash_order_ = hash_ordered(members_in_map_order_, [this](std::size_t member) {
        return java_hash(members_[member].given->member_id);
    });
    for (const std::size_t member : members_in_map_order_) {
        for (const std::size_t topic : members_[member].topics)
            topics_[topic].members.push_back(member);
    }
}

std::optional<std::size_t> AssignmentInput::find_topic(std::string_view name) const {
    const auto found = std::lower_bound(
        topics_.begin(), topics_.end(), name,
        [](const AssignedTopic& topic, std::string_view n) { return java_less(topic.name, n); });
    if (found == topics_.end() || found->name != name)
        return std::nullopt;
    return static_cast<std::size_t>(found - topics_.begin());
}

Slots AssignmentInput::known_slots(const std::vector<TopicPartition>& partitions) const {
    Slots slots;
    for (const TopicPartition& each : partitions) {
        if (const auto topic = find_topic(each.topic))
            slots.push_back({*topic, each.partition.value()});
    }
    return slots;
}

const Racks* AssignmentInput::racks_of(const Slot& slot) const {
    const AssignedTopic& topic = topics_[slot.topic];
    if (slot.partition < 0 || slot.partition >= topic.partitions)
        return nullptr;
    return &topic.racks[static_cast<std::size_t>(slot.partition)];
}

Slots AssignmentInput::slots_of(std::size_t topic) const {
    Slots slots;
    for (std::int32_t p = 0; p < topics_[topic].partitions; ++p)
        slots.push_back({topic, p});
    return slots;
}

bool use_rack_aware_assignment(const Racks& consumer_racks,
                               const std::vector<Racks>& replica_racks) {
    Racks all;
    for (const Racks& racks : replica_racks)
        all.insert(all.end(), racks.begin(), racks.end());
    sort_unique(all);
    const bool share = std::any_of(consumer_racks.begin(), consumer_racks.end(), [&](auto rack) {
        return std::binary_search(all.begin(), all.end(), rack);
    });
    return share && std::any_of(replica_racks.begin(), replica_racks.end(),
                                [&](const Racks& racks) { return racks != all; });
}

}  // namespace bsim::group
