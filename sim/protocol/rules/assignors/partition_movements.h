#pragma once
// Which partitions went from whom to whom while an assignment is being balanced, so that no two of
// one topic cross each other: rather than moving A's partition to B after B's went to A, the one
// that came from B goes back. Source: AbstractStickyAssignor.PartitionMovements.

#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "sim/protocol/rules/assignors/assignment_input.h"

namespace bsim::group {

class PartitionMovements {
  public:
    explicit PartitionMovements(const AssignmentInput& input) : input_(input) {}

    void move(const Slot& slot, std::size_t from, std::size_t to);
    // Which partition to move instead of `slot`; that itself, if nothing crosses.
    Slot to_be_moved(const Slot& slot, std::size_t from, std::size_t to) const;

  private:
    struct Route {
        std::size_t from = 0;
        std::size_t to = 0;
        auto operator<=>(const Route&) const = default;
    };
    // A HashSet of partitions of one topic: its first element depends on how large it ever was.
    class MovedSet {
      public:
        void insert(std::int32_t partition, std::uint32_t hash);
        void erase(std::int32_t partition);
        bool empty() const { return partitions_.empty(); }
        std::int32_t first() const;

      private:
        struct Moved {
            std::int32_t partition;
            std::uint32_t hash;
        };
        std::uint32_t capacity() const;

        std::vector<Moved> partitions_;  // in order of insertion
        std::uint32_t capacity_ = 0;     // of the table, as far as it grew before an erasure
    };

    void record(const Slot& slot, const Route& route);
    Route forget(const Slot& slot);

    const AssignmentInput& input_;
    std::map<Slot, Route> route_of_;
    std::map<std::pair<std::size_t, Route>, MovedSet> moved_;  // by topic and route
};

}  // namespace bsim::group
