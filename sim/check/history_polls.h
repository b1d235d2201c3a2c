#pragma once
// The polls of a history: each consumer's positions, and whether it read what it had to.
//
// poll-skip: a consumer goes on above its position, and a record is known to stand between.
// nonmonotonic-poll: it is handed what lies below its position, or a poll is not in order in
// itself. undeclared-reset: it goes on at its position although the records that it has read below
// are gone and others stand there, which it will never see (KIP-320).
// A position is where reading ended last, or where the consumer was told to go on; a reset by
// auto.offset.reset, a seek or a committed offset is told, and then what lies between is nobody's
// business. When its group gives or takes the partition, the position is forgotten.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/check/history_log.h"
#include "sim/trace/history.h"

namespace bsim {

class HistoryPolls {
  public:
    explicit HistoryPolls(HistoryLog& log) : log_(log) {}

    void on(const ClientOp& op);
    void rewritten(const HistoryLog::Rewrite& rewrite);
    void finish();

  private:
    struct Passed {
        Offset next;
        ValueIndex known = 0;  // so many values had been sent when it got there
    };
    struct Position {
        Offset next;
        std::optional<Offset> gone;  // from here on what it has read stands there no longer
        std::vector<Passed> passed;  // ascending, the last ones
    };
    struct Session {
        std::string client;
        std::map<std::uint32_t, Position> positions;  // by partition
    };
    // Was passed over, and nobody knew of a record there.
    struct Gap {
        HistoryLog::Partition* part = nullptr;
        Offset from;
        Offset to;
        std::string client;
        EventNumber i;
        SimTime t;
    };

    Session& session_of(const ClientOp& op);
    void moved(Session& session, const PositionMove& move);
    void read(Session& session,
              HistoryLog::Partition& part,
              std::span<const SeenRecord> records,
              SimTime t);
    void begins(const Session& session, Position& at, const HistoryLog::Place& first);
    void gap(const Session& session, const HistoryLog::Place& from, Offset to);
    void skipped(const Gap& gap, Offset known);

    HistoryLog& log_;
    std::map<std::int32_t, std::string> clients_;  // by process
    std::map<std::string, Session> sessions_;      // by client
    std::vector<Gap> gaps_;
};

}  // namespace bsim
