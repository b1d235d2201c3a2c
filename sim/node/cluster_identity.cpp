#include "sim/node/cluster_identity.h"

#include "sim/node/api_versions.h"

namespace bsim {

kraft::WireIdentity ClusterIdentity::quorum() const {
    kraft::WireIdentity identity{cluster_id, "CONTROLLER", {}};
    for (const auto& [voter, host] : voters)
        identity.voters[voter] = {host, kControllerPort};
    return identity;
}

}  // namespace bsim
