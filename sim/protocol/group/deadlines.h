#pragma once
// What a coordinator waits for, in order of time: one ordered set for all groups, so that an event
// touches only its own deadline, however many groups and members there are.
// Source: DelayedHeartbeat, DelayedJoin, DelayedSync in their purgatories.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "sim/base/time.h"
#include "sim/model/ids.h"

namespace bsim::group {

enum class DeadlineKind : std::uint8_t { Heartbeat, PendingMember, Join, Sync, Cleanup };

struct Deadline {
    DeadlineKind kind = DeadlineKind::Heartbeat;
    PartitionIndex partition{};  // of the offsets topic
    std::string group{};
    std::string member{};
};

class Deadlines {
  public:
    // Names a deadline until it is taken or cancelled.
    using Handle = std::pair<SimTime, std::uint64_t>;

    Handle add(SimTime at, Deadline what) {
        const Handle handle{at, next_++};
        waiting_.emplace(handle, std::move(what));
        return handle;
    }
    void cancel(std::optional<Handle>& handle) {
        if (handle)
            waiting_.erase(*handle);
        handle.reset();
    }
    std::optional<Deadline> take_due(SimTime now) {
        if (waiting_.empty() || waiting_.begin()->first.first > now)
            return std::nullopt;
        return std::move(waiting_.extract(waiting_.begin()).mapped());
    }
    std::optional<SimTime> next() const {
        return waiting_.empty() ? std::nullopt : std::optional(waiting_.begin()->first.first);
    }
    std::size_t size() const { return waiting_.size(); }

  private:
    std::map<Handle, Deadline> waiting_;
    std::uint64_t next_ = 0;
};

}  // namespace bsim::group
