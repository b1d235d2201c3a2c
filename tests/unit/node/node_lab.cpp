#include "tests/unit/node/node_lab.h"

#include <fmt/format.h>

namespace bsim::test {

void Machine::boot() {
    client = std::make_unique<RpcClient>(*this, name().text() + "-client");
    if (handler) {
        answerer = std::make_unique<RpcServer>(*this, threads, errors, handler);
        listen(kPort);
    }
    on_boot();
}

void Machine::halt() {
    on_halt();
    client.reset();
    answerer.reset();
}

NodeLab::NodeLab() : network(scheduler, rng, topology), fabric(topology.add_switch("fabric")) {
    tracer.subscribe(*this);
}

Machine& NodeLab::add_machine(const std::string& name) {
    const HostId host = topology.add_host(name);
    LinkSpec spec;
    spec.latency = ConstantDist{milliseconds(1)};
    topology.add_link(host, fabric, spec);
    topology.add_link(fabric, host, LinkSpec{});
    return machines.emplace_back(env, name, host);
}

EventNumber NodeLab::event(const std::string& fault) {
    return tracer.emit(scheduler.now(), NodeName::sim(), FaultStarted{fault, "test", {}});
}

void NodeLab::note(const std::string& text) {
    notes.push_back(fmt::format("{} {}", scheduler.now().ns() / 1'000'000, text));
}

void NodeLab::on(const Event& event, std::string_view canonical) {
    events.push_back(event);
    told.emplace_back(canonical);
}

EventNumber NodeLab::cause_of(EventNumber number) const {
    for (const Event& event : events) {
        if (event.i == number)
            return event.c.size() == 1 ? event.c.front() : EventNumber{};
    }
    ADD_FAILURE() << "no event " << number.value();
    return EventNumber{};
}

wire::RequestBody numbered_request(std::int32_t number) {
    wire::AllocateProducerIdsRequest request;
    request.broker_id = number;
    return request;
}

std::int32_t number_of(const wire::RequestBody& body) {
    return std::get<wire::AllocateProducerIdsRequest>(body).broker_id;
}

wire::ResponseBody numbered_response(std::int32_t number) {
    wire::AllocateProducerIdsResponse response;
    response.producer_id_start = number;
    return response;
}

std::string text_of(const RpcClient::Answer& answer) {
    if (answer.ok()) {
        const auto& body = std::get<wire::AllocateProducerIdsResponse>(answer.value());
        return fmt::format("answer {}", body.producer_id_start);
    }
    switch (answer.error()) {
        case RpcFailure::Refused:
            return "refused";
        case RpcFailure::Disconnected:
            return "disconnected";
        case RpcFailure::TimedOut:
            return "timed out";
    }
    return "?";
}

}  // namespace bsim::test
