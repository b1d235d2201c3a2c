#pragma once
// Reads the records of one batch, in order, decompressed where need be.
// Promises: every length is checked before use; after the last record nothing may be left over, and
// there must be as many records as the header says. Kafka's rules, DefaultRecord.readFrom.
// Errors: BadRecord; BadCompression before the first record.

#include <cstdint>
#include <optional>

#include "sim/base/bytes.h"
#include "sim/base/result.h"
#include "sim/wire/record.h"
#include "sim/wire/record_batch.h"

namespace bsim::wire {

class RecordReader {
  public:
    // Requires that the batch's bytes outlive the reader. The views that it hands out point into
    // these bytes, or into bytes of the reader and its copies if the batch is compressed.
    explicit RecordReader(const BatchView& batch);

    // Fills `out` (whose buffers are reused) with the next record; false at the end or after an
    // error.
    bool next(RecordView& out);
    std::optional<BatchError> error() const { return error_; }

  private:
    bool fail(BatchError error);
    bool take_record(RecordView& out);

    BatchHeader header_;
    SharedBytes decompressed_;
    ByteReader in_;
    std::int32_t left_;
    std::optional<BatchError> error_;
};

// Calls visit(const RecordView&) for every record.
template <class Visit>
Result<Done, BatchError> for_each_record(const BatchView& batch, Visit visit) {
    RecordReader reader(batch);
    RecordView record;
    while (reader.next(record))
        visit(record);
    if (reader.error())
        return Err{*reader.error()};
    return Done{};
}

}  // namespace bsim::wire
