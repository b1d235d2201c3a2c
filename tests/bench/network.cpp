// Messages through the whole simulated network under PHOLD: a process on each host answers every
// request that arrives by sending another one to a peer of its choice. On the way: a connection,
// message rules, cuts, disturbances of packets, the draw of a latency, a limit of bandwidth, and
// loss if asked for; what arrives is looked at. Nothing is traced.
//
//     network LABEL NODES PER_NODE MESSAGES [LOSS]
//
// prints "label,nodes,per_node,loss,delivered,events,allocations,cpu_seconds,messages_per_second,
// hash". LOSS is a probability per packet, 0 unless given; above 0.05 some connection
// might never open. Up to 64 hosts all have connections with each other, more of them each
// with the 62 nearest in a ring: a greater network, not a denser one. The hash covers the order of
// deliveries, which depends on the arguments alone.
//
// Connections are opened, and a tenth of the messages delivered, before the time is taken.
// Allocations are those during that time, the processes' own included: they make none, since each
// sends its next request in the frame that came.

#include "sim/network/network.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "sim/base/check.h"
#include "sim/base/ratio.h"
#include "sim/kernel/scheduler.h"
#include "sim/network/fabric.h"
#include "sim/network/message_matcher.h"
#include "sim/network/topology.h"
#include "tests/allocations/allocations.h"
#include "tests/bench/measure.h"
#include "tests/bench/workload.h"

namespace bsim {
namespace {

constexpr SimTime kForever = SimTime(std::numeric_limits<std::int64_t>::max());
constexpr Port kPort = 9092;
constexpr std::uint64_t kReach = 31;  // peers to either side in the ring of hosts
constexpr std::uint64_t kMostNodes = 1U << 16U;

// As in most of the scenarios, and a network card of 10 Gbit/s.
LinkSpec link_spec(Ratio loss) {
    LinkSpec spec;
    spec.latency = LognormalDist{microseconds(400), milliseconds(3)};
    spec.bits_per_second = 10'000'000'000;
    spec.loss = IndependentLoss{loss};
    return spec;
}

class Phold;

// A host's process.
class Station final : public SocketOwner {
  public:
    Station(Phold& run, HostId host, std::uint64_t index);

    void connect_to(const Station& peer);
    void send(std::uint64_t r, std::unique_ptr<Frame> frame);

    void on_connected(ConnectionId connection) override { peers_.push_back(connection); }
    void on_accepted(ConnectionId connection, Port) override { peers_.push_back(connection); }
    void on_frame(ConnectionId connection, std::unique_ptr<Frame> frame) override;
    void on_refused(ConnectionId) override { BSIM_CHECK(false); }
    void on_closed(ConnectionId, CloseReason, EventNumber) override { BSIM_CHECK(false); }

  private:
    Phold& run_;
    HostId host_;
    std::uint64_t index_;
    Lifeline life_;
    std::vector<ConnectionId> peers_;
    std::int64_t received_ = 0;
};

class Phold {
  public:
    Phold(std::uint64_t nodes, Ratio loss)
        : fabric_(topology_, link_spec(loss)), network_(scheduler_, rng_, topology_) {
        for (std::uint64_t node = 0; node < nodes; ++node) {
            const HostId host = fabric_.add_host("host-" + std::to_string(node), "");
            stations_.push_back(std::make_unique<Station>(*this, host, node));
        }
        lay_rules();
        connect();
    }

    void start(std::uint64_t per_node) {
        for (std::uint64_t round = 0; round < per_node; ++round) {
            for (const auto& station : stations_)
                station->send(draws_.next(), std::make_unique<Frame>());
        }
    }
    void run(std::uint64_t deliveries) {
        while (delivered_ < deliveries && scheduler_.step(kForever)) {
        }
    }

    std::uint64_t delivered() const { return delivered_; }
    std::uint64_t events() const { return scheduler_.executed(); }
    std::uint64_t hash() const { return hash_.value(); }

  private:
    friend class Station;

