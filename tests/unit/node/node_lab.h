#pragma once
// What the node tests share: processes on hosts a millisecond apart, each with an RPC client and
// server that live and die with it, and the trace that they leave.

#include <deque>
#include <functional>
#include <gmock/gmock.h>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sim/network/topology.h"
#include "sim/node/process.h"
#include "sim/node/rpc_client.h"
#include "sim/node/rpc_server.h"

namespace bsim::test {

constexpr Port kPort = 9092;

// A process whose parts tests fill in.
class Machine : public Process {
  public:
    Machine(const NodeEnv& env, const std::string& name, HostId host)
        : Process(env, NodeName(name), host) {}

    using Process::exit_gracefully;
    Address address() const { return {host(), kPort}; }

    std::unique_ptr<RpcClient> client;    // while it lives
    std::unique_ptr<RpcServer> answerer;  // while it lives, if there is a handler
    RpcServer::Handler handler;
    ServerThreads threads;
    RequestErrors errors;
    std::function<void()> on_boot = [] {};
    std::function<void()> on_halt = [] {};
    std::function<void()> on_shutdown = [] {};

  protected:
    void boot() override;
    void halt() override;
    void begin_shutdown() override { on_shutdown(); }
    ConnectionUser* server(Port /*port*/) override { return answerer.get(); }
};

class NodeLab : public testing::Test, public EventSink {
  protected:
    NodeLab();

    // A dead machine.
    Machine& add_machine(const std::string& name);
    void run_until(SimDuration end) { scheduler.run_until(SimTime() + end); }
    void at(SimDuration when, InlineFunction action) {
        scheduler.at(SimTime() + when, std::move(action));
    }
    // An event to blame.
    EventNumber event(const std::string& fault);
    // "<milliseconds> <text>" into `notes`.
    void note(const std::string& text);

    // EventSink
    void on(const Event& event, std::string_view canonical) override;
    // The one cause of an event; none if it has none.
    EventNumber cause_of(EventNumber number) const;

    Scheduler scheduler;
    Rng rng{1, 0};
    Topology topology;
    Network network;
    Tracer tracer{RecordMessages::No};
    Outages outages;
    NodeEnv env{scheduler, rng, network, tracer, outages};
    HostId fabric;
    std::deque<Machine> machines;
    std::vector<Event> events;
    std::vector<std::string> told;  // events as the trace tells them
    std::vector<std::string> notes;
};

// A request and its answer that carry a number each.
wire::RequestBody numbered_request(std::int32_t number);
std::int32_t number_of(const wire::RequestBody& body);
wire::ResponseBody numbered_response(std::int32_t number);
// "answer 7", or how it failed.
std::string text_of(const RpcClient::Answer& answer);

}  // namespace bsim::test
