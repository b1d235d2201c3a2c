#pragma once
// What every client hears of the world, and what it asks of its shell beside the requests of
// network_client.h. There is one timer: ArmTimer replaces whatever was armed before.

#include "sim/base/time.h"
#include "sim/protocol/client/client_ids.h"
#include "sim/protocol/client/network_client.h"
#include "sim/wire/message.h"

namespace bsim::client {

// Inputs: what happened.
struct Started {};
struct ConnectionOpened {
    ConnectionId connection;
};
struct ConnectionFailed {  // could not be opened
    ConnectionId connection;
};
struct ConnectionClosed {  // by the peer, or lost
    ConnectionId connection;
};
struct ResponseArrived {
    ConnectionId connection;
    wire::Response response;
};
struct TimerFired {};
struct CloseRequested {};  // the application calls close()

// Effects: what to do, what to tell.
struct ArmTimer {
    SimTime at;  // never before the present
};
struct Closed {};

}  // namespace bsim::client
