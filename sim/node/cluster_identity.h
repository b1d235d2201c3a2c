#pragma once
// What every server is told of its cluster before it starts, and what the simulator keeps of it
// over all lives.

#include <functional>
#include <map>
#include <string>

#include "sim/model/ids.h"
#include "sim/network/ids.h"
#include "sim/protocol/kraft/wire_messages.h"

namespace bsim {

using AddressOf = std::function<Address(BrokerId)>;

struct ClusterIdentity {
    std::string cluster_id;
    std::map<BrokerId, std::string> voters;  // host names: controller.quorum.bootstrap.servers
    AddressOf broker_address;                // the listener for clients and other brokers
    AddressOf controller_address;

    kraft::WireIdentity quorum() const;
};

// How far the trace was told of committed metadata, by whichever controller led. Should controllers
// break the protocol and commit something else at an offset that was told before, then its records
// bear a newer epoch, and the trace is told again.
struct AnnouncedMetadata {
    Offset end;
    LeaderEpoch epoch;

    bool is_news(Offset base, LeaderEpoch batch_epoch) const {
        return base >= end || batch_epoch > epoch;
    }
};

}  // namespace bsim
