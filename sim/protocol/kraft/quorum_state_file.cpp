#include "sim/protocol/kraft/quorum_state_file.h"

#include <fmt/format.h>
#include <limits>

#include <nlohmann/json.hpp>

namespace bsim::kraft {

namespace {

// A member that must be an integer within i32.
Result<std::int32_t, std::string> integer(const nlohmann::json& object, const char* name) {
    const auto member = object.find(name);
    if (member == object.end() || !member->is_number_integer()) {
        return Err{fmt::format("quorum-state: {} is not an integer", name)};
    }
    const auto value = member->get<std::int64_t>();
    if (value < std::numeric_limits<std::int32_t>::min() ||
        value > std::numeric_limits<std::int32_t>::max()) {
        return Err{fmt::format("quorum-state: {} is out of range", name)};
    }
    return static_cast<std::int32_t>(value);
}

}  // namespace

std::string format_quorum_state(const ElectionState& state, const std::vector<BrokerId>& voters) {
    std::string ids;
    for (const BrokerId voter : voters) {
        if (!ids.empty())
            ids += ",";
        ids += fmt::format("{{\"voterId\":{}}}", voter.value());
    }
    return fmt::format(
        "{{\"clusterId\":\"\",\"leaderId\":{},\"leaderEpoch\":{},\"votedId\":{},"
        "\"appliedOffset\":0,\"currentVoters\":[{}],\"data_version\":0}}",
        state.leader ? state.leader->value() : -1, state.epoch.value(),
        state.voted ? state.voted->id.value() : -1, ids);
}

Result<ElectionState, std::string> parse_quorum_state(std::string_view text) {
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object())
        return Err{std::string("quorum-state: not a JSON object")};
    BSIM_TRY(const std::int32_t version, integer(json, "data_version"));
    if (version < 0 || version > 1) {
        return Err{fmt::format("quorum-state: data_version {} is not known", version)};
    }
    BSIM_TRY(const std::int32_t leader, integer(json, "leaderId"));
    BSIM_TRY(const std::int32_t epoch, integer(json, "leaderEpoch"));
    BSIM_TRY(const std::int32_t voted, integer(json, "votedId"));
    ElectionState state{LeaderEpoch(epoch), std::nullopt, std::nullopt};
    if (leader != -1)
        state.leader = BrokerId(leader);
    if (voted == -1)
        return state;

    state.voted = ReplicaKey{BrokerId(voted), Uuid{}};
    if (version == 1) {
        const auto directory = json.find("votedDirectoryId");
        const auto uuid = directory != json.end() && directory->is_string()
                              ? Uuid::parse(directory->get<std::string>())
                              : std::nullopt;
        if (!uuid)
            return Err{std::string("quorum-state: votedDirectoryId is not a uuid")};
        state.voted->directory = *uuid;
    }
    return state;
}

}  // namespace bsim::kraft
