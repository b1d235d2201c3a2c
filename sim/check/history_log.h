#pragma once
// The log of each partition as clients tell of it, and the anomalies that show in it: what was
// acknowledged where, what was read where. Reads nothing but operations of clients; whether the
// settings permit what it found, it asks the view of the cluster, which may be empty.
// Names and meanings after Jepsen's workload for Kafka (jepsen.tests.kafka).

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/check/checker.h"
#include "sim/check/history_values.h"

namespace bsim {

// One anomaly, as a check of that name.
class Anomaly : public Checker {
  public:
    using Checker::Checker;
    void on(const Event& /*event*/, const ClusterView& /*view*/) override {}
    using Checker::evaluated;
    using Checker::judge;
};

struct Anomalies {
    Anomaly failed_read{"G1a", CheckKind::Safety};
    Anomaly duplicate{"duplicate", CheckKind::Safety};
    Anomaly inconsistent_offsets{"inconsistent-offsets", CheckKind::Safety};
    Anomaly lost_write{"lost-write", CheckKind::Safety};
    Anomaly nonmonotonic_poll{"nonmonotonic-poll", CheckKind::Safety};
    Anomaly nonmonotonic_send{"nonmonotonic-send", CheckKind::Safety};
    Anomaly poll_skip{"poll-skip", CheckKind::Safety};
    Anomaly thin_air_read{"thin-air-read", CheckKind::Safety};
    Anomaly undeclared_reset{"undeclared-reset", CheckKind::Safety};
    Anomaly unseen{"unseen", CheckKind::Liveness};

    std::vector<const Anomaly*> all() const;
};

class HistoryLog {
  public:
    struct Partition {
        TopicPartition p;
        std::uint32_t number = 0;
        bool off = false;     // it was created anew: offsets began again, nothing is said of it
        bool sparse = false;  // compacted: that a record is missing means nothing
        HistoryOffsets offsets;
        OffsetRanges passed;                          // by readers
        std::optional<Offset> acked;                  // the highest
        std::deque<std::pair<SimTime, Offset>> ends;  // `acked`, of the last moments
    };
    // At this offset stands another value than was told before.
    struct Rewrite {
        Partition& part;
        Offset offset;
        ValueIndex value;
    };
    struct Place {
        Partition& part;
        Offset offset;
        SimTime t;
    };

    HistoryLog(const CheckSettings& settings, const ClusterView& view)
        : settings_(settings), view_(view) {}

    // The number of the event that was seen last, before each operation.
    void moment(EventNumber i) { i_ = i; }
    EventNumber last_event() const { return i_; }
    // Offsets of this partition begin again.
    void recreated(const TopicPartition& p);
    // nullptr: nothing is said of it.
    Partition* partition(const TopicPartition& p);

    // A producer is told that the value stands there, or that it is not written.
    void acked(const Place& place, ValueIndex value, std::string_view text);
    void failed(ValueIndex value, SimTime t, std::string_view text);
    // A reader is handed the value.
    void read(const Place& place, std::string_view text);
    // Some reader went from one offset to another past which it will not go back.
    void passed(const Place& from, Offset to);
    // Some reader found something else there than what ought to be there.
    void odd(const Place& from, Offset to);
    void finish(const EndOfRun& end);

    // What has been found to be rewritten since the call before.
    std::vector<Rewrite> take_rewrites();

    // Adds a finding of the event seen last, or (`next`) of the one that comes now: a violation
    // unless there is an excuse.
    enum class Of { Last, Next };
    void found(Anomaly& anomaly, const Place& place, std::string detail, std::string excuse, Of of);
    // The event after an operation; nullptr at the end.
    void settle(const Event* event);
    // Why what stood at the offset may be gone; empty: it may not. `victim` is kNoValue if it is
    // not known.
    std::string excuse(const Partition& part, Offset offset, ValueIndex victim);

    HistoryValues values;
    Anomalies anomalies;

  private:
    struct Pending {
        Anomaly* anomaly = nullptr;
        SimTime t;
        std::string detail;
        std::string excuse;
    };
    struct Odd {
        std::uint32_t part = 0;
        Offset from;
        Offset to;
        EventNumber i;
        SimTime t;
    };
    // Acknowledged records that stood in a row and were not read.
    struct Missing {
        Partition* part = nullptr;
        Offset from;
        Offset to;
        ValueIndex first = kNoValue;
        bool passed = false;
    };

    void stands(const Place& place, ValueIndex value, std::string_view text, Of of);
    void stands_twice(const Place& place, ValueIndex index, std::string_view text, Of of);
    // Why that value may stand at `place`, too; empty: it may not.
    std::string excuse_for_copy(const Place& place, ValueIndex index);
    void settle_old(Partition& part, SimTime now);
    bool is_settled(Partition& part, Offset offset, SimTime end);
    void missing(const Missing& run, const EndOfRun& end);

    CheckSettings settings_;
    const ClusterView& view_;
    EventNumber i_;
    std::map<TopicPartition, Partition*> by_name_;
    std::deque<Partition> partitions_;
    std::set<TopicPartition> created_;
    std::vector<Rewrite> rewrites_;
    std::vector<Pending> pending_;
    std::vector<Odd> odd_;
};

// The value without what fills it up, cut to a handy length, in quotes.
std::string shown(std::string_view text);

}  // namespace bsim
