#include "sim/node/server_node.h"

#include <utility>

#include "sim/node/api_versions.h"
#include "sim/node/format.h"
#include "sim/node/must.h"
#include "sim/node/server_life.h"

namespace bsim {
namespace {

NodeName name_of(const NodeSettings& settings) {
    return settings.roles.broker ? NodeName::broker(settings.id)
                                 : NodeName::controller(settings.id);
}

// From SIGTERM to the first act of the server's own shutdown: the JVM starts a thread for the hook,
// which runs code that never ran before.
constexpr LognormalDist kShutdownHooks{milliseconds(15), milliseconds(60)};

}  // namespace

ServerThreads server_threads(const BrokerConfig& config) {
    return {config.num_network_threads, config.num_io_threads, config.queued_max_requests};
}

ServerNode::ServerNode(const NodeEnv& env,
                       HostId host,
                       const NodeSettings& settings,
                       const ClusterIdentity& cluster,
                       AnnouncedMetadata& announced)
    : Process(env, name_of(settings), host),
      settings_(settings),
      cluster_(cluster),
      announced_(announced),
      log_dirs_(must(LogDirs::open({env.scheduler, env.rng, name().text(), settings.directory,
                                    settings.hardware.disk, settings.max_open_files}))),
      startup_draws_(env.rng.stream("startup/" + name().text())),
      shutdown_draws_(env.rng.stream("shutdown/" + name().text())) {
    set_cpu(Cpu(settings.hardware.cpu, env.rng.stream("cpu/" + name().text())));
    set_wall(WallClock(settings.hardware.clock));
}

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

const Replicas* ServerNode::replicas() const {
    BrokerLife* broker = life_ == nullptr ? nullptr : life_->broker();
    return broker == nullptr ? nullptr : &broker->replicas();
}

const MetadataImage* ServerNode::image() const {
    BrokerLife* broker = life_ == nullptr ? nullptr : life_->broker();
    return broker == nullptr ? nullptr : &broker->image();
}

void ServerNode::wipe() {
    BSIM_CHECK(!alive());
    log_dirs_->wipe(now());
}

void ServerNode::boot() {
    const SimDuration startup = LatencySampler(settings_.startup).sample(startup_draws_);
    after(startup, [this] {
        format_log_dirs(*log_dirs_, settings_.id, cluster_.cluster_id, wall_now());
        life_ = std::make_unique<ServerLife>(*this, announced_);
        life_->start();
    });
}

void ServerNode::halt() {
    life_.reset();
    log_dirs_->process_ended();
}

void ServerNode::power_lost() {
    log_dirs_->lose_power(now());
}

// The JVM hands the signal to a thread of its own, which starts the shutdown hooks.
void ServerNode::begin_shutdown() {
    static const LatencySampler hooks(kShutdownHooks);
    after(hooks.sample(shutdown_draws_), [this] {
        if (life_ == nullptr)
            return exit_gracefully();
        life_->begin_shutdown();
    });
}

ConnectionUser* ServerNode::server(Port port) {
    if (life_ == nullptr)
        return nullptr;
    if (port == kControllerPort)
        return life_->controller() == nullptr ? nullptr : &life_->controller()->server();
    return life_->broker() == nullptr ? nullptr : &life_->broker()->server();
}

bool ServerNode::close_files() {
    try {
        return life_ != nullptr && life_->close_files();
    } catch (const DiskFailed&) {
        return false;
    }
}

}  // namespace bsim
