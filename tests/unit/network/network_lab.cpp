#include "tests/unit/network/network_lab.h"

#include <fmt/format.h>

namespace bsim::test {
namespace {

std::int32_t number_of(const Frame& frame) {
    return std::get<wire::Request>(frame.message).correlation_id;
}

std::unique_ptr<Frame> frame_of(std::int32_t number) {
    auto frame = std::make_unique<Frame>();
    wire::Request request;
    request.correlation_id = number;
    request.body = wire::ApiVersionsRequest{};
    frame->message = std::move(request);
    frame->api = wire::ApiKey::ApiVersions;
    return frame;
}

// The ends of a connection differ in the lowest bit.
std::uint64_t number_of(ConnectionId connection) {
    return connection.value() / 2;
}

}  // namespace

void Station::start() {
    life_.start();
    lab_.network.listen(address());
}

void Station::kill(EventNumber cause) {
    life_.stop();
    lab_.network.process_ended(id_, cause);
}

void Station::lose_power() {
    life_.stop();
    lab_.network.host_lost_power(id_);
}

void Station::resume() {
    for (Lifeline::Due& due : life_.resume(WakeOrder::Arrival))
        due.action();
}

void Station::note(const std::string& what) {
    lab_.notes.push_back(lab_.line(id_, what));
}

void Station::on_connected(ConnectionId connection) {
    note(fmt::format("connected #{}", number_of(connection)));
}

void Station::on_refused(ConnectionId connection) {
    note(fmt::format("refused #{}", number_of(connection)));
}

void Station::on_accepted(ConnectionId connection, Port port) {
    EXPECT_THAT(port, testing::AnyOf(kPort, kPort + 1));
    note(fmt::format("accepted #{}", number_of(connection)));
    if (greeting)
        lab_.send(connection, *this, *greeting);
}

void Station::on_frame(ConnectionId /*connection*/, std::unique_ptr<Frame> frame) {
    note(fmt::format("got {}", number_of(*frame)));
}

void Station::on_closed(ConnectionId connection, CloseReason why, EventNumber cause) {
    note(fmt::format("{} #{} due to {}", name(why), number_of(connection), cause.value()));
}

void Station::on_datagram(HostId from, Port /*to*/, std::unique_ptr<Frame> frame) {
    note(fmt::format("datagram {} from {}", number_of(*frame), lab_.topology.name(from)));
}

NetworkLab::NetworkLab(std::uint64_t seed)
    : rng(seed, 0), network(scheduler, rng, topology), fabric(topology.add_switch("fabric")) {
    network.set_tap(this);
}

Station& NetworkLab::add_station(const std::string& name, const LatencyDist& latency) {
    LinkSpec spec;
    spec.latency = latency;
    return add_station(name, spec);
}

Station& NetworkLab::add_station(const std::string& name, const LinkSpec& link) {
    const HostId host = topology.add_host(name);
    topology.add_link(host, fabric, link);
    topology.add_link(fabric, host, LinkSpec{});
    Station& station = stations.emplace_back(*this, host);
    network.attach(host, station, station.life());
    station.start();
    return station;
}

ConnectionId NetworkLab::connected(Station& from, Station& to) {
    const ConnectionId connection = network.connect(from.id(), to.address());
    const std::size_t before = notes.size();
    while (notes.size() < before + 2 && scheduler.step(SimTime() + seconds(1000))) {
    }
    EXPECT_THAT(notes.back(), testing::HasSubstr("connected"));
    openers[number_of(connection)] = from.id();
    notes.clear();
    tapped.clear();
    return connection;
}

ConnectionId NetworkLab::end_at(ConnectionId connection, const Station& station) const {
    const auto opener = openers.find(number_of(connection));
    const bool accepted = opener != openers.end() && opener->second != station.id();
    return accepted ? ConnectionId(connection.value() | 1) : connection;
}

void NetworkLab::send(ConnectionId connection, const Station& from, std::int32_t number) {
    network.send(end_at(connection, from), frame_of(number));
}

void NetworkLab::send_bytes(ConnectionId connection,
                            const Station& from,
                            std::int32_t number,
                            std::int64_t bytes) {
    auto frame = frame_of(number);
    frame->bytes = bytes;
    network.send(end_at(connection, from), std::move(frame));
}

void NetworkLab::send_datagram(const Station& from, const Station& to, std::int32_t number) {
    network.send_datagram(from.id(), to.address(), frame_of(number));
}

std::vector<std::string> NetworkLab::drops_of(std::int32_t number) const {
    std::vector<std::string> found;
    const std::string what = fmt::format(" dropped {} to ", number);
    for (const std::string& line : tapped) {
        if (line.find(what) != line.npos)
            found.push_back(line.substr(0, line.find(' ')) + line.substr(line.find(": ") + 1));
    }
    return found;
}

void NetworkLab::send_at(SimDuration when,
                         ConnectionId connection,
                         Station& from,
                         std::int32_t number) {
    scheduler.at(SimTime() + when,
                 [this, connection, &from, number] { send(connection, from, number); });
}

RuleId NetworkLab::cut(const Station& a, const Station& b, RuleVerdict how) {
    return network.add_rule(PartitionRule{{a.id()}, {b.id()}, true, how});
}

RuleId NetworkLab::cut_one_way(const Station& from, const Station& to, RuleVerdict how) {
    return network.add_rule(PartitionRule{{from.id()}, {to.id()}, false, how});
}

std::string NetworkLab::line(HostId host, const std::string& what) const {
    return fmt::format("{} {} {}", scheduler.now().ns() / 1000, topology.name(host), what);
}

void NetworkLab::sent(HostId from, HostId to, const Frame& frame) {
    tap(from, fmt::format("sent {} to {}", number_of(frame), topology.name(to)));
}

void NetworkLab::delivered(HostId from, HostId to, const Frame& frame) {
    tap(to, fmt::format("delivered {} from {}", number_of(frame), topology.name(from)));
}

void NetworkLab::dropped(HostId from, HostId to, const Frame& frame, const char* why) {
    tap(from, fmt::format("dropped {} to {}: {}", number_of(frame), topology.name(to), why));
}

void NetworkLab::opened(HostId from, HostId to) {
    tap(from, "opened to " + topology.name(to));
}

void NetworkLab::closed(HostId at, HostId peer, const char* why) {
    tap(at, fmt::format("closed with {}: {}", topology.name(peer), why));
}

}  // namespace bsim::test
