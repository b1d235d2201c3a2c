#include "sim/node/request_costs.h"

#include <algorithm>
#include <array>

namespace bsim {
namespace {

using wire::ApiKey;

// Costs of a request handler by API. `fixed_us` is for a request with a few partitions. Bytes cost
// where they are looked at: a Produce is parsed, checked (CRC-32C) and validated.
//
// Where the numbers come from:
// - Produce, bytes: the real kafka.log.UnifiedLog appends 1,011 MB of 100-byte records a CPU second
//   (one core; 1,536 MB of 1-KiB records): 1 ns a byte, of which copying into the page cache,
//   0.25 ns, is the device model's.
// - Fixed costs: a broker with its threads pinned to few cores serves some 10,000 to 20,000 small
//   Produce or Fetch requests a second and core, all threads together: 50 to 100 us, of which the
//   network threads take about half. Requests that only look something up cost less, those that
//   walk the metadata image more.
// - A group's requests are small; those that write (JoinGroup and SyncGroup at times, OffsetCommit)
//   cost what a Produce of one batch does. A Heartbeat touches one timer.
// - Anything that a broker forwards or a controller writes costs the handler little; the
//   controller's own queue has its costs below.
struct HandlerCost {
    ApiKey api;
    std::int64_t fixed_us;
    std::int64_t ps_per_byte;
};
constexpr std::array kHandlerCosts = {
    HandlerCost{ApiKey::Produce, 40, 750},        HandlerCost{ApiKey::Fetch, 40, 0},
    HandlerCost{ApiKey::ListOffsets, 30, 0},      HandlerCost{ApiKey::OffsetForLeaderEpoch, 30, 0},
    HandlerCost{ApiKey::Metadata, 60, 0},         HandlerCost{ApiKey::ApiVersions, 20, 0},
    HandlerCost{ApiKey::InitProducerId, 30, 0},   HandlerCost{ApiKey::Vote, 20, 0},
    HandlerCost{ApiKey::BeginQuorumEpoch, 20, 0}, HandlerCost{ApiKey::EndQuorumEpoch, 20, 0},
    HandlerCost{ApiKey::BrokerHeartbeat, 20, 0},  HandlerCost{ApiKey::BrokerRegistration, 50, 0},
    HandlerCost{ApiKey::AlterPartition, 30, 0},   HandlerCost{ApiKey::FindCoordinator, 30, 0},
    HandlerCost{ApiKey::JoinGroup, 60, 0},        HandlerCost{ApiKey::SyncGroup, 60, 0},
    HandlerCost{ApiKey::Heartbeat, 20, 0},        HandlerCost{ApiKey::LeaveGroup, 40, 0},
    HandlerCost{ApiKey::OffsetCommit, 60, 750},   HandlerCost{ApiKey::OffsetFetch, 30, 0},
};
constexpr HandlerCost kOtherHandlerCost{ApiKey::Produce, 50, 0};

// The network threads: a pass of the selector's loop with one read or write on a socket, 15 us;
// bytes are copied once, at memory bandwidth (an answer to a Fetch goes by sendfile, which spares
// the JVM the copy, not the kernel).
constexpr std::int64_t kNetworkPassUs = 15;
constexpr std::int64_t kNetworkPsPerByte = 250;

SimDuration with_bytes(std::int64_t fixed_us, std::int64_t bytes, std::int64_t ps_per_byte) {
    return microseconds(fixed_us) + nanoseconds(bytes * ps_per_byte / 1000);
}

}  // namespace

SimDuration receive_cost(std::int64_t request_bytes) {
    return with_bytes(kNetworkPassUs, request_bytes, kNetworkPsPerByte);
}

SimDuration send_cost(std::int64_t response_bytes) {
    return with_bytes(kNetworkPassUs, response_bytes, kNetworkPsPerByte);
}

SimDuration handling_cost(ApiKey api, std::int64_t request_bytes) {
    const auto* found = std::find_if(kHandlerCosts.begin(), kHandlerCosts.end(),
                                     [api](const HandlerCost& cost) { return cost.api == api; });
    const HandlerCost& cost = found == kHandlerCosts.end() ? kOtherHandlerCost : *found;
    return with_bytes(cost.fixed_us, request_bytes, cost.ps_per_byte);
}

// As a Produce without its request: the fetcher checks each batch again.
SimDuration replica_fetch_cost(std::int64_t record_bytes) {
    return with_bytes(40, record_bytes, 750);
}

// A turn of the Raft client's poll loop.
SimDuration raft_event_cost() {
    return microseconds(20);
}

// Per event the controller begins a write, fills a batch and logs; a replayed record touches a few
// timeline hash maps.
SimDuration controller_event_cost() {
    return microseconds(50);
}

SimDuration controller_replay_cost(std::int64_t records) {
    return microseconds(20) + microseconds(2) * records;
}

// Measured hand-overs take 80 to 227 ms from the signal on a quiet machine; the election itself is
// a few round trips and flushes.
SimDuration controller_activation_cost() {
    return milliseconds(15);
}

// Brokers log a few milliseconds for a small partition, most of it waiting; a record of some 100
// bytes is parsed twice (key, value) and put in a map, in about a microsecond.
SimDuration group_load_cost(std::int64_t bytes) {
    return with_bytes(bytes == 0 ? 100 : 50, bytes, 10'000);
}

// Per publication the loader builds an image and tells each publisher.
SimDuration metadata_publish_cost(std::int64_t records) {
    return microseconds(50) + microseconds(5) * records;
}

}  // namespace bsim
