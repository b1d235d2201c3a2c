#pragma once
// Writes what the network does into the trace: Message* and Connection* events.

#include <map>

#include "sim/network/network.h"
#include "sim/trace/tracer.h"

namespace bsim {

class NetworkTrace : public NetworkTap {
  public:
    NetworkTrace(const Scheduler& scheduler, Tracer& tracer, const Topology& topology)
        : scheduler_(scheduler), tracer_(tracer), topology_(topology) {}

    void sent(HostId from, HostId to, const Frame& frame) override;
    void delivered(HostId from, HostId to, const Frame& frame) override;
    void dropped(HostId from, HostId to, const Frame& frame, const char* why) override;
    void opened(HostId from, HostId to) override;
    void closed(HostId at, HostId peer, const char* why) override;

  private:
    const NodeName& name(HostId host);

    const Scheduler& scheduler_;
    Tracer& tracer_;
    const Topology& topology_;
    std::map<HostId, NodeName> names_;
};

}  // namespace bsim
