#pragma once
// What replication must know of the other brokers: read-only facts that the shell answers from the
// metadata which this broker has applied so far (KRaft image, or UpdateMetadata in ZooKeeper mode).
// Promised by an implementation: the answers do not change during one step.
// Source: KRaftMetadataCache, ZkMetadataCache.

#include <optional>

#include "sim/model/ids.h"

namespace bsim::replication {

struct BrokerStatus {
    BrokerEpoch epoch;
    bool fenced = false;
    bool in_controlled_shutdown = false;
};

class ClusterView {
  public:
    ClusterView() = default;
    virtual ~ClusterView() = default;

    // The registration of a broker, fenced or not; in ZooKeeper mode only of one that is alive.
    virtual std::optional<BrokerStatus> broker(BrokerId id) const = 0;

    // The epoch under which this very broker is registered; nullopt before it is, and always in
    // ZooKeeper mode.
    virtual std::optional<BrokerEpoch> own_epoch() const = 0;

    // False in ZooKeeper mode: there liveness alone decides, and proposals carry no broker epochs.
    virtual bool has_broker_epochs() const = 0;

  protected:
    ClusterView(const ClusterView&) = default;
    ClusterView& operator=(const ClusterView&) = default;
};

}  // namespace bsim::replication
