#pragma once
// A metadata log in memory, for tests of the Raft node: batches of texts, with a leader epoch
// cache.

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

SharedBytes encode_batches(const std::vector<TestBatch>& batches);
std::vector<TestBatch> decode_batches(ByteView bytes);

class TestLog : public LogView {
  public:
    Offset start_offset() const override { return Offset{}; }
    Offset end_offset() const override {
        return batches_.empty() ? Offset{} : batches_.back().end();
    }
    LeaderEpoch last_epoch() const override {
        return epochs_.empty() ? LeaderEpoch{} : epochs_.rbegin()->first;
    }
    OffsetAndEpoch end_offset_for_epoch(LeaderEpoch epoch) const override;

    void append(const TestBatch& batch);
    void assign_epoch(LeaderEpoch epoch, Offset start);
    void truncate(Offset to);
    void flush() { flushed_ = end_offset(); }
    // What a power failure does.
    void lose_unflushed() { truncate(flushed_); }

    std::vector<TestBatch> read(Offset from, Offset to) const;
    const std::vector<TestBatch>& batches() const { return batches_; }

  private:
    std::vector<TestBatch> batches_;
    std::map<LeaderEpoch, Offset> epochs_;
    Offset flushed_;
};

}  // namespace bsim::kraft
