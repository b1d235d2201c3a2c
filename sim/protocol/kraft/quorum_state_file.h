#pragma once
// The text of the file `quorum-state`, one line of JSON without a newline at its end, version 0
// (kraft.version 0):
//   {"clusterId":"","leaderId":101,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,
//    "currentVoters":[{"voterId":101}],"data_version":0}
// -1 stands for none. The vote's directory is not kept by this version. Who writes it does so to
// `quorum-state.tmp`, fsyncs, and renames.
// Source: FileQuorumStateStore, QuorumStateData.json.

#include <string>
#include <string_view>
#include <vector>

#include "sim/base/result.h"
#include "sim/protocol/kraft/types.h"

namespace bsim::kraft {

std::string format_quorum_state(const ElectionState& state, const std::vector<BrokerId>& voters);

// Reads versions 0 and 1. The error says what is wrong.
Result<ElectionState, std::string> parse_quorum_state(std::string_view text);

}  // namespace bsim::kraft
