#include "sim/protocol/rules/assignors/assignor.h"

#include <array>
#include <utility>

#include "sim/base/java_order.h"
#include "sim/protocol/rules/assignors/assignment_input.h"
#include "sim/protocol/rules/assignors/range_assignment.h"
#include "sim/protocol/rules/assignors/round_robin_assignment.h"
#include "sim/protocol/rules/assignors/sticky_assignment.h"
#include "sim/protocol/rules/assignors/sticky_user_data.h"

namespace bsim::group {
namespace {

constexpr std::array kNames{
    std::pair{AssignorKind::Range, std::string_view("range")},
    std::pair{AssignorKind::RoundRobin, std::string_view("roundrobin")},
    std::pair{AssignorKind::Sticky, std::string_view("sticky")},
    std::pair{AssignorKind::CooperativeSticky, std::string_view("cooperative-sticky")}};

Assigned named(const AssignmentInput& input, const SlotsByMember& slots) {
    Assigned assigned;
    for (const std::size_t member : input.members_in_map_order()) {
        std::vector<TopicPartition>& out = assigned.emplace_back();
        out.reserve(slots[member].size());
        for (const Slot& slot : slots[member])
            out.push_back(
                {std::string(input.topics()[slot.topic].name), PartitionIndex(slot.partition)});
    }
    return assigned;
}

}  // namespace

std::string_view name(AssignorKind kind) {
    for (const auto& [each, text] : kNames) {
        if (each == kind)
            return text;
    }
    return "";
}

std::optional<AssignorKind> find_assignor(std::string_view name) {
    for (const auto& [kind, text] : kNames) {
        if (text == name)
            return kind;
    }
    return std::nullopt;
}

std::vector<RebalanceProtocol> Assignor::protocols() const {
    if (kind_ == AssignorKind::CooperativeSticky)
        return {RebalanceProtocol::Cooperative, RebalanceProtocol::Eager};
    return {RebalanceProtocol::Eager};
}

std::optional<UserData> Assignor::subscription_user_data() const {
    switch (kind_) {
        case AssignorKind::Range:
        case AssignorKind::RoundRobin:
            return std::nullopt;
        case AssignorKind::Sticky:
            if (!last_assigned_)
                return std::nullopt;
            return encode_sticky_user_data(*last_assigned_, last_generation_);
        case AssignorKind::CooperativeSticky:
            return encode_cooperative_user_data(last_generation_);
    }
    return std::nullopt;
}

void Assignor::on_assignment(const std::vector<TopicPartition>& partitions,
                             GenerationId generation) {
    last_generation_ = generation;
    if (kind_ == AssignorKind::Sticky)
        last_assigned_ = partitions;
}

Result<Assigned, AssignorError> Assignor::assign(const TopicLayouts& topics,
                                                 const std::vector<GroupMember>& members) {
    std::vector<std::uint32_t> hashes;
    hashes.reserve(members.size());
    for (const GroupMember& member : members)
        hashes.push_back(java_hash(member.member_id));
    const std::vector<std::size_t> order = java_hash_order(hashes);
    std::vector<GroupMember> ordered;
    ordered.reserve(members.size());
    for (const std::size_t at : order)
        ordered.push_back(members[at]);

    BSIM_TRY(Assigned in_order, assign_in_order(topics, ordered));
    Assigned assigned(members.size());
    for (std::size_t i = 0; i < order.size(); ++i)
        assigned[order[i]] = std::move(in_order[i]);
    return assigned;
}

Result<Assigned, AssignorError> Assignor::assign_in_order(const TopicLayouts& topics,
                                                          const std::vector<GroupMember>& members) {
    const AssignmentInput input(topics, members);
    switch (kind_) {
        case AssignorKind::Range:
            return named(input, assign_ranges(input));
        case AssignorKind::RoundRobin: {
            BSIM_TRY(const SlotsByMember slots, assign_round_robin(input));
            return named(input, slots);
        }
        case AssignorKind::Sticky:
        case AssignorKind::CooperativeSticky: {
            const bool cooperative = kind_ == AssignorKind::CooperativeSticky;
            BSIM_TRY(const SlotsByMember slots, assign_sticky(input, cooperative, max_generation_));
            return named(input, slots);
        }
    }
    return Assigned{};
}

}  // namespace bsim::group
