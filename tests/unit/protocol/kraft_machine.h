#pragma once
// The state machine above a Raft node in tests: counts the records that it is handed, and remembers
// the last. Its state fits a snapshot. Source: ReplicatedCounter.

#include <optional>
#include <string>

#include "tests/unit/protocol/kraft_log.h"

namespace bsim::kraft {

class TestMachine {
  public:
    // Hands out what is committed below `hw` and not handed out yet, by snapshot where must be.
    void catch_up(const TestLog& log, Offset hw);
    // Of leadership: its own while it may write.
    void leader_changed(bool is_own);

    // Where it is: all below is applied, the last record of that epoch. Absent before anything is.
    const std::optional<OffsetAndEpoch>& at() const { return at_; }
    std::int64_t count() const { return count_; }
    const std::string& last() const { return last_; }
    bool may_write() const { return may_write_; }
    // Since the last news of leadership.
    int snapshots_loaded() const { return snapshots_loaded_; }

    std::string content() const;

  private:
    void load(const std::string& content);

    std::optional<OffsetAndEpoch> at_;
    std::int64_t count_ = 0;
    std::string last_;
    bool may_write_ = false;
    int snapshots_loaded_ = 0;
};

}  // namespace bsim::kraft
