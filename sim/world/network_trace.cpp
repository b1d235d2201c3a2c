#include "sim/world/network_trace.h"

#include <string>

#include "sim/network/topology.h"
#include "sim/wire/api_table.h"

namespace bsim {
namespace {

std::string api_name(const Frame& frame) {
    return std::string(wire::name(frame.api));
}

}  // namespace

const NodeName& NetworkTrace::name(HostId host) {
    return names_.try_emplace(host, topology_.name(host)).first->second;
}

void NetworkTrace::sent(HostId from, HostId to, const Frame& frame) {
    CauseScope scope(tracer_, frame.cause);
    tracer_.emit_message(scheduler_.now(), name(from), [&] {
        return MessageSent{frame.number, name(to), api_name(frame), frame.bytes};
    });
}

void NetworkTrace::delivered(HostId from, HostId to, const Frame& frame) {
    CauseScope scope(tracer_, frame.cause);
    tracer_.emit_message(scheduler_.now(), name(to), [&] {
        return MessageDelivered{frame.number, name(from), api_name(frame)};
    });
}

void NetworkTrace::dropped(HostId from, HostId /*to*/, const Frame& frame, const char* why) {
    CauseScope scope(tracer_, frame.cause);
    tracer_.emit_message(scheduler_.now(), name(from), [&] {
        return MessageDropped{frame.number, why};
    });
}

void NetworkTrace::opened(HostId from, HostId to) {
    CauseScope scope(tracer_, EventNumber{});
    tracer_.emit_message(scheduler_.now(), name(from), [&] { return ConnectionOpened{name(to)}; });
    tracer_.emit_message(scheduler_.now(), name(to), [&] { return ConnectionOpened{name(from)}; });
}

void NetworkTrace::closed(HostId at, HostId peer, const char* why) {
    CauseScope scope(tracer_, EventNumber{});
    tracer_.emit_message(scheduler_.now(), name(at), [&] {
        return ConnectionClosed{name(peer), why};
    });
}

}  // namespace bsim
