#pragma once
// The sends of a history: which value belongs to which operation, and in which order they landed.
//
// nonmonotonic-send, in two forms:
//   - what was sent after the acknowledgement of an offset arrived stands at a lower one; Jepsen's
//     "successive sends of one process land in reverse order" is a case of it, as a process waits
//     for its answer before it goes on;
//   - two sends of one client to one partition landed in the order opposite to that in which it
//     first sent them: permitted without idempotence, where a retry may overtake.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/check/history_log.h"
#include "sim/trace/history.h"

namespace bsim {

class HistorySends {
  public:
    explicit HistorySends(HistoryLog& log) : log_(log) {}

    void on(const ClientOp& op);

  private:
    // The part of an operation that goes to one partition.
    struct Part {
        std::uint32_t partition = 0;
        std::optional<Offset> acked;  // the highest there that was acknowledged when it was sent
    };
    struct Open {
        ValueIndex first = 0;
        std::uint32_t count = 0;
        std::uint64_t number = 0;
        std::uint32_t client = 0;
        std::vector<Part> parts;
    };
    // A client's newest send to a partition that was acknowledged.
    struct Newest {
        std::uint64_t number = 0;
        Offset base;
    };

    void begin(const ClientOp& op);
    void acknowledged(const ClientOp& op, const Open& open);
    void in_order(const HistoryLog::Place& place, ValueIndex value, const Open& open);
    ValueIndex value_of(const Open& open, std::size_t i, std::string_view text);
    std::uint32_t client_of(const ClientOp& op);

    HistoryLog& log_;
    std::uint64_t sent_ = 0;
    std::map<std::int32_t, Open> open_;  // by process
    std::map<std::string, std::uint32_t, std::less<>> clients_;
    std::map<std::pair<std::uint32_t, std::uint32_t>, Newest> newest_;  // by client and partition
};

}  // namespace bsim
