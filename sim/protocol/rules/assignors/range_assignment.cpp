#include "sim/protocol/rules/assignors/range_assignment.h"

#include <algorithm>
#include <map>

#include "sim/protocol/rules/assignors/round_robin_assignment.h"

namespace bsim::group {
namespace {

// One topic being shared out. Of P partitions and C members, each gets P / C and as many as P % C
// get one more: whoever first exceeds P / C. Members are meant by their place in `members_`.
class TopicShare {
  public:
    TopicShare(const AssignmentInput& input, std::size_t topic)
        : input_(input),
          topic_(topic),
          members_(static_members_first(input, input.topics()[topic].members)) {
        drop_repeats();
        unassigned_ = input.slots_of(topic);
        assigned_.resize(members_.size());
        if (!members_.empty()) {
            per_member_ = unassigned_.size() / members_.size();
            with_one_more_ = unassigned_.size() % members_.size();
        }
        for (const std::size_t member : members_) {
            if (const auto& rack = input.members()[member].rack)
                racks_.push_back(*rack);
        }
        rack_aware_ = use_rack_aware_assignment(racks_, input.topics()[topic].racks);
    }

    const std::vector<std::size_t>& members() const { return members_; }
    bool rack_aware() const { return rack_aware_; }
    // For co-partitioning; 0 where no member has a rack, as there is nothing to match then.
    std::int32_t racked_partitions() const {
        return racks_.empty() ? 0 : input_.topics()[topic_].partitions;
    }

    std::size_t may_take(std::size_t place) const {
        const std::size_t most = per_member_ + (with_one_more_ > 0 ? 1 : 0);
        return most > assigned_[place] ? most - assigned_[place] : 0;
    }
    // A member without a rack is at home everywhere.
    bool rack_matches(std::size_t place, std::int32_t partition) const {
        const auto& rack = input_.members()[members_[place]].rack;
        const Racks* replicas = input_.racks_of({topic_, partition});
        return !rack || std::binary_search(replicas->begin(), replicas->end(), *rack);
    }

    void take(std::size_t place, std::int32_t partition, SlotsByMember& out) {
        std::erase(unassigned_, Slot{topic_, partition});
        give(place, Slots{{topic_, partition}}, out);
    }

    // Each member in turn takes the first of what is left that it may, or only what is in its rack.
    void take_ranges(bool in_rack_only, SlotsByMember& out) {
        for (std::size_t place = 0; place < members_.size() && !unassigned_.empty(); ++place) {
            const std::size_t most = may_take(place);
            Slots taken;
            Slots left;
            for (const Slot& slot : unassigned_) {
                const bool fits = !in_rack_only || rack_matches(place, slot.partition);
                (fits && taken.size() < most ? taken : left).push_back(slot);
            }
            unassigned_ = std::move(left);
            if (!taken.empty())
                give(place, taken, out);
        }
    }

  private:
    // A member may have listed the topic twice.
    void drop_repeats() {
        std::vector<bool> seen(input_.members().size());
        std::erase_if(members_, [&](std::size_t member) {
            const bool again = seen[member];
            seen[member] = true;
            return again;
        });
    }

    void give(std::size_t place, const Slots& slots, SlotsByMember& out) {
        Slots& to = out[members_[place]];
        to.insert(to.end(), slots.begin(), slots.end());
        assigned_[place] += slots.size();
        if (assigned_[place] > per_member_)
            --with_one_more_;
    }

    const AssignmentInput& input_;
    std::size_t topic_;
    std::vector<std::size_t> members_;  // in the order in which they take
    Slots unassigned_;
    std::vector<std::size_t> assigned_;  // how many, by place
    std::size_t per_member_ = 0;
    std::size_t with_one_more_ = 0;  // members that may still exceed per_member_
    Racks racks_;
    bool rack_aware_ = false;
};

// Partition p of all these topics goes to one member, if it is in that member's rack in all of
// them.
void take_together(std::vector<TopicShare*>& shares, SlotsByMember& out) {
    const TopicShare& any = *shares.front();
    for (std::int32_t p = 0; p < any.racked_partitions(); ++p) {
        const auto fits = [&](std::size_t place) {
            return std::all_of(shares.begin(), shares.end(), [&](const TopicShare* share) {
                return share->may_take(place) > 0 && share->rack_matches(place, p);
            });
        };
        std::size_t place = 0;
        while (place < any.members().size() && !fits(place))
            ++place;
        if (place == any.members().size())
            continue;
        for (TopicShare* share : shares)
            share->take(place, p, out);
    }
}

void take_in_racks(std::vector<TopicShare>& shares, SlotsByMember& out) {
    // Which group comes first is moot: they share no topic, and the lists are sorted afterwards.
    std::map<std::pair<std::vector<std::size_t>, std::int32_t>, std::vector<TopicShare*>> together;
    for (TopicShare& share : shares)
        together[{share.members(), share.racked_partitions()}].push_back(&share);
    for (auto& [key, group] : together) {
        if (group.size() > 1) {
            take_together(group, out);
        } else if (group.front()->rack_aware()) {
            group.front()->take_ranges(true, out);
        }
    }
}

}  // namespace

SlotsByMember assign_ranges(const AssignmentInput& input) {
    SlotsByMember assigned(input.members().size());
    std::vector<TopicShare> shares;
    shares.reserve(input.topics().size());
    for (const std::size_t topic : input.topics_in_map_order())
        shares.emplace_back(input, topic);
    const bool rack_aware = std::any_of(shares.begin(), shares.end(),
                                        [](const TopicShare& share) { return share.rack_aware(); });
    if (rack_aware)
        take_in_racks(shares, assigned);
    for (TopicShare& share : shares)
        share.take_ranges(false, assigned);
    if (rack_aware) {
        for (Slots& slots : assigned)
            std::sort(slots.begin(), slots.end());
    }
    return assigned;
}

}  // namespace bsim::group
