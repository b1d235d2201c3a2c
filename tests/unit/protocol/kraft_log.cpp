#include "tests/unit/protocol/kraft_log.h"

#include <algorithm>

namespace bsim::kraft {

SharedBytes encode_batches(const std::vector<TestBatch>& batches) {
    ByteWriter out;
    for (const TestBatch& batch : batches) {
        out.put_i64(batch.base.value());
        out.put_i32(batch.epoch.value());
        out.put_i32(static_cast<std::int32_t>(batch.records.size()));
        for (const std::string& record : batch.records) {
            out.put_i32(static_cast<std::int32_t>(record.size()));
            out.put_bytes(as_bytes(record));
        }
    }
    return SharedBytes(out.take());
}

std::vector<TestBatch> decode_batches(ByteView bytes) {
    std::vector<TestBatch> batches;
    ByteReader in(bytes);
    while (in.remaining() > 0) {
        TestBatch batch{Offset{in.take_i64()}, LeaderEpoch{in.take_i32()}, {}};
        for (std::int32_t left = in.take_i32(); left > 0; --left) {
            const auto size = static_cast<std::size_t>(in.take_i32());
            batch.records.emplace_back(as_text(in.take_bytes(size)));
        }
        BSIM_CHECK(!in.failed());
        batches.push_back(std::move(batch));
    }
    return batches;
}

OffsetAndEpoch TestLog::end_offset_for_epoch(LeaderEpoch epoch) const {
    if (epochs_.empty() || epoch > last_epoch())
        return {last_epoch(), end_offset()};
    if (epoch == last_epoch())
        return {epoch, end_offset()};
    const auto next = epochs_.upper_bound(epoch);
    if (next == epochs_.begin())
        return {epoch, next->second};
    return {std::prev(next)->first, next->second};
}

void TestLog::assign_epoch(LeaderEpoch epoch, Offset start) {
    if (!epochs_.empty() && last_epoch() == epoch)
        return;
    // An epoch without a record leaves no trace.
    while (!epochs_.empty() &&
           (epochs_.rbegin()->first >= epoch || epochs_.rbegin()->second >= start)) {
        epochs_.erase(std::prev(epochs_.end()));
    }
    epochs_[epoch] = start;
}

void TestLog::append(const TestBatch& batch) {
    BSIM_CHECK(batch.base == end_offset() && batch.epoch >= last_epoch());
    assign_epoch(batch.epoch, batch.base);
    batches_.push_back(batch);
}

void TestLog::truncate(Offset to) {
    if (to >= end_offset())
        return;
    while (!batches_.empty() && batches_.back().end() > to)
        batches_.pop_back();
    std::erase_if(epochs_, [this](const auto& entry) { return entry.second >= end_offset(); });
    flushed_ = std::min(flushed_, end_offset());
}

void TestLog::add_snapshot(const OffsetAndEpoch& id,
                           const std::string& content,
                           WallMs last_contained) {
    BSIM_CHECK(contents_.emplace(id, content).second);
    snapshots_.push_back({id, static_cast<std::int64_t>(content.size()), last_contained});
    std::sort(snapshots_.begin(), snapshots_.end(),
              [](const SnapshotInfo& a, const SnapshotInfo& b) { return a.id < b.id; });
}

bool TestLog::truncate_to_latest_snapshot() {
    const auto latest = latest_snapshot(*this);
    if (!latest || *latest <= OffsetAndEpoch{last_epoch(), end_offset()})
        return false;
    batches_.clear();
    epochs_.clear();
    start_ = flushed_ = latest->offset;
    forget_snapshots_before(*latest);
    return true;
}

void TestLog::delete_before(const OffsetAndEpoch& id) {
    BSIM_CHECK(contents_.contains(id) && id.offset > start_);
    start_ = id.offset;
    std::erase_if(batches_, [this](const TestBatch& batch) { return batch.end() <= start_; });
    // The entry that covers the new start stays, and starts there.
    auto later = std::find_if(epochs_.begin(), epochs_.end(),
                              [this](const auto& entry) { return entry.second > start_; });
    if (later != epochs_.begin()) {
        const LeaderEpoch covering = std::prev(later)->first;
        epochs_.erase(epochs_.begin(), later);
        epochs_[covering] = start_;
    }
    forget_snapshots_before(id);
}

void TestLog::forget_snapshots_before(const OffsetAndEpoch& id) {
    std::erase_if(snapshots_, [&id](const SnapshotInfo& snapshot) { return snapshot.id < id; });
    contents_.erase(contents_.begin(), contents_.lower_bound(id));
}

std::vector<TestBatch> TestLog::read(Offset from, Offset to) const {
    const auto first =
        std::partition_point(batches_.begin(), batches_.end(),
                             [from](const TestBatch& batch) { return batch.end() <= from; });
    const auto last = std::partition_point(
        first, batches_.end(), [to](const TestBatch& batch) { return batch.base < to; });
    return {first, last};
}

}  // namespace bsim::kraft
