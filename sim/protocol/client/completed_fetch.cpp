#include "sim/protocol/client/completed_fetch.h"

#include <algorithm>
#include <utility>

#include "sim/wire/control_record.h"

namespace bsim::client {

namespace {

// A batch of nothing but the marker that ends an aborted transaction.
bool is_abort_marker(const wire::BatchView& batch) {
    if (!batch.header.is_control())
        return false;
    wire::RecordReader reader(batch);
    wire::RecordView record;
    return reader.next(record) && record.key &&
           wire::parse_control_key(*record.key) == wire::ControlType::Abort;
}

}  // namespace

CompletedFetch::CompletedFetch(TopicPartition tp,
                               Offset fetch_offset,
                               const wire::FetchResponse::PartitionData& data)
    : tp_(std::move(tp)),
      error_(wire::error_code(data.error_code)),
      next_(fetch_offset),
      records_(data.records.value_or(SharedBytes{})),
      batches_(records_.view()) {
    if (data.aborted_transactions)
        aborted_.assign(data.aborted_transactions->begin(), data.aborted_transactions->end());
    std::stable_sort(aborted_.begin(), aborted_.end(),
                     [](const auto& a, const auto& b) { return a.first_offset < b.first_offset; });
}

bool CompletedFetch::is_torn() const {
    wire::BatchReader batches(records_.view());
    wire::BatchView first;
    return !records_.empty() && !batches.next(first);
}

bool CompletedFetch::take(std::size_t max,
                          const ConsumerSettings& settings,
                          PartitionRecords& out) {
    while (!corrupt_ && !consumed_ && out.records.size() < max) {
        const Step step = next_record(settings, out);
        if (step == Step::Corrupt)
            corrupt_ = true;
        if (step != Step::Record)
            break;
        ConsumedRecord& record = out.records.emplace_back();
        record.offset = Offset(record_.offset);
        if (record_.value)
            record.value.emplace(record_.value->begin(), record_.value->end());
        if (out.records.size() == 1)
            out.first_epoch = batch_epoch();
        next_ = record.offset + 1;
    }
    out.position = next_;
    out.last_epoch = batch_epoch();
    return !corrupt_;
}

CompletedFetch::Step CompletedFetch::next_record(const ConsumerSettings& settings,
                                                 PartitionRecords& out) {
    while (true) {
        if (!reader_) {
            const Step step = next_batch(settings, out);
            if (step != Step::Record)
                return step;
            continue;
        }
        if (!reader_->next(record_)) {
            if (reader_->error())
                return Step::Corrupt;
            reader_.reset();
            continue;
        }
        const Offset offset(record_.offset);
        if (offset < next_)
            continue;
        if (!batch_.header.is_control())
            return Step::Record;
        skip(offset, offset + 1, SkipReason::Control, out);
    }
}

// Record: there is a batch to read, or one was passed over.
CompletedFetch::Step CompletedFetch::next_batch(const ConsumerSettings& settings,
                                                PartitionRecords& out) {
    if (!batches_.next(batch_)) {
        if (batches_.error())
            return Step::Corrupt;
        // The last records of a batch may have been compacted away; the position goes past them.
        if (!batch_.bytes.empty())
            next_ = Offset(batch_.header.next_offset());
        consumed_ = true;
        return Step::End;
    }
    if (settings.check_crcs && !wire::crc_matches(batch_.bytes))
        return Step::Corrupt;
    if (settings.isolation_level == IsolationLevel::ReadCommitted &&
        batch_.header.has_producer_id() && aborted(batch_)) {
        skip(next_, Offset(batch_.header.next_offset()), SkipReason::Aborted, out);
        return Step::Record;
    }
    reader_.emplace(batch_);
    return Step::Record;
}

bool CompletedFetch::aborted(const wire::BatchView& batch) {
    while (!aborted_.empty() && aborted_.front().first_offset <= batch.header.last_offset()) {
        aborted_producers_.insert(aborted_.front().producer_id);
        aborted_.pop_front();
    }
    if (is_abort_marker(batch)) {
        aborted_producers_.erase(batch.header.producer_id);
        return false;
    }
    return batch.header.is_transactional() && aborted_producers_.contains(batch.header.producer_id);
}

void CompletedFetch::skip(Offset from, Offset to, SkipReason why, PartitionRecords& out) {
    if (!out.skipped.empty() && out.skipped.back().to == from && out.skipped.back().why == why) {
        out.skipped.back().to = to;
    } else {
        out.skipped.push_back({from, to, why});
    }
    next_ = to;
}

std::optional<LeaderEpoch> CompletedFetch::batch_epoch() const {
    if (batch_.bytes.empty() || batch_.header.partition_leader_epoch == wire::kNoLeaderEpoch)
        return std::nullopt;
    return LeaderEpoch(batch_.header.partition_leader_epoch);
}

}  // namespace bsim::client
