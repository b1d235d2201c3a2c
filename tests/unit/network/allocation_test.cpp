// Counts what the network allocates for a message: nothing, once its queues have been as long as
// they get.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sim/base/check.h"
#include "sim/kernel/scheduler.h"
#include "sim/network/fabric.h"
#include "sim/network/network.h"
#include "sim/network/topology.h"
#include "tests/allocations/allocations.h"

namespace bsim {
namespace {

constexpr Port kPort = 9092;
constexpr SimTime kForever{INT64_MAX};

LinkSpec lossy_link() {
    LinkSpec spec;
    spec.latency = LognormalDist{microseconds(400), milliseconds(3)};
    spec.bits_per_second = 10'000'000'000;
    spec.loss = IndependentLoss{Ratio{1, 1000}};
    return spec;
}

// Sends back what comes, in the frame in which it came.
class Echo final : public SocketOwner {
  public:
    Echo(Network& network, HostId host) : network_(network), host_(host) {
        network.attach(host, *this, life_);
        life_.start();
        network.listen({host, kPort});
    }
    HostId host() const { return host_; }
    int received() const { return received_; }

    void on_connected(ConnectionId connection) override {
        for (int i = 0; i < 8; ++i) {
            auto frame = std::make_unique<Frame>();
            frame->bytes = 200;
            network_.send(connection, std::move(frame));
        }
    }
    void on_accepted(ConnectionId, Port) override {}
    void on_frame(ConnectionId connection, std::unique_ptr<Frame> frame) override {
        ++received_;
        network_.send(connection, std::move(frame));
    }
    void on_refused(ConnectionId) override { BSIM_CHECK(false); }
    void on_closed(ConnectionId, CloseReason, EventNumber) override { BSIM_CHECK(false); }

  private:
    Network& network_;
    HostId host_;
    Lifeline life_;
    int received_ = 0;
};

TEST(Allocations, TheNetworkMakesNoneForAMessage) {
    Scheduler scheduler;
    const Rng rng{7, 0};
    Topology topology;
    Fabric fabric(topology, lossy_link());
    Network network(scheduler, rng, topology);
    std::vector<std::unique_ptr<Echo>> hosts;
    for (int i = 0; i < 8; ++i) {
        const HostId host = fabric.add_host("host-" + std::to_string(i), "");
        hosts.push_back(std::make_unique<Echo>(network, host));
    }
    for (const auto& from : hosts) {
        for (const auto& to : hosts) {
            if (from->host() < to->host())
                network.connect(from->host(), {to->host(), kPort});
        }
    }
    const auto run = [&](int events) {
        for (int i = 0; i < events; ++i)
            BSIM_CHECK(scheduler.step(kForever));
    };
    run(1'000'000);
    const std::uint64_t before = allocations();
    const int received = hosts.front()->received();
    run(200'000);
    EXPECT_EQ(allocations(), before);
    EXPECT_GT(hosts.front()->received(), received + 1000);
}

}  // namespace
}  // namespace bsim
