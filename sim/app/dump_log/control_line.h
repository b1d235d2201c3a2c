#pragma once
// Shows what a control record says: a transaction marker, or what a KRaft quorum writes about
// itself. Errors: Stopped. Source: ControlRecordType, EndTransactionMarker, ControlRecordUtils.

#include "sim/app/dump_log/log_batches.h"
#include "sim/app/dump_log/writer.h"

namespace bsim::dump_log {

void show_control(const FileRecord& record, Writer& writer);

}  // namespace bsim::dump_log
