#include "sim/protocol/rules/assignors/previous_owners.h"

#include <algorithm>
#include <string_view>

#include "sim/protocol/rules/assignors/sticky_user_data.h"

namespace bsim::group {
namespace {

constexpr std::int32_t kNoGeneration = -1;

void drop_first(Slots& slots, const Slot& slot) {
    const auto found = std::find(slots.begin(), slots.end(), slot);
    if (found != slots.end())
        slots.erase(found);
}

std::int32_t subscription_generation(const AssigningMember& member) {
    const auto& generation = member.given->subscription.generation;
    return generation ? generation->value() : kNoGeneration;
}

}  // namespace

Claims read_claims(const AssignmentInput& input, bool cooperative) {
    Claims claims;
    for (const AssigningMember& member : input.members()) {
        const Subscription& subscription = member.given->subscription;
        const MemberData data =
            cooperative ? cooperative_member_data(subscription) : sticky_member_data(subscription);
        claims.push_back({input.known_slots(data.partitions), data.generation});
    }
    return claims;
}

std::int32_t max_generation(const Claims& claims) {
    std::int32_t greatest = kNoGeneration;
    for (const Claim& claim : claims)
        greatest = std::max(greatest, claim.generation.value_or(kNoGeneration));
    return greatest;
}

PreviousOwners settle_claims(const AssignmentInput& input, const Claims& claims) {
    PreviousOwners result{SlotsByMember(claims.size()), {}};
    std::map<Slot, std::size_t> owner_of;
    for (const std::size_t member : input.members_in_map_order()) {
        const std::int32_t generation = claims[member].generation.value_or(kNoGeneration);
        for (const Slot& slot : claims[member].slots) {
            const auto [entry, unclaimed] = owner_of.try_emplace(slot, member);
            if (unclaimed) {
                result.owned[member].push_back(slot);
                continue;
            }
            const std::size_t other = entry->second;
            // Of the other, Kafka asks the subscription, not what its user data tell.
            const std::int32_t others = subscription_generation(input.members()[other]);
            if (generation < others)
                continue;
            if (generation > others) {
                result.owned[member].push_back(slot);
            } else {
                result.claimed_twice.insert(slot);
            }
            drop_first(result.owned[other], slot);
            entry->second = member;
        }
    }
    return result;
}

std::map<Slot, OlderOwner> older_owners(const AssignmentInput& input,
                                        const Claims& claims,
                                        std::int32_t max_generation) {
    std::map<Slot, OlderOwner> owners;
    for (const std::size_t member : input.members_in_map_order()) {
        const Claim& claim = claims[member];
        const std::int32_t generation = claim.generation.value_or(kNoGeneration);
        if (generation >= max_generation)
            continue;
        for (const Slot& slot : claim.slots) {
            const auto [entry, first] = owners.try_emplace(slot, OlderOwner{member, generation});
            if (!first && generation > entry->second.generation)
                entry->second = {member, generation};
        }
    }
    return owners;
}

bool subscriptions_equal(const AssignmentInput& input) {
    std::set<std::string_view> first;
    for (const std::size_t member : input.members_in_map_order()) {
        const auto& topics = input.members()[member].given->subscription.topics;
        if (first.empty()) {
            first.insert(topics.begin(), topics.end());
            continue;
        }
        const bool same = topics.size() == first.size() &&
                          std::all_of(topics.begin(), topics.end(), [&](const std::string& topic) {
                              return first.contains(topic);
                          });
        if (!same)
            return false;
    }
    return true;
}

}  // namespace bsim::group
