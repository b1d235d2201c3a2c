#pragma once
// What a Fetch answer brought for one partition, read batch by batch as poll() hands it out.
//
// Checks each batch's checksum (check.crcs); passes over control batches and, with read_committed,
// over batches of aborted transactions. Offsets before the wanted one, which a batch may begin
// with, are dropped in silence.
// Source: CompletedFetch.

#include <cstddef>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "sim/model/ids.h"
#include "sim/protocol/client/consumer_io.h"
#include "sim/protocol/client/settings.h"
#include "sim/wire/messages/fetch_response.h"
#include "sim/wire/record_batch.h"
#include "sim/wire/record_reader.h"

namespace bsim::client {

class CompletedFetch {
  public:
    CompletedFetch(TopicPartition tp,
                   Offset fetch_offset,
                   const wire::FetchResponse::PartitionData& data);

    const TopicPartition& partition() const { return tp_; }
    wire::ErrorCode error() const { return error_; }
    // The offset that comes next: the one asked for, until records are taken.
    Offset next_offset() const { return next_; }
    bool consumed() const { return consumed_; }
    bool empty() const { return records_.empty(); }
    // There are bytes, but not even one whole batch.
    bool is_torn() const;
    void drain() { consumed_ = true; }

    // Appends at most `max` records to `out` and sets its position and epochs. False if a batch or
    // record is corrupt; what stood before it is in `out`, and later calls find it again.
    bool take(std::size_t max, const ConsumerSettings& settings, PartitionRecords& out);

  private:
    enum class Step { Record, End, Corrupt };
    Step next_record(const ConsumerSettings& settings, PartitionRecords& out);
    Step next_batch(const ConsumerSettings& settings, PartitionRecords& out);
    bool aborted(const wire::BatchView& batch);
    void skip(Offset from, Offset to, SkipReason why, PartitionRecords& out);
    std::optional<LeaderEpoch> batch_epoch() const;

    TopicPartition tp_;
    wire::ErrorCode error_;
    Offset next_;
    SharedBytes records_;
    std::deque<wire::FetchResponse::AbortedTransaction> aborted_;  // by first offset
    std::set<std::int64_t> aborted_producers_;
    wire::BatchReader batches_;  // over records_
    wire::BatchView batch_;      // the present one; no bytes before the first
    std::optional<wire::RecordReader> reader_;
    wire::RecordView record_;
    bool consumed_ = false;
    bool corrupt_ = false;
};

}  // namespace bsim::client
