#include "sim/node/broker_node.h"

#include <utility>

#include "sim/node/broker_life.h"
#include "sim/node/format.h"
#include "sim/node/must.h"
#include "sim/node/wall_clock.h"

namespace bsim {

BrokerNode::BrokerNode(const NodeEnv& env,
                       HostId host,
                       const NodeSettings& settings,
                       const ClusterIdentity& cluster)
    : Process(env, NodeName::broker(settings.id), host),
      settings_(settings),
      cluster_(cluster),
      directory_id_(env.rng.stream("uuid/" + name().text() + "/directory").uuid()),
      disk_(must(
          NodeDisk::open(settings.directory, env.rng.stream("disk/" + name().text() + "/fsync")))),
      startup_draws_(env.rng.stream("startup/" + name().text())) {}

BrokerNode::~BrokerNode() = default;

bool BrokerNode::serving() const {
    return life_ != nullptr && life_->serving();
}

const std::map<TopicIdPartition, Replica>* BrokerNode::replicas() const {
    return life_ == nullptr ? nullptr : &life_->replicas();
}

const MetadataImage* BrokerNode::image() const {
    return life_ == nullptr ? nullptr : &life_->image();
}

void BrokerNode::boot() {
    const SimDuration startup = LatencySampler(settings_.startup).sample(startup_draws_);
    after(startup, [this] {
        format_directory(*disk_, {settings_.id, directory_id_, cluster_.cluster_id},
                         wall_clock(now()));
        life_ = std::make_unique<BrokerLife>(*this);
        life_->start();
    });
}

void BrokerNode::halt() {
    life_.reset();
}

void BrokerNode::begin_shutdown() {
    if (life_ == nullptr)
        return exit_gracefully();
    life_->begin_shutdown();
}

ConnectionUser* BrokerNode::server() {
    return life_ == nullptr ? nullptr : &life_->server();
}

void BrokerNode::close_files() {
    if (life_ != nullptr)
        life_->close_files();
}

}  // namespace bsim
