#pragma once
// Reads a stored history.jsonl, line by line, and hands each operation to a sink, as the clients
// did that it was written of. Histories of other origin are taken in the same shape:
//   - without what stands behind `value`: then a process is a client of that name, all producers
//     are taken for idempotent ones with acks=all;
//   - Jepsen's operations `assign` and `subscribe`: whoever assigned begins to read anew; whoever
//     subscribed may be moved between any two polls, unless its polls have "moved";
//   - "txn", whose micro-operations may be sends and polls: as a send and a poll at the same time;
//   - other operations are passed over.

#include <cstdint>
#include <istream>
#include <optional>
#include <set>
#include <string>

#include "sim/base/result.h"
#include "sim/trace/history.h"
#include "sim/trace/reader.h"

namespace bsim {

class HistoryReader {
  public:
    HistoryReader(std::istream& in, HistorySink& sink) : in_(in), sink_(sink) {}

    // The time of the next operation that the sink was handed, nullopt at the end.
    Result<std::optional<SimTime>, TraceError> next();
    std::uint64_t line() const { return line_; }

  private:
    struct Line;

    // What is wrong with the line, or whether it was handed on.
    Result<bool, std::string> read(Line& line);
    void hand_on(const Line& line);

    std::istream& in_;
    HistorySink& sink_;
    std::string text_;
    std::uint64_t line_ = 0;
    std::set<std::int32_t> subscribed_;  // processes
    std::set<std::int32_t> anew_;        // that have assigned since they polled last
};

}  // namespace bsim
