#include "sim/node/server_node.h"

#include <utility>

#include "sim/node/api_versions.h"
#include "sim/node/format.h"
#include "sim/node/must.h"
#include "sim/node/server_life.h"
#include "sim/node/wall_clock.h"
#include "sim/storage/remove_tree.h"

namespace bsim {
namespace {

NodeName name_of(const NodeSettings& settings) {
    return settings.roles.broker ? NodeName::broker(settings.id)
                                 : NodeName::controller(settings.id);
}

}  // namespace

ServerNode::ServerNode(const NodeEnv& env,
                       HostId host,
                       const NodeSettings& settings,
                       const ClusterIdentity& cluster,
                       AnnouncedMetadata& announced)
    : Process(env, name_of(settings), host),
      settings_(settings),
      cluster_(cluster),
      announced_(announced),
      directory_id_(env.rng.stream("uuid/" + name().text() + "/directory").uuid()),
      disk_(must(
          NodeDisk::open(settings.directory, env.rng.stream("disk/" + name().text() + "/fsync")))),
      startup_draws_(env.rng.stream("startup/" + name().text())) {}

ServerNode::~ServerNode() = default;

std::optional<LeaderEpoch> ServerNode::active_epoch() const {
    ControllerLife* controller = life_ == nullptr ? nullptr : life_->controller();
    return controller == nullptr ? std::nullopt : controller->active_epoch();
}

const MetadataImage* ServerNode::committed() const {
    ControllerLife* controller = life_ == nullptr ? nullptr : life_->controller();
    return controller == nullptr ? nullptr : &controller->committed_image();
}

bool ServerNode::serving() const {
    return life_ != nullptr && life_->broker() != nullptr && life_->broker()->serving();
}

const std::map<TopicIdPartition, Replica>* ServerNode::replicas() const {
    BrokerLife* broker = life_ == nullptr ? nullptr : life_->broker();
    return broker == nullptr ? nullptr : &broker->replicas();
}

const MetadataImage* ServerNode::image() const {
    BrokerLife* broker = life_ == nullptr ? nullptr : life_->broker();
    return broker == nullptr ? nullptr : &broker->image();
}

void ServerNode::wipe() {
    BSIM_CHECK(!alive());
    must(remove_contents(disk_->disk(), ""));
    must(disk_->disk().sync_dir(""));
    static_cast<void>(disk_->settle(now()));
    ++wipes_;
    directory_id_ =
        env().rng.stream("uuid/" + name().text() + "/directory-" + std::to_string(wipes_)).uuid();
}

void ServerNode::boot() {
    const SimDuration startup = LatencySampler(settings_.startup).sample(startup_draws_);
    after(startup, [this] {
        format_directory(*disk_, {settings_.id, directory_id_, cluster_.cluster_id},
                         wall_clock(now()));
        life_ = std::make_unique<ServerLife>(*this, announced_);
        life_->start();
    });
}

void ServerNode::halt() {
    life_.reset();
}

void ServerNode::begin_shutdown() {
    if (life_ == nullptr)
        return exit_gracefully();
    life_->begin_shutdown();
}

ConnectionUser* ServerNode::server(Port port) {
    if (life_ == nullptr)
        return nullptr;
    if (port == kControllerPort)
        return life_->controller() == nullptr ? nullptr : &life_->controller()->server();
    return life_->broker() == nullptr ? nullptr : &life_->broker()->server();
}

bool ServerNode::close_files() {
    return life_ != nullptr && life_->close_files();
}

}  // namespace bsim
