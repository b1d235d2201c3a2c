#pragma once
// Shows what is in the files of a log directory, as kafka-dump-log of Kafka 3.9.1 does:
//   .log .checkpoint        batches and, if asked for, records; log_dump.h
//   .index .timeindex       entries, checked against the log; index_dump.h
//   .snapshot .txnindex     producers, aborted transactions; state_dump.h
// Text goes out line for line as the real tool prints it, but for the line "Dumping FILE", which
// comes only when there are several files; or as one JSON object (writer.h).
// Complaints go to `complaints`, a line each. Where an exception ends the real tool, it ends this
// too, whatever files are left: what it has printed up to there is the same.
// DEVIATION: dump-log has its own words where an exception ends the real tool, gives paths as they
// were given, complains about a missing .txnindex too, and never makes an empty .index.
// Source: kafka.tools.DumpLogSegments.

#include <ostream>
#include <string>
#include <vector>

#include "sim/app/dump_log/options.h"

namespace bsim::dump_log {

// Whether there was nothing to complain about.
bool dump(const std::vector<std::string>& files,
          const Options& options,
          std::ostream& out,
          std::ostream& complaints);

}  // namespace bsim::dump_log
