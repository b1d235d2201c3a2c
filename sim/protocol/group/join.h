#pragma once
// A JoinGroup while it is served. Internal to the coordinator.

#include <string>
#include <vector>

#include "sim/protocol/group/group_coordinator.h"

namespace bsim::group {

struct GroupCoordinator::Join {
    Caller caller;
    std::string member_id;
    std::optional<std::string> instance;
    std::string client_id;
    std::string client_host;
    Uuid drawn;
    std::string protocol_type;
    GroupMetadata::Update update;
    std::string reason;  // as " (client: ...)"

    bool requires_known_id() const { return caller.version >= 4 && !instance; }
    // From this version on a leader can be told to leave the assignment as it is.
    bool can_skip_assignment() const { return caller.version >= 9; }
};

}  // namespace bsim::group
