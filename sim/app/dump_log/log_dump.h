#pragma once
// Dumps a .log file or a .checkpoint, which is a snapshot of the metadata log in the same form.
// Errors: Stopped. Source: DumpLogSegments.dumpLog.

#include "sim/app/dump_log/input_file.h"
#include "sim/app/dump_log/session.h"

namespace bsim::dump_log {

void dump_log_segment(const InputFile& file, Session& session);

}  // namespace bsim::dump_log
