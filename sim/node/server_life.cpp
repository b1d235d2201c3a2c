#include "sim/node/server_life.h"

namespace bsim {
namespace {

kraft::RaftConfig raft_config(const ServerNode& node) {
    const BrokerConfig& from = node.settings().config;
    kraft::RaftConfig config;
    config.id = node.id();
    config.directory = node.log_dirs().id(0);
    for (const auto& [voter, host] : node.cluster().voters)
        config.voters.push_back(voter);
    config.election_timeout = from.controller_quorum_election_timeout;
    config.fetch_timeout = from.controller_quorum_fetch_timeout;
    config.election_backoff_max = from.controller_quorum_election_backoff_max;
    config.append_linger = from.controller_quorum_append_linger;
    config.request_timeout = from.controller_quorum_request_timeout;
    config.retry_backoff = from.controller_quorum_retry_backoff;
    config.always_flush = config.is_voter();
    const Switches& switches = node.settings().switches;
    config.pre_vote = switches.pre_vote;
    config.leader_resign_on_no_fetch = switches.leader_resign_on_no_fetch;
    config.commit_own_epoch_only = switches.commit_own_epoch_only;
    config.persist_vote = switches.persist_vote;
    config.retention_bytes = from.metadata_max_retention_bytes;
    config.retention = from.metadata_max_retention;
    return config;
}

}  // namespace

ServerLife::ServerLife(ServerNode& node, AnnouncedMetadata& announced)
    : node_(node),
      log_(node, node.log_dirs().metadata_dir(), node.settings().config),
      raft_({node, node.log_dirs().metadata_dir(), log_, node.cluster(),
             ConnectionSetup::of(node.settings().config)},
            raft_config(node)),
      controller_(make_controller({node, log_, raft_, announced})),
      broker_(make_broker(node)),
      snapshots_({node, log_, raft_, [this]() -> const MetadataImage& { return image(); }},
                 node.settings().config) {
    if (broker_)
        broker_->keep_snapshots(snapshots_);
    else
        controller_->keep_snapshots(snapshots_);
}

// The roles hear of the log in this order.
std::unique_ptr<ControllerLife> ServerLife::make_controller(const ControllerLife::Parts& parts) {
    if (!parts.node.settings().roles.controller)
        return nullptr;
    auto controller = std::make_unique<ControllerLife>(parts);
    raft_.add_listener(*controller);
    return controller;
}

std::unique_ptr<BrokerLife> ServerLife::make_broker(ServerNode& node) {
    if (!node.settings().roles.broker)
        return nullptr;
    auto broker = std::make_unique<BrokerLife>(node, raft_, [this] { leave_quorum(); });
    raft_.add_listener(*broker);
    return broker;
}

const MetadataImage& ServerLife::image() const {
    return broker_ ? broker_->image() : controller_->committed_image();
}

void ServerLife::start() {
    if (controller_)
        controller_->start();
    raft_.start();
    if (broker_)
        broker_->start();
}

void ServerLife::begin_shutdown() {
    if (broker_)
        return broker_->begin_shutdown();
    leave_quorum();
}

// The last part of a graceful stop: a leader resigns, then the log is closed. First the thread that
// expires what waits in purgatory is stopped, which sleeps for 200 ms at a time and is not woken
// (TimingWheelExpirationService, KafkaRaftManager.shutdown).
void ServerLife::leave_quorum() {
    RngStream reaper = node_.env().rng.stream("shutdown/" + node_.name().text() + "/reaper-" +
                                              std::to_string(node_.life().incarnation()));
    const SimDuration asleep(reaper.between(0, milliseconds(200).ns()));
    node_.after(asleep, [this] { resign(); });
}

void ServerLife::resign() {
    raft_.shut_down([this] {
        raft_.stop();
        close_files();
        LogDirs& dirs = node_.log_dirs();
        dirs.when_done(node_, dirs.settle(node_.now()), [this] { node_.exit(); });
    });
}

bool ServerLife::close_files() {
    const bool loaded = broker_ == nullptr || broker_->close_files();
    if (!closed_)
        log_.close();
    closed_ = true;
    return loaded;
}

}  // namespace bsim
