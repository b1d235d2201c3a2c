#include "sim/node/controller_node.h"

#include <utility>

#include "sim/node/api_versions.h"
#include "sim/node/controller_life.h"
#include "sim/node/format.h"
#include "sim/node/must.h"
#include "sim/node/wall_clock.h"

namespace bsim {

kraft::WireIdentity ClusterIdentity::quorum() const {
    kraft::WireIdentity identity{cluster_id, "CONTROLLER", {}};
    for (const BrokerId voter : voters) {
        identity.voters[voter] = {NodeName::controller(voter).text(), kControllerPort};
    }
    return identity;
}

kraft::RaftConfig raft_config(const NodeSettings& settings,
                              const ClusterIdentity& cluster,
                              const Uuid& directory_id) {
    const BrokerConfig& from = settings.config;
    kraft::RaftConfig config;
    config.id = settings.id;
    config.directory = directory_id;
    config.voters = cluster.voters;
    config.election_timeout = from.controller_quorum_election_timeout;
    config.fetch_timeout = from.controller_quorum_fetch_timeout;
    config.election_backoff_max = from.controller_quorum_election_backoff_max;
    config.append_linger = from.controller_quorum_append_linger;
    config.request_timeout = from.controller_quorum_request_timeout;
    config.retry_backoff = from.controller_quorum_retry_backoff;
    config.always_flush = config.is_voter();
    return config;
}

controller::ControllerConfig controller_config(const BrokerConfig& config,
                                               const std::string& cluster_id) {
    controller::ControllerConfig out;
    out.cluster_id = cluster_id;
    out.session_timeout = config.broker_session_timeout;
    out.max_idle_interval = config.metadata_max_idle_interval;
    if (config.metadata_max_idle_interval <= SimDuration(0))
        out.max_idle_interval.reset();
    out.imbalance_check_interval = config.leader_imbalance_check_interval;
    if (!config.auto_leader_rebalance_enable)
        out.imbalance_check_interval.reset();
    out.unclean_check_interval = config.unclean_leader_election_interval;
    out.default_replication_factor = static_cast<std::int16_t>(config.default_replication_factor);
    out.num_partitions = config.num_partitions;
    out.unclean_leader_election = config.log.unclean_leader_election_enable;
    return out;
}

ControllerNode::ControllerNode(const NodeEnv& env,
                               HostId host,
                               const NodeSettings& settings,
                               const ClusterIdentity& cluster)
    : Process(env, NodeName::controller(settings.id), host),
      settings_(settings),
      cluster_(cluster),
      directory_id_(env.rng.stream("uuid/" + name().text() + "/directory").uuid()),
      disk_(must(
          NodeDisk::open(settings.directory, env.rng.stream("disk/" + name().text() + "/fsync")))),
      startup_draws_(env.rng.stream("startup/" + name().text())) {}

ControllerNode::~ControllerNode() = default;

bool ControllerNode::is_active() const {
    return life_ != nullptr && life_->is_active();
}

const MetadataImage* ControllerNode::image() const {
    return life_ == nullptr ? nullptr : &life_->committed_image();
}

void ControllerNode::boot() {
    const SimDuration startup = LatencySampler(settings_.startup).sample(startup_draws_);
    after(startup, [this] {
        format_directory(*disk_, {settings_.id, directory_id_, cluster_.cluster_id},
                         wall_clock(now()));
        life_ = std::make_unique<ControllerLife>(
            ControllerLife::Parts{*this, *disk_, settings_, cluster_, directory_id_, announced_});
        listen();
        life_->start();
    });
}

void ControllerNode::halt() {
    life_.reset();
}

void ControllerNode::begin_shutdown() {
    if (life_ == nullptr)
        return exit_gracefully();
    life_->shut_down([this] { exit_gracefully(); });
}

ConnectionUser* ControllerNode::server() {
    return life_ == nullptr ? nullptr : &life_->server();
}

void ControllerNode::close_files() {
    if (life_ != nullptr)
        life_->close_files();
}

}  // namespace bsim
