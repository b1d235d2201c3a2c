#pragma once
// What a consumer's calls of poll() and its commits look like in the history. Calls of poll() that
// return nothing are not told apart: an operation lasts from the first call until one returns
// records or throws. One consumer is one process for as long as it lives; a commit that goes on
// beside its calls (automatic, or asynchronous) is an operation of a process of its own. Where its
// positions went meanwhile, other than by reading, stands at the end of each call.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sim/node/history_processes.h"
#include "sim/protocol/client/consumer_io.h"
#include "sim/trace/history.h"
#include "sim/trace/node_name.h"

namespace bsim {

class PollHistory {
  public:
    PollHistory(HistorySink& sink, HistoryProcesses& processes, NodeName consumer)
        : sink_(sink), processes_(processes), consumer_(std::move(consumer)) {}

    void called(SimTime now);
    void returned(SimTime now, const client::RecordsReady& records);
    void threw(SimTime now);
    void commit_begun(SimTime now, const client::CommitBegun& commit);
    void commit_ended(SimTime now, const client::CommitEnded& commit);
    // The position goes on at `to`.
    void moved(const TopicPartition& p, Offset to) { moves_.push_back({p, to}); }
    // What it owns from now on, ascending: what its group gave or took may be read from anywhere.
    void owns(const std::vector<TopicPartition>& owned);
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
    NodeName consumer_;
    std::optional<std::int32_t> process_;
    bool introduced_ = false;  // process_ has told whom it stands for
    bool begins_ = true;       // no call yet in this life
    bool open_ = false;
    std::vector<TopicPartition> owned_;
    std::vector<PositionMove> moves_;             // since a call ended last
    std::map<client::CommitId, Commit> commits_;  // under way
};

}  // namespace bsim