    // All three are looked up for each message, and none of them strikes one.
    void lay_rules() {
        const HostId a = fabric_.add_host("spare-a", "");
        const HostId b = fabric_.add_host("spare-b", "");
        network_.add_rule(PartitionRule{{a}, {b}});
        network_.add_rule(PacketRule{"slow", {Ways{{a}, {b}}}, ExtraLatency{}});
        MessageRule hold;
        hold.name = "hold";
        MessageFilter filter;
        filter.api = "AlterPartition";
        hold.matches = make_matcher(filter, {});
        network_.add_rule(std::move(hold));
    }
    void connect() {
        const std::uint64_t nodes = stations_.size();
        for (std::uint64_t node = 0; node < nodes; ++node) {
            for (std::uint64_t step = 1; step <= std::min((nodes - 1) / 2, kReach); ++step)
                stations_[node]->connect_to(*stations_[(node + step) % nodes]);
            // Half way around, where both would otherwise connect.
            if (nodes <= 2 * kReach + 2 && nodes % 2 == 0 && node < nodes / 2)
                stations_[node]->connect_to(*stations_[node + nodes / 2]);
        }
        while (scheduler_.step(kForever)) {
        }
    }
    void deliver(std::uint64_t node, std::uint64_t message) {
        hash_.fold(scheduler_.now().ns(), node, message);
        ++delivered_;
    }

    Scheduler scheduler_;
    Rng rng_{1, 0};
    Topology topology_;
    Fabric fabric_;
    Network network_;
    std::vector<std::unique_ptr<Station>> stations_;
    bench::Draws draws_;
    std::uint64_t delivered_ = 0;
    bench::OrderHash hash_;
};

Station::Station(Phold& run, HostId host, std::uint64_t index)
    : run_(run), host_(host), index_(index) {
    run_.network_.attach(host_, *this, life_);
    life_.start();
    run_.network_.listen({host_, kPort});
}

void Station::connect_to(const Station& peer) {
    run_.network_.connect(host_, {peer.host_, kPort});
}

// A broker's heartbeat to one of the peers.
void Station::send(std::uint64_t r, std::unique_ptr<Frame> frame) {
    wire::BrokerHeartbeatRequest heartbeat;
    heartbeat.broker_id = static_cast<std::int32_t>(index_);
    heartbeat.current_metadata_offset = received_;
    frame->carry(wire::Request{wire::BrokerHeartbeatRequest::kMaxVersion, 0, "station",
                               std::move(heartbeat)});
    run_.network_.send(peers_[((r >> 32) * peers_.size()) >> 32], std::move(frame));
}

void Station::on_frame(ConnectionId, std::unique_ptr<Frame> frame) {
    const auto& body = std::get<wire::Request>(frame->message).body;
    const auto& heartbeat = std::get<wire::BrokerHeartbeatRequest>(body);
    BSIM_CHECK(heartbeat.current_metadata_offset >= 0);
    ++received_;
    run_.deliver(index_, frame->number + static_cast<std::uint64_t>(heartbeat.broker_id));
    send(run_.draws_.next(), std::move(frame));
}

}  // namespace
}  // namespace bsim

int main(int argc, char** argv) {
    using namespace bsim;
    const bool complete = argc == 5 || argc == 6;
    const auto nodes = bench::parse_number(complete ? argv[2] : "");
    const auto per_node = bench::parse_number(complete ? argv[3] : "");
    const auto messages = bench::parse_number(complete ? argv[4] : "");
    const char* const loss_text = argc == 6 ? argv[5] : "0";
    const auto loss = Ratio::parse(loss_text);
    const bool legal = nodes && per_node && messages && *nodes >= 2 && *nodes <= kMostNodes &&
                       *per_node > 0 && *messages > 0 && loss &&
                       20 * loss->numerator <= loss->denominator;
    if (!legal) {
        std::fputs("usage: network LABEL NODES(2..65536) PER_NODE MESSAGES [LOSS(0..0.05)]\n",
                   stderr);
        return 2;
    }
    Phold run(*nodes, *loss);
    run.start(*per_node);
    const std::uint64_t untimed = *messages / 10;
    run.run(untimed);
    const std::uint64_t events = run.events();
    const std::uint64_t allocated = allocations();
    const double before = bench::cpu_seconds();
    run.run(untimed + *messages);
    const double seconds = bench::cpu_seconds() - before;
    const std::uint64_t delivered = run.delivered() - untimed;
    std::printf("%s,%lu,%lu,%s,%lu,%lu,%lu,%.6f,%.0f,%016lx\n", argv[1], *nodes, *per_node,
                loss_text, delivered, run.events() - events, allocations() - allocated, seconds,
                static_cast<double>(delivered) / seconds, run.hash());
    return 0;
}
