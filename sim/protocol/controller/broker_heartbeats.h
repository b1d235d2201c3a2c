#pragma once
// When the active controller last heard of each broker, and what a heartbeat makes of it. Lives in
// memory only: a new active controller gives every registered broker a fresh session.
//
//   Fenced             -> ShutdownNow: it wants to shut down
//                      -> Unfenced: it wants to, and has read its own registration
//   Unfenced           -> Fenced, ShutdownNow: it wants to be fenced (and to shut down)
//                      -> ControlledShutdown: it wants to shut down and leads partitions
//                      -> ShutdownNow: it wants to shut down and leads none
//   ControlledShutdown -> ShutdownNow: it leads none, and every active broker has read the record
//                         that made it leave
//   Unfenced, ControlledShutdown -> Fenced: no heartbeat for a session timeout (see stale_broker)
//
// A session is valid up to and including last contact + timeout. Metadata offsets are offsets of
// the last record read, -1 for none, as in the heartbeat.
// Source: BrokerHeartbeatManager; facts/controller.md B2.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/wire/messages/broker_heartbeat_request.h"

namespace bsim::controller {

enum class BrokerControlState : std::uint8_t { Fenced, Unfenced, ControlledShutdown, ShutdownNow };

constexpr bool is_fenced(BrokerControlState state) {
    return state == BrokerControlState::Fenced || state == BrokerControlState::ShutdownNow;
}

class BrokerHeartbeats {
  public:
    explicit BrokerHeartbeats(SimDuration session_timeout) : timeout_(session_timeout) {}

    // A registration record (or a change of one) was applied: counts as contact.
    void registered(SimTime now, BrokerId broker, bool fenced);
    // A heartbeat arrived.
    void touch(SimTime now, BrokerId broker, bool fenced, std::int64_t metadata_offset);
    // Ends the broker's session; the record follows.
    void fence(BrokerId broker);
    void remove(BrokerId broker);

    bool has_valid_session(SimTime now, BrokerId broker) const;

    struct NextState {
        BrokerControlState current;
        BrokerControlState next;
    };
    NextState next_state(const wire::BrokerHeartbeatRequest& beat,
                         std::int64_t register_offset,
                         bool leads_partitions) const;

    // The batch that made an unfenced broker leave ends at `offset`. The first call counts.
    void set_controlled_shutdown_offset(BrokerId broker, std::int64_t offset);
    std::optional<std::int64_t> controlled_shutdown_offset(BrokerId broker) const;

    // The broker silent for longest, if its session is over; fence it and ask again.
    std::optional<BrokerId> stale_broker(SimTime now) const;
    // The first time at which stale_broker() may name one, a nanosecond after the end of a session;
    // nullopt without unfenced brokers.
    std::optional<SimTime> next_check() const;

    // Brokers, by id, that may get replicas (not those shutting down), and whether each is fenced.
    std::vector<std::pair<BrokerId, bool>> usable() const;

  private:
    struct Beat {
        SimTime last_contact;
        std::int64_t metadata_offset = -1;
        std::optional<std::int64_t> shutdown_offset;
        bool fenced = true;
        std::uint64_t turn = 0;  // breaks ties of last_contact: first come, first listed
    };
    using Listed = std::tuple<SimTime, std::uint64_t, BrokerId>;

    void untrack(BrokerId broker, Beat& beat);
    std::int64_t lowest_active_offset() const;

    SimDuration timeout_;
    std::map<BrokerId, Beat> brokers_;
    std::set<Listed> unfenced_;                           // longest silent first
    std::set<std::pair<std::int64_t, BrokerId>> active_;  // unfenced and not shutting down
    std::uint64_t turns_ = 0;
};

}  // namespace bsim::controller
