#include "sim/storage/quorum_state_file.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/storage/atomic_file.h"

namespace bsim {
namespace {

std::int32_t id_or_none(const std::optional<BrokerId>& id) {
    return id ? id->value() : -1;
}

std::optional<BrokerId> optional_id(std::int32_t id) {
    if (id < 0)
        return {};
    return BrokerId(id);
}

// The integer under `key`, if it is there and fits.
std::optional<std::int32_t> get_int(const nlohmann::json& json, const char* key) {
    if (!json.is_object() || !json.contains(key) || !json[key].is_number_integer())
        return {};
    const auto value = json[key].get<std::int64_t>();
    if (value < INT32_MIN || value > INT32_MAX)
        return {};
    return static_cast<std::int32_t>(value);
}

}  // namespace

std::string format_quorum_state(const QuorumState& state) {
    std::string voters;
    for (const BrokerId voter : state.voters) {
        if (!voters.empty())
            voters += ',';
        fmt::format_to(std::back_inserter(voters), "{{\"voterId\":{}}}", voter.value());
    }
    // Cluster id and applied offset are fields that Kafka keeps but never fills.
    return fmt::format(
        "{{\"clusterId\":\"\",\"leaderId\":{},\"leaderEpoch\":{},\"votedId\":{},"
        "\"appliedOffset\":0,\"currentVoters\":[{}],\"data_version\":0}}",
        id_or_none(state.leader), state.epoch.value(), id_or_none(state.voted), voters);
}

Stored<Done> write_quorum_state(Disk& disk, const std::string& path, const QuorumState& state) {
    return write_file_atomically(disk, path, format_quorum_state(state));
}

Stored<std::optional<QuorumState>> read_quorum_state(Disk& disk, const std::string& path) {
    const auto content = read_file(disk, path);
    if (!content.ok()) {
        if (content.error().kind != StorageErrorKind::NotFound)
            return Err{content.error()};
        return std::optional<QuorumState>();
    }
    const auto corrupt = [&](const char* what) {
        return Err{StorageError{StorageErrorKind::Corrupt, path, what}};
    };
    const auto json = nlohmann::json::parse(*content, nullptr, false);
    if (get_int(json, "data_version") != 0)
        return corrupt("data_version is not 0");
    const auto leader = get_int(json, "leaderId");
    const auto epoch = get_int(json, "leaderEpoch");
    const auto voted = get_int(json, "votedId");
    if (!leader || !epoch || *epoch < 0 || !voted)
        return corrupt("a field is missing");
    QuorumState state{optional_id(*leader), LeaderEpoch(*epoch), optional_id(*voted), {}};
    if (!json.contains("currentVoters") || !json["currentVoters"].is_array()) {
        return corrupt("voters are missing");
    }
    for (const auto& voter : json["currentVoters"]) {
        const auto id = get_int(voter, "voterId");
        if (!id || *id < 0)
            return corrupt("a voter has no id");
        state.voters.emplace_back(*id);
    }
    return std::optional<QuorumState>(std::move(state));
}

}  // namespace bsim
