#pragma once
// What a committed record says, as notices for the trace.

#include <span>

#include "sim/model/metadata_image.h"
#include "sim/protocol/controller/controller_io.h"
#include "sim/protocol/controller/operation.h"

namespace bsim::controller {

// The place of a record in the log.
struct CommittedRecord {
    std::span<const wire::VersionedRecord> batch;
    std::size_t index = 0;  // in the batch
    Offset offset;
    RecordNote note;
};

// Applies the record to `image` and adds the notices of what it changed.
void apply_and_notice(const CommittedRecord& record, MetadataImage& image, ControllerEffects& out);

// The note of a record that another controller wrote, as far as its batch tells: what became of a
// broker explains the partitions beside it.
RecordNote infer_note(std::span<const wire::VersionedRecord> batch, std::size_t index);

}  // namespace bsim::controller
