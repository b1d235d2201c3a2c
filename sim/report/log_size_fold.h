#pragma once
// How many bytes of segments each broker's logs hold, as the events tell it: batches that were
// appended, less those that were truncated or went with a segment. The metadata log is no log of
// the broker's and left out, as it is by DescribeLogDirs.
//
// A process that starts has the logs of which it tells that it found them (LogRecovered), and no
// others. A log that lost its tail ends at the last batch that still fits.

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "sim/model/ids.h"
#include "sim/trace/event.h"

namespace bsim {

class SizedLog {
  public:
    void append(Offset base, Offset last, std::int64_t bytes);
    // Batches that end at or after `end` go.
    void cut(Offset end);
    void clear();
    void rolled(Offset base) { segments_.insert(base); }
    void segment_deleted(Offset base);

    std::int64_t bytes() const;

  private:
    struct Batch {
        Offset base;
        Offset last;
        std::int64_t bytes = 0;
    };
    std::vector<Batch> batches_;  // in offset order
    std::set<Offset> segments_;   // base offsets, but for the first
};

struct BrokerLog {
    SizedLog log;
    bool found = false;   // by the process that runs, or made by it
    bool served = false;  // the process leads or follows with it
};

class LogSizeFold {
  public:
    void on(const Event& event);

    // nullptr if the broker's process has no such log.
    const BrokerLog* log(BrokerId broker, const TopicPartition& p) const;

  private:
    template <class Body>
    void apply(BrokerId, const Body&) {}
    void apply(BrokerId broker, const NodeStarted& e);
    void apply(BrokerId broker, const LogRecovered& e);
    void apply(BrokerId broker, const BecameLeader& e);
    void apply(BrokerId broker, const BecameFollower& e);
    void apply(BrokerId broker, const LogAppended& e);
    void apply(BrokerId broker, const LogTruncated& e);
    void apply(BrokerId broker, const SegmentRolled& e);
    void apply(BrokerId broker, const SegmentDeleted& e);

    BrokerLog& present(BrokerId broker, const TopicPartition& p);
    void serve(BrokerId broker, const TopicPartition& p, Offset leo);
    void forget(const std::string& topic);

    std::map<BrokerId, std::map<TopicPartition, BrokerLog>> logs_;
};

}  // namespace bsim
