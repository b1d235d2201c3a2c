#pragma once
// A broker's way to the active controller for one purpose: carries out the effects of a
// ControllerChannel on a connection of its own.

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "sim/node/cluster_identity.h"
#include "sim/node/rpc_client.h"
#include "sim/protocol/lifecycle/controller_channel.h"

namespace bsim {

class ControllerLink {
  public:
    // The answer, or nothing if the request was given up.
    using Done = std::function<void(std::optional<wire::ResponseBody>)>;

    struct Parts {
        Process& process;
        std::string client_id;
        AddressOf address_of;
        std::function<std::optional<BrokerId>()> raft_leader;
        ConnectionSetup setup = {};
    };
    ControllerLink(const Parts& parts, const lifecycle::ChannelConfig& config);

    // First; looks for the controller.
    void start();
    void send(wire::RequestBody body, Done done);

  private:
    struct Item {
        wire::RequestBody body;
        Done done;
        EventNumber cause;
        std::optional<wire::ResponseBody> answer;
    };

    void step(const lifecycle::ChannelInput& input);
    void run_effect(const lifecycle::SendToController& effect);
    void run_effect(const lifecycle::CloseConnection& effect);
    void run_effect(const lifecycle::CompleteRequest& effect);
    void run_effect(const lifecycle::ExpireRequest& effect);
    void run_effect(const lifecycle::ArmChannelTimer& effect);
    void finish(lifecycle::ChannelRequestId id, bool answered);

    Process& process_;
    AddressOf address_of_;
    std::function<std::optional<BrokerId>()> raft_leader_;
    lifecycle::ControllerChannel channel_;
    RpcClient client_;
    Alarm alarm_;
    std::map<lifecycle::ChannelRequestId, Item> items_;
    std::uint64_t next_ = 1;
    // The first is being carried out; whoever is told of an answer may bring the next.
    std::deque<lifecycle::ChannelInput> inputs_;
};

}  // namespace bsim
