#pragma once
// A metadata log in memory, for tests of the Raft node: batches of texts, with a leader epoch
// cache and snapshots, whose content is any text.

#include <map>
#include <string>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/protocol/kraft/raft_io.h"

namespace bsim::kraft {

struct TestBatch {
    Offset base;
    LeaderEpoch epoch;
    std::vector<std::string> records;

    Offset end() const { return base + static_cast<std::int64_t>(records.size()); }
    bool operator==(const TestBatch&) const = default;
};

// The one record of a leader's first batch.
inline constexpr const char* kLeaderChange = "leader-change";

SharedBytes encode_batches(const std::vector<TestBatch>& batches);
std::vector<TestBatch> decode_batches(ByteView bytes);

class TestLog : public LogView {
  public:
    Offset start_offset() const override { return start_; }
    Offset end_offset() const override { return batches_.empty() ? start_ : batches_.back().end(); }
    LeaderEpoch last_epoch() const override {
        return epochs_.empty() ? LeaderEpoch{} : epochs_.rbegin()->first;
    }
    OffsetAndEpoch end_offset_for_epoch(LeaderEpoch epoch) const override;
    const std::vector<SnapshotInfo>& snapshots() const override { return snapshots_; }
    // 100 a batch.
    std::int64_t size_in_bytes() const override {
        return 100 * static_cast<std::int64_t>(batches_.size());
    }

    void append(const TestBatch& batch);
    void assign_epoch(LeaderEpoch epoch, Offset start);
    void truncate(Offset to);
    void flush() { flushed_ = end_offset(); }
    // What a power failure does.
    void lose_unflushed() { truncate(flushed_); }

    void add_snapshot(const OffsetAndEpoch& id, const std::string& content, WallMs last_contained);
    const std::string& snapshot(const OffsetAndEpoch& id) const { return contents_.at(id); }
    // Empties the log if the latest snapshot is ahead of it.
    bool truncate_to_latest_snapshot();
    void delete_before(const OffsetAndEpoch& id);

    // Whole batches that hold records in [from, to).
    std::vector<TestBatch> read(Offset from, Offset to) const;
    const std::vector<TestBatch>& batches() const { return batches_; }

  private:
    void forget_snapshots_before(const OffsetAndEpoch& id);

    Offset start_;
    std::vector<TestBatch> batches_;
    std::map<LeaderEpoch, Offset> epochs_;
    std::vector<SnapshotInfo> snapshots_;
    std::map<OffsetAndEpoch, std::string> contents_;
    Offset flushed_;
};

}  // namespace bsim::kraft
