#include "sim/protocol/controller/broker_heartbeats.h"

#include <limits>

#include "sim/base/check.h"

namespace bsim::controller {

void BrokerHeartbeats::untrack(BrokerId broker, Beat& beat) {
    if (beat.fenced)
        return;
    unfenced_.erase({beat.last_contact, beat.turn, broker});
    if (!beat.shutdown_offset)
        active_.erase({beat.metadata_offset, broker});
    beat.fenced = true;
}

void BrokerHeartbeats::registered(SimTime now, BrokerId broker, bool fenced) {
    const auto [at, is_new] = brokers_.try_emplace(broker);
    // What the broker has read is forgotten, unless its fencing changed just now.
    const bool changed = !is_new && at->second.fenced != fenced;
    touch(now, broker, fenced, changed ? at->second.metadata_offset : -1);
}

void BrokerHeartbeats::touch(SimTime now,
                             BrokerId broker,
                             bool fenced,
                             std::int64_t metadata_offset) {
    const auto at = brokers_.find(broker);
    BSIM_CHECK(at != brokers_.end());
    Beat& beat = at->second;
    untrack(broker, beat);
    beat.last_contact = now;
    beat.metadata_offset = metadata_offset;
    beat.turn = ++turns_;
    if (fenced) {
        beat.shutdown_offset.reset();
        return;
    }
    beat.fenced = false;
    unfenced_.insert({now, beat.turn, broker});
    if (!beat.shutdown_offset)
        active_.insert({metadata_offset, broker});
}

void BrokerHeartbeats::fence(BrokerId broker) {
    const auto at = brokers_.find(broker);
    if (at != brokers_.end())
        untrack(broker, at->second);
}

void BrokerHeartbeats::remove(BrokerId broker) {
    fence(broker);
    brokers_.erase(broker);
}

bool BrokerHeartbeats::has_valid_session(SimTime now, BrokerId broker) const {
    const auto at = brokers_.find(broker);
    if (at == brokers_.end() || at->second.fenced)
        return false;
    return at->second.last_contact + timeout_ >= now;
}

std::int64_t BrokerHeartbeats::lowest_active_offset() const {
    if (active_.empty())
        return std::numeric_limits<std::int64_t>::max();
    return active_.begin()->first;
}

BrokerHeartbeats::NextState BrokerHeartbeats::next_state(const wire::BrokerHeartbeatRequest& beat,
                                                         std::int64_t register_offset,
                                                         bool leads_partitions) const {
    using enum BrokerControlState;
    const auto at = brokers_.find(BrokerId(beat.broker_id));
    BSIM_CHECK(at != brokers_.end());
    const Beat& broker = at->second;
    if (broker.shutdown_offset) {
        const bool others_know = *broker.shutdown_offset <= lowest_active_offset();
        return {ControlledShutdown,
                leads_partitions || !others_know ? ControlledShutdown : ShutdownNow};
    }
    if (broker.fenced) {
        if (beat.want_shut_down)
            return {Fenced, ShutdownNow};
        const bool may_unfence =
            !beat.want_fence && beat.current_metadata_offset >= register_offset;
        return {Fenced, may_unfence ? Unfenced : Fenced};
    }
    if (beat.want_fence)
        return {Unfenced, beat.want_shut_down ? ShutdownNow : Fenced};
    if (beat.want_shut_down)
        return {Unfenced, leads_partitions ? ControlledShutdown : ShutdownNow};
    return {Unfenced, Unfenced};
}

void BrokerHeartbeats::set_controlled_shutdown_offset(BrokerId broker, std::int64_t offset) {
    const auto at = brokers_.find(broker);
    BSIM_CHECK(at != brokers_.end());
    BSIM_CHECK(!at->second.fenced);
    active_.erase({at->second.metadata_offset, broker});
    if (!at->second.shutdown_offset)
        at->second.shutdown_offset = offset;
}

std::optional<std::int64_t> BrokerHeartbeats::controlled_shutdown_offset(BrokerId broker) const {
    const auto at = brokers_.find(broker);
    return at == brokers_.end() ? std::nullopt : at->second.shutdown_offset;
}

std::optional<BrokerId> BrokerHeartbeats::stale_broker(SimTime now) const {
    if (unfenced_.empty())
        return std::nullopt;
    const BrokerId longest_silent = std::get<BrokerId>(*unfenced_.begin());
    if (has_valid_session(now, longest_silent))
        return std::nullopt;
    return longest_silent;
}

std::optional<SimTime> BrokerHeartbeats::next_check() const {
    if (unfenced_.empty())
        return std::nullopt;
    return std::get<SimTime>(*unfenced_.begin()) + timeout_ + nanoseconds(1);
}

std::vector<std::pair<BrokerId, bool>> BrokerHeartbeats::usable() const {
    std::vector<std::pair<BrokerId, bool>> listed;
    for (const auto& [id, beat] : brokers_) {
        if (!beat.shutdown_offset)
            listed.emplace_back(id, beat.fenced);
    }
    return listed;
}

}  // namespace bsim::controller
