#pragma once
// Errors that mean "ask the leader" say who leads (KIP-951): fills that part of a Produce or Fetch
// response. Source: KafkaApis.getCurrentLeader.

#include <algorithm>
#include <vector>

#include "sim/model/metadata_image.h"

namespace bsim {

template <class Hint, class Endpoint>
void name_leader(const MetadataImage& image,
                 const TopicPartition& tp,
                 Hint& hint,
                 std::vector<Endpoint>& endpoints) {
    const PartitionRegistration* partition = image.partition(tp);
    if (partition == nullptr)
        return;
    hint.leader_id = partition->leader ? partition->leader->value() : -1;
    hint.leader_epoch = partition->leader_epoch.value();
    if (!partition->leader)
        return;
    const BrokerRegistration* leader = image.broker(*partition->leader);
    if (leader == nullptr || leader->fenced || leader->endpoints.empty())
        return;
    const bool listed = std::any_of(endpoints.begin(), endpoints.end(), [&](const Endpoint& one) {
        return one.node_id == leader->id.value();
    });
    if (listed)
        return;
    Endpoint& endpoint = endpoints.emplace_back();
    endpoint.node_id = leader->id.value();
    endpoint.host = leader->endpoints.front().host;
    endpoint.port = leader->endpoints.front().port;
    endpoint.rack = leader->rack;
}

}  // namespace bsim
