#include "sim/report/quorum_fold.h"

#include <algorithm>
#include <variant>

namespace bsim {
namespace {

bool is_metadata(const TopicPartition& p) {
    return p.topic == "__cluster_metadata";
}

bool votes(RaftRoleName role) {
    return role != RaftRoleName::Unattached && role != RaftRoleName::Observer;
}

}  // namespace

void QuorumFold::on(const Event& event) {
    const auto node = event.n.kafka_id();
    if (!node)
        return;
    std::visit([&](const auto& body) { apply(*node, event.t, body); }, event.body);
}

void QuorumFold::elected(BrokerId node, LeaderEpoch epoch) {
    leader_ = node;
    leader_epoch_ = epoch;
    hw_.reset();
    for (auto& [id, replica] : replicas_) {
        replica.last_fetch.reset();
        replica.last_caught_up.reset();
    }
}

void QuorumFold::fetched(BrokerId node, SimTime now) {
    if (!leader_ || node == *leader_)
        return;
    QuorumReplica& replica = replicas_[node];
    replica.last_fetch = now;
    if (replica.leo >= replicas_[*leader_].leo)
        replica.last_caught_up = now;
}

void QuorumFold::apply(BrokerId node, SimTime now, const RaftRole& e) {
    replicas_[node];
    highest_epoch_ = std::max(highest_epoch_, e.epoch);
    if (votes(e.role))
        voting_.insert(node);
    if (e.role == RaftRoleName::Leader) {
        if (!leader_ || e.epoch > leader_epoch_)
            elected(node, e.epoch);
        return;
    }
    if (leader_ == node)
        leader_.reset();
    // Who has just learned of the leader fetches from it.
    if (leader_ && e.leader == leader_ && e.epoch == leader_epoch_)
        fetched(node, now);
}

void QuorumFold::apply(BrokerId node, SimTime, const NodeStopped&) {
    if (leader_ == node)
        leader_.reset();
}

void QuorumFold::apply(BrokerId node, SimTime, const RaftHw& e) {
    if (!leader_ || (leader_ == node && e.epoch == leader_epoch_))
        hw_ = e.hw;
}

void QuorumFold::apply(BrokerId node, SimTime now, const LogAppended& e) {
    if (!is_metadata(e.p))
        return;
    replicas_[node].leo = Offset(e.last.value() + 1);
    fetched(node, now);
}

void QuorumFold::apply(BrokerId node, SimTime, const LogTruncated& e) {
    if (is_metadata(e.p))
        replicas_[node].leo = e.to;
}

void QuorumFold::apply(BrokerId node, SimTime, const LogRecovered& e) {
    if (is_metadata(e.p))
        replicas_[node].leo = e.leo;
}

}  // namespace bsim
