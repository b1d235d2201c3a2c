#pragma once
// One member of a group, as its coordinator knows it. Source: MemberMetadata.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/strong.h"
#include "sim/base/uuid.h"
#include "sim/protocol/group/deadlines.h"

namespace bsim::group {

using Bytes = std::vector<std::uint8_t>;
// The shell's name for a request that waits for its reply.
using RequestToken = Strong<struct GroupRequestTokenTag, std::uint64_t>;

// Who gets an answer, and in which version it was asked.
struct Caller {
    RequestToken token;
    std::int16_t version = 0;

    bool operator==(const Caller&) const = default;
};

// An assignor that a member can work with, and what the member tells it.
struct Protocol {
    std::string name;
    Bytes metadata;

    bool operator==(const Protocol&) const = default;
};

struct Member {
    std::string id{};
    std::optional<std::string> instance{};  // of a static member
    std::string client_id{};
    std::string client_host{};
    std::int32_t rebalance_timeout_ms = 0;
    std::int32_t session_timeout_ms = 0;
    std::string protocol_type{};
    std::vector<Protocol> protocols{};  // the one it likes best first
    Bytes assignment{};
    std::optional<Caller> awaiting_join{};
    std::optional<Caller> awaiting_sync{};
    // Waits for its first generation: it knows no member id yet and cannot send heartbeats.
    bool is_new = false;
    std::optional<Deadlines::Handle> heartbeat{};
    std::uint64_t serial = 0;  // order of arrival in the group

    // Whoever waits for a rebalance need not send heartbeats.
    bool excused() const { return !is_new && (awaiting_join || awaiting_sync); }
    // Requires that the member supports it.
    const Bytes& metadata(const std::string& protocol) const;
    // The first of its protocols that is among the candidates; requires that there is one.
    const std::string& vote(const std::set<std::string>& candidates) const;
};

// `clientId-uuid`, or `instanceId-uuid` of a static member; the uuid as java.util.UUID prints it.
std::string new_member_id(const std::string& client_id,
                          const std::optional<std::string>& instance,
                          const Uuid& drawn);

}  // namespace bsim::group
