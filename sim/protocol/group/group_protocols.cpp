// What the members of a group can agree upon: the assignor, and the topics that they read.

#include <algorithm>
#include <map>

#include "sim/base/check.h"
#include "sim/base/java_order.h"
#include "sim/protocol/group/group_metadata.h"
#include "sim/protocol/rules/assignors/consumer_protocol.h"

namespace bsim::group {

bool GroupMetadata::supports(const std::string& type,
                             const std::vector<Protocol>& protocols) const {
    if (is(GroupState::Empty))
        return !type.empty() && !protocols.empty();
    if (protocol_type != type)
        return false;
    return std::any_of(protocols.begin(), protocols.end(), [this](const Protocol& protocol) {
        const auto found = supported_.find(protocol.name);
        return (found == supported_.end() ? 0 : found->second) == members_.size();
    });
}

std::set<std::string> GroupMetadata::candidates() const {
    std::set<std::string> all;
    for (const auto& [protocol, count] : supported_) {
        if (count == members_.size())
            all.insert(protocol);
    }
    return all;
}

std::string GroupMetadata::select_protocol() const {
    BSIM_CHECK(!members_.empty());
    const std::set<std::string> common = candidates();
    std::map<std::string, std::size_t> votes;
    for (const auto& [id, member] : members_)
        ++votes[member.vote(common)];
    std::vector<std::string> names;
    std::vector<std::uint32_t> hashes;
    for (const auto& [protocol, count] : votes) {
        names.push_back(protocol);
        hashes.push_back(java_hash(protocol));
    }
    // Of equally many votes, the first in Scala's order wins; groupBy makes a trie of any size.
    const std::string* best = nullptr;
    for (const std::size_t i : scala_trie_order(hashes)) {
        if (best == nullptr || votes.at(names[i]) > votes.at(*best))
            best = &names[i];
    }
    return *best;
}

void GroupMetadata::init_next_generation(WallMs now) {
    ++generation;
    if (members_.empty()) {
        protocol_name.reset();
    } else {
        protocol_name = select_protocol();
    }
    compute_subscribed_topics();
    transition_to(members_.empty() ? GroupState::Empty : GroupState::CompletingRebalance, now);
    pending_sync.clear();
}

bool GroupMetadata::is_consumer_group() const {
    return protocol_type == kConsumerProtocolType;
}

bool GroupMetadata::is_subscribed(const std::string& topic) const {
    return !subscribed_ || subscribed_->contains(topic);
}

void GroupMetadata::compute_subscribed_topics() {
    subscribed_.reset();
    if (!is_consumer_group())
        return;
    if (members_.empty()) {
        subscribed_.emplace();
        return;
    }
    if (!protocol_name)
        return;
    std::set<std::string> topics;
    for (const auto& [id, member] : members_) {
        const auto subscription = decode_subscription(member.metadata(*protocol_name));
        if (!subscription)
            return;
        topics.insert(subscription->topics.begin(), subscription->topics.end());
    }
    subscribed_ = std::move(topics);
}

std::vector<TopicPartition> GroupMetadata::remove_expired_offsets(WallMs now,
                                                                  std::int64_t retention_ms) {
    if (!protocol_type)
        return offsets.remove_expired({now, retention_ms, std::nullopt, {}});
    if (is(GroupState::Empty))
        return offsets.remove_expired({now, retention_ms, state_since_, {}});
    if (is_consumer_group() && subscribed_ && is(GroupState::Stable))
        return offsets.remove_expired({now, retention_ms, std::nullopt, *subscribed_});
    return {};
}

}  // namespace bsim::group
