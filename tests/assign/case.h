#pragma once
// A case of the recorded assignments (tests/data/classes/assignors.jsonl): one JSON object with an
// assignor's name, members in the order in which they were put into their map, and topics; and what
// the real class answered: `output`, for a map that keeps that order, and
// `output_if_hashmap_differs` (null if it does not), for a HashMap; or `error`.

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "sim/protocol/rules/assignors/assignor.h"

namespace bsim::group::testing {

using Json = nlohmann::ordered_json;

struct Case {
    AssignorKind assignor = AssignorKind::Range;
    std::vector<GroupMember> members;
    TopicLayouts topics;
};

// nullopt for a case of a server's assignor. Throws where the JSON has another form.
std::optional<Case> read_case(const Json& line);

// The line with our answers in the place of the recorded ones.
Json answered(const Json& line, const Case& read);

std::vector<std::uint8_t> from_hex(const std::string& hex);

}  // namespace bsim::group::testing
