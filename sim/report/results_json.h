#pragma once
// Parts of results.json that other files have, too.

#include <nlohmann/json_fwd.hpp>

#include "sim/check/cluster_view.h"

namespace bsim {

nlohmann::ordered_json partitions_json(const ClusterView& view);
nlohmann::ordered_json groups_json(const ClusterView& view);

}  // namespace bsim
