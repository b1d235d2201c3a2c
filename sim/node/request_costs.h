#pragma once
// What work costs a thread of a broker or controller, in time on the reference machine (cpu 1: one
// core of a current server, warm JVM). One table for all; the values and where they come from stand
// in request_costs.cpp. The device's time comes on top (storage/device_model.h), and what a process
// makes of a cost says cpu.h.

#include <cstdint>

#include "sim/base/time.h"
#include "sim/wire/api_key.h"

namespace bsim {

// A network thread takes a request in: reads it from the socket, parses its header, queues it.
SimDuration receive_cost(std::int64_t request_bytes);
// A network thread sends an answer: from the response queue to the socket.
SimDuration send_cost(std::int64_t response_bytes);
// A request handler serves a request, up to where it waits for the disk or in purgatory.
SimDuration handling_cost(wire::ApiKey api, std::int64_t request_bytes);

// A replica fetcher takes in the answer to a Fetch: checks and appends what came.
SimDuration replica_fetch_cost(std::int64_t record_bytes);

// The thread of the Raft client takes one event: a request, an answer, a timer.
SimDuration raft_event_cost();
// The controller's event queue: a request, a timer; committed records, each.
SimDuration controller_event_cost();
SimDuration controller_replay_cost(std::int64_t records);
// The controller takes over: the first time in this life its code runs unprepared.
SimDuration controller_activation_cost();
// A group coordinator's background thread takes a partition over, or gives it up; bytes of it, each
// read and parsed.
SimDuration group_load_cost(std::int64_t bytes);
// The broker's metadata loader and publisher take committed records in.
SimDuration metadata_publish_cost(std::int64_t records);

}  // namespace bsim
