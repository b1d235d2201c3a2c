#pragma once
// A broker's group coordinator: carries out what the pure one (protocol/group) decides. Requests go
// in and answers out; its records go through the replica manager like a producer's with acks=all;
// partitions are taken over and given up as the metadata says who leads them.
// Source: GroupCoordinator and its adapter; BrokerMetadataPublisher.updateCoordinator.

#include <deque>
#include <map>
#include <variant>

#include "sim/model/switches.h"
#include "sim/node/coordinator_finder.h"
#include "sim/node/group_loader.h"
#include "sim/node/replica_manager.h"
#include "sim/node/rpc_server.h"
#include "sim/protocol/group/group_coordinator.h"

namespace bsim {

class GroupShell {
  public:
    struct Parts {
        Process& process;
        LogDirs& dirs;
        RpcServer& server;
        ReplicaManager& replicas;
        ControllerLink& controller;  // for the topic's creation
        const MetadataImage& image;
        BrokerId self;
        const BrokerConfig& config;
        const Switches& switches;
    };
    explicit GroupShell(const Parts& parts);

    // With the first metadata that is published, before it is applied to the replicas.
    void start();
    // After the replicas.
    void apply(const MetadataDelta& delta);
    // Whoever waits is not answered any more.
    void stop();

    // False for a request that is not for a coordinator; `message` is as it was.
    bool serve(const RequestRef& request, wire::Request& message);

    const group::GroupCoordinator& coordinator() const { return coordinator_; }

  private:
    struct Asked {
        RequestRef request;
        // Answers that were ready before the coordinator saw the rest.
        std::variant<std::monostate, wire::OffsetCommitResponse, wire::OffsetDeleteResponse> known;
    };

    template <class Body>
    bool serve_as(const RequestRef& request, wire::Request& message);
    void ask(Asked asked, wire::Request& message, group::GroupRequest body);
    void resign_deleted(const MetadataDelta& delta);
    void update_leadership(const MetadataDelta& delta);
    void drop_deleted_topics(const MetadataDelta& delta);

    void input(group::CoordinatorInput in, ReplicaManager::InternalWriter writer);
    void run_effect(group::Reply& effect);
    void run_effect(const group::Append& effect);
    void run_effect(const group::AppendTombstones& effect);
    void run_effect(const group::ReadPartition& effect);
    void run_effect(const group::ArmTimer& effect);
    void run_effect(const group::StateChanged& effect);
    void run_effect(const group::MemberAdmitted& effect);
    void run_effect(const group::MemberRemoved& effect);
    void run_effect(group::RebalanceBegan& effect);
    void run_effect(group::RebalanceEnded& effect);
    void run_effect(const group::OffsetInForce& effect);
    void run_effect(const group::OffsetGone& effect);
    void run_effect(const group::GroupHandedOver& effect);

    Parts parts_;
    group::GroupCoordinator coordinator_;
    CoordinatorFinder finder_;
    GroupLoader loader_;
    Alarm alarm_;
    RngStream member_ids_;
    std::int32_t partitions_;
    std::map<group::RequestToken, Asked> asked_;
    std::uint64_t next_request_ = 1;
    // The first is being carried out; the log may answer at once and bring the next.
    std::deque<group::CoordinatorInput> inputs_;
    group::CoordinatorEffects effects_;
    bool running_ = false;
    bool started_ = false;
    bool stopped_ = false;  // nothing is taken in any more
};

}  // namespace bsim
