#pragma once
// The offsets that a group has committed: those in force, and those whose record is not replicated
// yet. Timestamps are of the coordinator's wall clock. Source: GroupMetadata, the parts on offsets.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"

namespace bsim::group {

struct OffsetAndMetadata {
    Offset offset;
    std::optional<LeaderEpoch> leader_epoch{};
    std::string metadata{};
    WallMs committed_at{};
    std::optional<WallMs> expires_at{};  // asked for by old clients; none: the broker's retention

    bool operator==(const OffsetAndMetadata&) const = default;
};

// Later records win, so each offset knows the first offset of the batch it came with.
struct CommittedOffset {
    Offset batch;
    OffsetAndMetadata value;
};

class GroupOffsets {
  public:
    void prepare(const TopicPartition& tp, const OffsetAndMetadata& value);
    // The record is replicated. True if the offset is in force now: no later one came before it.
    bool complete(const TopicPartition& tp, const CommittedOffset& committed);
    void fail(const TopicPartition& tp, const OffsetAndMetadata& value);

    const OffsetAndMetadata* find(const TopicPartition& tp) const;
    const std::map<TopicPartition, CommittedOffset>& committed() const { return committed_; }
    bool has_pending(const TopicPartition& tp) const;
    // None in force, none on the way.
    bool empty() const { return committed_.empty() && pending_.empty() && open_.empty(); }

    void load(const TopicPartition& tp, const CommittedOffset& committed);
    // Of a transaction that was open when the partition was loaded.
    void load_open(ProducerId producer, const TopicPartition& tp);

    // Takes offsets out; gives back those of them that were in force, in the order given.
    std::vector<TopicPartition> remove(const std::vector<TopicPartition>& partitions);
    std::vector<TopicPartition> remove_all();

    struct Retention {
        WallMs now;
        std::int64_t retention_ms = 0;
        std::optional<WallMs> since;       // none: since each was committed
        std::set<std::string> subscribed;  // topics that do not expire
    };
    std::vector<TopicPartition> remove_expired(const Retention& rule);

  private:
    bool is_expired(const TopicPartition& tp,
                    const CommittedOffset& committed,
                    const Retention& rule) const;

    std::map<TopicPartition, CommittedOffset> committed_;
    std::map<TopicPartition, OffsetAndMetadata> pending_;
    std::map<ProducerId, std::set<TopicPartition>> open_;
};

}  // namespace bsim::group
