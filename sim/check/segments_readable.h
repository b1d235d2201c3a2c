#pragma once
// segments-readable: at the end of a run every partition directory can be read back. Every .log
// file parses to its last byte, batch by batch; CRCs are right; offsets rise from the file's base
// offset on, and from one segment to the next; leader epochs never fall; each entry of .index
// points at the start of a batch, each entry of .timeindex names an offset that the segment holds,
// and entries rise. Source: kafka.tools.DumpLogSegments (what it complains about), UnifiedLog.
//
// A directory that its node did not close (the node is dead) may end in a torn batch and hold
// pre-allocated indexes: there the valid prefix must read, and the rest is what recovery would cut.
//
// Also counts the values that stand at two offsets of one partition (`records_duplicated`): how
// many records a reader of the leader's log meets whose non-null value it has met before.

#include <cstdint>
#include <string>
#include <vector>

#include "sim/check/checker_set.h"
#include "sim/storage/disk.h"

namespace bsim {

// A directory that holds partition directories: `broker-1`, or one of its log dirs, `broker-1/d0`.
struct LogDirToRead {
    NodeName node;
    std::string path;  // relative to the disk's root
    bool closed = true;
};

struct SegmentsReport {
    CheckResult check;
    std::int64_t records_duplicated = 0;
};

// Reads all of them. `disk` is a plain disk over the run's data directory. Findings carry the
// number and time of `end`; they name node, file and position. Errors of the disk are findings too.
SegmentsReport read_segments(Disk& disk,
                             const std::vector<LogDirToRead>& dirs,
                             const EndOfRun& end,
                             const ClusterView& view);

}  // namespace bsim
