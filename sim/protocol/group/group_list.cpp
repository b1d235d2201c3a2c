// What groups there are, and what is known of one.

#include <algorithm>
#include <cctype>

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {
namespace {

constexpr std::string_view kGroupType = "classic";

std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return out;
}

bool passes(const std::vector<std::string>& filter, std::string_view what) {
    return filter.empty() || std::any_of(filter.begin(), filter.end(), [&](const auto& wanted) {
               return lower(wanted) == lower(what);
           });
}

}  // namespace

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::ListGroupsRequest& body) {
    wire::ListGroupsResponse response;
    if (!active_) {
        response.error_code = number(Error::CoordinatorNotAvailable);
        return turn.add(Reply{in.caller.token, std::move(response)});
    }
    if (!loading_.empty())
        response.error_code = number(Error::CoordinatorLoadInProgress);
    for_each_group([&](const GroupMetadata& group) {
        if (!passes(body.states_filter, name(group.state())) ||
            !passes(body.types_filter, kGroupType))
            return;
        auto& out = response.groups.emplace_back();
        out.group_id = group.id();
        out.protocol_type = group.protocol_type.value_or("");
        out.group_state = name(group.state());
        out.group_type = kGroupType;
    });
    turn.add(Reply{in.caller.token, std::move(response)});
}

void GroupCoordinator::serve(const Turn& turn,
                             const RequestArrived& in,
                             wire::DescribeGroupsRequest& body) {
    wire::DescribeGroupsResponse response;
    for (const std::string& id : body.groups) {
        auto& out = response.groups.emplace_back();
        out.group_id = id;
        if (const auto error = admit(id, Naming::MayBeEmpty)) {
            out.error_code = number(*error);
            continue;
        }
        const GroupMetadata* group = known(id);
        out.group_state = name(group == nullptr ? GroupState::Dead : group->state());
        if (group == nullptr)
            continue;
        out.protocol_type = group->protocol_type.value_or("");
        // What members hold is told of a stable group only.
        const bool stable = group->is(GroupState::Stable);
        if (stable)
            out.protocol_data = group->protocol_name.value_or("");
        for (const std::string& member_id : group->members_in_order()) {
            const Member& member = group->get(member_id);
            auto& listed = out.members.emplace_back();
            listed.member_id = member.id;
            listed.group_instance_id = member.instance;
            listed.client_id = member.client_id;
            listed.client_host = member.client_host;
            if (!stable)
                continue;
            listed.member_metadata = member.metadata(*group->protocol_name);
            listed.member_assignment = member.assignment;
        }
    }
    turn.add(Reply{in.caller.token, std::move(response)});
}

}  // namespace bsim::group
