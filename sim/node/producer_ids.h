#pragma once
// Hands out producer ids from blocks that the controller allocates. A block is fetched when ids run
// short; until the first one is there, requests are answered COORDINATOR_LOAD_IN_PROGRESS and the
// client asks again. A fetch that failed is made again by the first client that comes 50 ms later.
// Source: RPCProducerIdManager, KIP-730.

#include <cstdint>
#include <functional>
#include <optional>

#include "sim/node/controller_link.h"

namespace bsim {

class ProducerIds {
  public:
    ProducerIds(Process& process,
                ControllerLink& controller,
                BrokerId self,
                std::function<std::optional<BrokerEpoch>()> own_epoch);

    wire::InitProducerIdResponse init(const wire::InitProducerIdRequest& request);

  private:
    struct Block {
        std::int64_t next = 0;
        std::int64_t end = 0;
        std::int64_t size = 0;
    };

    void request_block();

    Process& process_;
    ControllerLink& controller_;
    BrokerId self_;
    std::function<std::optional<BrokerEpoch>()> own_epoch_;
    Block current_;
    std::optional<Block> next_;
    bool requested_ = false;
    SimTime ask_again_at_;  // at the earliest, after a refusal
};

}  // namespace bsim
