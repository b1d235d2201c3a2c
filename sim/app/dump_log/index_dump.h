#pragma once
// Dumps .index and .timeindex and checks their entries against the .log beside them, which must be
// there. Entries are taken to the end of the file: a segment that was not closed has zeros there,
// and the first entry that reads as the base offset ends the dump.
// Errors: Stopped. Source: DumpLogSegments.dumpIndex, dumpTimeIndex; OffsetIndex, TimeIndex.

#include "sim/app/dump_log/input_file.h"
#include "sim/app/dump_log/session.h"

namespace bsim::dump_log {

void dump_offset_index(const InputFile& file, Session& session);
void dump_time_index(const InputFile& file, Session& session);

}  // namespace bsim::dump_log
