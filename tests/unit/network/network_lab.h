#pragma once
// What the network tests share: a small network of hosts whose processes do nothing but note what
// their sockets and the tap tell, one line each: "<microseconds> <host> <what>".

#include <deque>
#include <gmock/gmock.h>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sim/network/network.h"
#include "sim/network/topology.h"

namespace bsim::test {

class NetworkLab;

constexpr Port kPort = 9092;

// A host with its process.
class Station : public SocketOwner {
  public:
    Station(NetworkLab& lab, HostId id) : lab_(lab), id_(id) {}

    HostId id() const { return id_; }
    Address address() const { return {id_, kPort}; }
    Address deaf_address() const { return {id_, kPort + 1}; }  // nobody listens there
    Lifeline& life() { return life_; }

    void start();  // and listen
    void kill(EventNumber cause = EventNumber{});
    void lose_power();
    void resume();

    void on_connected(ConnectionId connection) override;
    void on_refused(ConnectionId connection) override;
    void on_accepted(ConnectionId connection, Port port) override;
    void on_frame(ConnectionId connection, std::unique_ptr<Frame> frame) override;
    void on_closed(ConnectionId connection, CloseReason why, EventNumber cause) override;
    void on_datagram(HostId from, Port to, std::unique_ptr<Frame> frame) override;

    // What to send on each connection that is accepted, at once.
    std::optional<std::int32_t> greeting;

  private:
    void note(const std::string& what);

    NetworkLab& lab_;
    HostId id_;
    Lifeline life_;
};

class NetworkLab : public testing::Test, public NetworkTap {
  protected:
    explicit NetworkLab(std::uint64_t seed = 1);

    // A host with a link to and one from the fabric in the middle, like those of a cluster.
    Station& add_station(const std::string& name, const LatencyDist& latency);
    Station& add_station(const std::string& name, const LinkSpec& link);

    void run_until(SimDuration end) { scheduler.run_until(SimTime() + end); }
    // Connects and runs until both ends know; forgets the lines of it.
    ConnectionId connected(Station& from, Station& to);
    // The id of a station's end, whichever of the two `connection` names.
    ConnectionId end_at(ConnectionId connection, const Station& station) const;
    void send(ConnectionId connection, const Station& from, std::int32_t number);
    void send_bytes(ConnectionId connection,
                    const Station& from,
                    std::int32_t number,
                    std::int64_t bytes);
    void send_datagram(const Station& from, const Station& to, std::int32_t number);
    // Sends at a later time.
    void send_at(SimDuration when, ConnectionId connection, Station& from, std::int32_t number);
    RuleId cut(const Station& a, const Station& b, RuleVerdict how);
    // "<microseconds> <why>" of each time that this number was dropped.
    std::vector<std::string> drops_of(std::int32_t number) const;
    RuleId cut_one_way(const Station& from, const Station& to, RuleVerdict how);

    // Lines of the sockets so far; taking them starts anew.
    std::vector<std::string> take_notes() { return std::exchange(notes, {}); }

    // NetworkTap
    void sent(HostId from, HostId to, const Frame& frame) override;
    void delivered(HostId from, HostId to, const Frame& frame) override;
    void dropped(HostId from, HostId to, const Frame& frame, const char* why) override;
    void opened(HostId from, HostId to) override;
    void closed(HostId at, HostId peer, const char* why) override;

    Scheduler scheduler;
    Rng rng;
    Topology topology;
    Network network;
    HostId fabric;
    std::deque<Station> stations;
    std::map<std::uint64_t, HostId> openers;  // of the connections made by connected()
    std::vector<std::string> notes;
    std::vector<std::string> tapped;

  private:
    friend class Station;
    std::string line(HostId host, const std::string& what) const;
    void tap(HostId host, const std::string& what) { tapped.push_back(line(host, what)); }
};

}  // namespace bsim::test
