#include "sim/protocol/replication/remote_replica.h"

#include <algorithm>

namespace bsim::replication {

bool RemoteReplica::caught_up(Offset leader_leo, SimTime now, SimDuration lag_max) const {
    if (leo_ == leader_leo)
        return true;
    return last_caught_up_ && now - *last_caught_up_ <= lag_max;
}

void RemoteReplica::fetched(SimTime now, const FollowerFetched& fetch) {
    // An absent optional compares below every value, as Kafka's -1 and 0 do.
    if (fetch.fetch_offset >= fetch.leader_leo) {
        last_caught_up_ = std::max<std::optional<SimTime>>(last_caught_up_, now);
    } else if (std::optional<Offset>(fetch.fetch_offset) >= leader_leo_at_fetch_) {
        last_caught_up_ = std::max(last_caught_up_, last_fetch_);
    }
    log_start_ = fetch.log_start;
    leo_ = fetch.fetch_offset;
    leader_leo_at_fetch_ = std::max<std::optional<Offset>>(leader_leo_at_fetch_, fetch.leader_leo);
    last_fetch_ = now;
    broker_epoch_ = fetch.broker_epoch;
    has_fetched_ = true;
}

void RemoteReplica::reset(const Reset& how) {
    const auto now_if_in_isr = how.in_isr ? std::optional(how.now) : std::nullopt;
    last_caught_up_ = now_if_in_isr;
    if (how.new_leader) {
        leo_.reset();
        log_start_.reset();
        leader_leo_at_fetch_.reset();
        last_fetch_.reset();
        broker_epoch_.reset();
        has_fetched_ = false;
        return;
    }
    leader_leo_at_fetch_ = how.leader_leo;
    last_fetch_ = now_if_in_isr;
}

}  // namespace bsim::replication
