#pragma once
// `brokersim quorum describe`: the metadata quorum as kafka-metadata-quorum.sh would have shown it
// at a moment of a stored run, to the byte but for what quorum_fold.h says of copies and fetches.
// While nobody leads the real tool waits and gives up; here the leader is then -1, and so is every
// lag. Timestamps are those of a clock that goes right.
// Source: MetadataQuorumCommand, ToolsUtils.prettyPrintTable, LeaderState (3.9).

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "sim/report/cluster_at.h"

namespace bsim {

std::string quorum_status(const ClusterAt& cluster);
// Fetches as so many milliseconds ago, if asked for.
std::string quorum_replication(const ClusterAt& cluster, bool human_readable);
// Both in one object.
nlohmann::ordered_json quorum_json(const ClusterAt& cluster);

}  // namespace bsim
