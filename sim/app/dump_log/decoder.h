#pragma once
// Shows the key and the value of a data record, as text or by what the topic holds.
// A record that cannot be decoded is shown as a text that says why, or stops the dump, whichever
// the real tool does for that decoder. Errors: Stopped. Source: DumpLogSegments' message parsers.

#include "sim/app/dump_log/log_batches.h"
#include "sim/app/dump_log/options.h"
#include "sim/app/dump_log/writer.h"

namespace bsim::dump_log {

Contents decode(Decoder decoder, const FileRecord& record);

// Stops where the value's bytes are not there.
void require_value(const FileRecord& record);

Contents decode_offsets(const FileRecord& record);
Contents decode_transaction_log(const FileRecord& record);
Contents decode_cluster_metadata(const FileRecord& record);

}  // namespace bsim::dump_log
