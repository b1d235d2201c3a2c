#include "sim/node/server_life.h"

namespace bsim {
namespace {

kraft::RaftConfig raft_config(const ServerNode& node) {
    const BrokerConfig& from = node.settings().config;
    kraft::RaftConfig config;
    config.id = node.id();
    config.directory = node.directory_id();
    for (const auto& [voter, host] : node.cluster().voters)
        config.voters.push_back(voter);
    config.election_timeout = from.controller_quorum_election_timeout;
    config.fetch_timeout = from.controller_quorum_fetch_timeout;
    config.election_backoff_max = from.controller_quorum_election_backoff_max;
    config.append_linger = from.controller_quorum_append_linger;
    config.request_timeout = from.controller_quorum_request_timeout;
    config.retry_backoff = from.controller_quorum_retry_backoff;
    config.always_flush = config.is_voter();
    return config;
}

}  // namespace

ServerLife::ServerLife(ServerNode& node, AnnouncedMetadata& announced)
    : node_(node),
      log_(node, node.disk(), node.settings().config),
      raft_({node, node.disk(), log_, node.cluster()}, raft_config(node)) {
    if (node.settings().roles.controller) {
        controller_ =
            std::make_unique<ControllerLife>(ControllerLife::Parts{node, log_, raft_, announced});
        raft_.add_listener(*controller_);
    }
    if (node.settings().roles.broker) {
        broker_ = std::make_unique<BrokerLife>(node, raft_, [this] { leave_quorum(); });
        raft_.add_listener(*broker_);
    }
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
        node_.disk().when_done(node_, node_.disk().settle(node_.now()), [this] { node_.exit(); });
    });
}

void ServerLife::close_files() {
    if (closed_)
        return;
    closed_ = true;
    if (broker_)
        broker_->close_files();
    log_.close();
}

}  // namespace bsim
