#pragma once
// Dumps .txnindex, the aborted transactions of a segment, and .snapshot, what a log knew of its
// producers. storage/transaction_index.h and storage/producer_snapshot.h give the formats; here the
// entries are shown in the order of the file, and as far as they go.
// Errors: Stopped. Source: DumpLogSegments.dumpTxnIndex, dumpProducerIdSnapshot.

#include "sim/app/dump_log/input_file.h"
#include "sim/app/dump_log/session.h"

namespace bsim::dump_log {

void dump_transaction_index(const InputFile& file, Session& session);
// A corrupt snapshot is complained about, and the dump goes on with the next file.
void dump_producer_snapshot(const InputFile& file, Session& session);

}  // namespace bsim::dump_log
