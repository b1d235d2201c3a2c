// ZooKeeper mode's placement of replicas.

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>

#include "sim/protocol/rules/placement.h"

namespace bsim {
namespace {

using Kind = PlacementError::Kind;

struct Walk {
    std::size_t start = 0;
    std::size_t shift = 0;
    std::size_t partition = 0;
};

Walk begin_walk(std::size_t brokers, AssignStart start, IntSource& draws) {
    Walk walk;
    const auto pick = [&] {
        if (start.fixed_index)
            return static_cast<std::size_t>(*start.fixed_index);
        return static_cast<std::size_t>(draws.next_int(static_cast<std::int32_t>(brokers)));
    };
    walk.start = pick();
    walk.partition = static_cast<std::size_t>(std::max(0, start.partition));
    walk.shift = pick();
    return walk;
}

std::size_t replica_index(std::size_t first,
                          std::size_t shift,
                          std::size_t k,
                          std::size_t brokers) {
    return (first + 1 + (shift + k) % (brokers - 1)) % brokers;
}

std::vector<BrokerId> followers_any_rack(const std::vector<BrokerId>& brokers,
                                         std::size_t first,
                                         std::size_t shift,
                                         std::size_t count) {
    std::vector<BrokerId> chosen;
    for (std::size_t j = 0; j < count; ++j) {
        chosen.push_back(brokers[replica_index(first, shift, j, brokers.size())]);
    }
    return chosen;
}

// A broker is passed over while another rack, or another broker, has no replica yet.
std::vector<BrokerId> followers_over_racks(const std::vector<BrokerId>& brokers,
                                           const std::map<BrokerId, std::string>& rack_of,
                                           Walk at,
                                           std::size_t count) {
    std::set<std::string> racks;
    for (const auto& [broker, rack] : rack_of)
        racks.insert(rack);
    std::set<std::string> racks_used{rack_of.at(brokers[at.start])};
    std::set<BrokerId> brokers_used{brokers[at.start]};
    std::vector<BrokerId> chosen;
    for (std::size_t k = 0; chosen.size() < count; ++k) {
        const BrokerId broker =
            brokers[replica_index(at.start, at.shift * racks.size(), k, brokers.size())];
        const std::string& rack = rack_of.at(broker);
        const bool rack_ok = !racks_used.contains(rack) || racks_used.size() == racks.size();
        const bool broker_ok =
            !brokers_used.contains(broker) || brokers_used.size() == brokers.size();
        if (!rack_ok || !broker_ok)
            continue;
        chosen.push_back(broker);
        racks_used.insert(rack);
        brokers_used.insert(broker);
    }
    return chosen;
}

std::optional<PlacementError> refuse(std::span<const UsableBroker> brokers, PlacementSize size) {
    if (size.partitions <= 0) {
        return PlacementError{Kind::InvalidPartitions, "the number of partitions is not positive"};
    }
    if (size.replication_factor <= 0) {
        return PlacementError{Kind::InvalidReplicationFactor,
                              "the replication factor is not positive"};
    }
    if (static_cast<std::size_t>(size.replication_factor) > brokers.size()) {
        return PlacementError{Kind::InvalidReplicationFactor,
                              fmt::format("{} replicas need more than the {} brokers there are",
                                          size.replication_factor, brokers.size())};
    }
    const auto has_rack = [](const UsableBroker& broker) { return broker.rack.has_value(); };
    if (std::any_of(brokers.begin(), brokers.end(), has_rack) &&
        !std::all_of(brokers.begin(), brokers.end(), has_rack)) {
        return PlacementError{Kind::RackMissing, "some brokers have a rack and some have none"};
    }
    return std::nullopt;
}

}  // namespace

std::vector<BrokerId> rack_alternated(std::span<const UsableBroker> brokers) {
    std::map<std::string, std::vector<BrokerId>> racks;
    for (const UsableBroker& broker : brokers) {
        racks[broker.rack.value_or("")].push_back(broker.id);
    }
    for (auto& [rack, ids] : racks)
        std::sort(ids.begin(), ids.end());
    std::vector<BrokerId> order;
    for (std::size_t round = 0; order.size() < brokers.size(); ++round) {
        for (const auto& [rack, ids] : racks) {
            if (round < ids.size())
                order.push_back(ids[round]);
        }
    }
    return order;
}

Result<ReplicaLists, PlacementError> assign_replicas(std::span<const UsableBroker> brokers,
                                                     PlacementSize size,
                                                     AssignStart start,
                                                     IntSource& draws) {
    if (const auto refused = refuse(brokers, size))
        return Err{*refused};
    std::map<BrokerId, std::string> rack_of;
    std::vector<BrokerId> order;
    for (const UsableBroker& broker : brokers) {
        order.push_back(broker.id);
        if (broker.rack)
            rack_of[broker.id] = *broker.rack;
    }
    if (!rack_of.empty())
        order = rack_alternated(brokers);

    const auto followers = static_cast<std::size_t>(size.replication_factor - 1);
    Walk walk = begin_walk(order.size(), start, draws);
    ReplicaLists lists;
    for (std::int32_t i = 0; i < size.partitions; ++i, ++walk.partition) {
        if (walk.partition > 0 && walk.partition % order.size() == 0)
            ++walk.shift;
        const std::size_t first = (walk.partition + walk.start) % order.size();
        std::vector<BrokerId> replicas =
            rack_of.empty()
                ? followers_any_rack(order, first, walk.shift, followers)
                : followers_over_racks(order, rack_of, {first, walk.shift, 0}, followers);
        replicas.insert(replicas.begin(), order[first]);
        lists.push_back(std::move(replicas));
    }
    return lists;
}

}  // namespace bsim
