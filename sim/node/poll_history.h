#pragma once
// What a consumer's calls of poll() look like in the history. Calls that return nothing are not
// told apart: an operation lasts from the first call until one returns records or throws. One
// consumer is one process for as long as it lives.

#include <cstdint>
#include <optional>

#include "sim/node/history_processes.h"
#include "sim/protocol/client/consumer_io.h"
#include "sim/trace/history.h"

namespace bsim {

class PollHistory {
  public:
    PollHistory(HistorySink& sink, HistoryProcesses& processes)
        : sink_(sink), processes_(processes) {}

    void called(SimTime now);
    void returned(SimTime now, const client::RecordsReady& records);
    void threw(SimTime now);
    // The consumer's life ends, maybe in the middle of a call.
    void ended(SimTime now);

  private:
    void write(SimTime now, OpType type, std::span<const SeenRecord> records);

    HistorySink& sink_;
    HistoryProcesses& processes_;
    std::optional<std::int32_t> process_;
    bool open_ = false;
};

}  // namespace bsim
