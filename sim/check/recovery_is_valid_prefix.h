#pragma once
// recovery-is-valid-prefix: a log that is opened again is what was written, up to somewhere, and
// holds all that had to be on disk. Invariants S1, S4 (for the quorum) of facts/invariants.md,
// and what S7 rests on (family I12). That what is there can be read says segments-readable.
//
// Violations, when a process that has been down tells of a log:
//   - after a kill or an orderly stop it does not end where it ended: the page cache stays;
//   - after a power failure it ends below what LogFlushed said to be on disk;
//   - after a power failure the log of a voter of the metadata quorum ends below what the voter had
//     to flush: it flushes what it appended before it appends again, whatever LogFlushed says;
//   - it ends above all that had been written since the last power failure (a cut may not have
//     reached the disk);
//   - it ends within a batch.
// Permitted: what goes with a disk that is replaced.
// Not evaluated: a first life, which nothing was told of.
// Source: LogLoader.recoverLog, KafkaRaftClient.appendAsFollower, flushLeaderLog.

#include <map>
#include <string>

#include "sim/check/checker.h"

namespace bsim {

class RecoveryIsValidPrefix : public Checker {
  public:
    explicit RecoveryIsValidPrefix(const CheckSettings& settings)
        : Checker("recovery-is-valid-prefix", CheckKind::Safety), settings_(settings) {}

    void on(const Event& event, const ClusterView& view) override;

  private:
    // Of a voter's metadata log: what it appended at one time is flushed before the next.
    struct Voter {
        SimTime appended;  // when last
        Offset end;        // behind that
        Offset settled;    // the end before
    };

    void on_appended(const Event& event, const LogAppended& e);
    void on_truncated(const Event& event, const LogTruncated& e);
    void on_recovered(const Event& event, const LogRecovered& e, const ClusterView& view);
    std::string wrong_end(const LogRecovered& e,
                          BrokerId id,
                          StopMode how,
                          const LogBefore& before) const;

    CheckSettings settings_;
    std::map<BrokerId, Voter> voters_;
};

}  // namespace bsim
