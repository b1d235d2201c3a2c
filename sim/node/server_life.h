#pragma once
// One life of a server process: what is lost when it ends. Owns the copy of the metadata log and
// the Raft node that both roles share. As in Kafka the controller starts first and ends last.

#include <memory>

#include "sim/node/broker_life.h"
#include "sim/node/controller_life.h"
#include "sim/node/server_node.h"
#include "sim/node/snapshot_keeper.h"

namespace bsim {

class ServerLife {
  public:
    ServerLife(ServerNode& node, AnnouncedMetadata& announced);

    void start();
    void begin_shutdown();
    // False if the broker had not loaded its logs yet.
    bool close_files();

    // Null without the role.
    ControllerLife* controller() { return controller_.get(); }
    BrokerLife* broker() { return broker_.get(); }

  private:
    std::unique_ptr<ControllerLife> make_controller(const ControllerLife::Parts& parts);
    std::unique_ptr<BrokerLife> make_broker(ServerNode& node);
    const MetadataImage& image() const;
    void leave_quorum();

    ServerNode& node_;
    MetadataLog log_;
    RaftShell raft_;
    std::unique_ptr<ControllerLife> controller_;
    std::unique_ptr<BrokerLife> broker_;
    SnapshotKeeper snapshots_;
    bool closed_ = false;
};

}  // namespace bsim
