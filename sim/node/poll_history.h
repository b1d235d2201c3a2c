#pragma once
// What a consumer's calls of poll() and its commits look like in the history. Calls of poll() that
// return nothing are not told apart: an operation lasts from the first call until one returns
// records or throws. One consumer is one process for as long as it lives; a commit that goes on
// beside its calls (automatic, or asynchronous) is an operation of a process of its own.

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

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
    void commit_begun(SimTime now, const client::CommitBegun& commit);
    void commit_ended(SimTime now, const client::CommitEnded& commit);
    // The consumer's life ends, maybe in the middle of a call.
    void ended(SimTime now);

  private:
    struct Commit {
        std::int32_t process = 0;
        bool own_process = false;
        std::vector<CommittedPosition> offsets;
    };
    void write(SimTime now, OpType type, std::span<const SeenRecord> records);
    void write(SimTime now, OpType type, const Commit& commit);

    HistorySink& sink_;
    HistoryProcesses& processes_;
    std::optional<std::int32_t> process_;
    bool open_ = false;
    std::map<client::CommitId, Commit> commits_;  // under way
};

}  // namespace bsim
