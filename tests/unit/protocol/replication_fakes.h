#pragma once
// Stand-ins for what the shell provides: the view of the cluster, and a log that keeps its records
// in memory. A record is (leader epoch, value); "bytes" are 12 a record.

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/base/bytes.h"
#include "sim/base/check.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/cluster_view.h"
#include "sim/protocol/replication/fetch_check.h"
#include "sim/protocol/replication/partition_follower.h"

namespace bsim::replication {

class FakeCluster : public ClusterView {
  public:
    std::optional<BrokerStatus> broker(BrokerId id) const override {
        const auto found = brokers.find(id);
        return found == brokers.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<BrokerEpoch> own_epoch() const override { return own; }
    bool has_broker_epochs() const override { return epochs; }

    std::map<BrokerId, BrokerStatus> brokers;
    std::optional<BrokerEpoch> own;
    bool epochs = true;
};

struct FakeRecord {
    LeaderEpoch epoch;
    std::int64_t value = 0;
    bool operator==(const FakeRecord&) const = default;
};

class FakeLog {
  public:
    Offset start() const { return start_; }
    Offset leo() const { return start_ + static_cast<std::int64_t>(records_.size()); }
    const FakeRecord& at(Offset offset) const {
        return records_.at(static_cast<std::size_t>(offset - start_));
    }
    FollowerLog facts() const {
        return {start_, hw, leo(),
                cache_.empty() ? std::nullopt : std::optional(cache_.back().first)};
    }

    void append(const FakeRecord& record) {
        start_epoch(record.epoch, leo());
        records_.push_back(record);
    }
    void start_epoch(LeaderEpoch epoch, Offset at) {
        if (!cache_.empty() && cache_.back().first == epoch && at >= cache_.back().second)
            return;
        while (!cache_.empty() && (cache_.back().first >= epoch || cache_.back().second >= at)) {
            cache_.pop_back();
        }
        cache_.emplace_back(epoch, at);
    }
    std::optional<EpochEnd> end_offset_for(LeaderEpoch asked) const {
        if (cache_.empty() || asked > cache_.back().first)
            return std::nullopt;
        if (asked == cache_.back().first)
            return EpochEnd{asked, leo()};
        EpochEnd end{asked, leo()};
        for (const auto& [epoch, at] : cache_) {
            if (epoch > asked) {
                end.end = at;
                break;
            }
            end.epoch = epoch;
        }
        return end;
    }
    void truncate_to(Offset offset) {
        if (offset < start_)
            return truncate_fully(offset);
        // Also when nothing is cut: a leader that appended nothing has left an entry at the end.
        offset = std::min(offset, leo());
        records_.resize(static_cast<std::size_t>(offset - start_));
        while (!cache_.empty() && cache_.back().second >= offset)
            cache_.pop_back();
        hw = std::min(hw, leo());
    }
    void truncate_fully(Offset offset) {
        records_.clear();
        cache_.clear();
        start_ = offset;
        hw = offset;
    }
    void raise_start(Offset offset) {
        if (offset <= start_)
            return;
        BSIM_CHECK(offset <= hw);
        records_.erase(records_.begin(), records_.begin() + (offset - start_));
        start_ = offset;
        // The last entry that starts at or before the new start stays, moved to it.
        while (cache_.size() > 1 && cache_[1].second <= start_)
            cache_.erase(cache_.begin());
        if (!cache_.empty())
            cache_[0].second = std::max(cache_[0].second, start_);
    }

    SharedBytes read(Offset from, Offset limit, std::size_t records_max) const {
        ByteWriter out;
        for (Offset at = from; at < limit && records_max > 0; at = at + 1, --records_max) {
            out.put_i32(this->at(at).epoch.value());
            out.put_i64(this->at(at).value);
        }
        return SharedBytes(out.take());
    }
    void append_read(const SharedBytes& bytes) {
        ByteReader in(bytes.view());
        while (in.remaining() > 0) {
            const LeaderEpoch epoch(in.take_i32());
            append({epoch, in.take_i64()});
        }
    }

    Offset hw;

  private:
    Offset start_;
    std::vector<FakeRecord> records_;
    std::vector<std::pair<LeaderEpoch, Offset>> cache_;
};

}  // namespace bsim::replication
