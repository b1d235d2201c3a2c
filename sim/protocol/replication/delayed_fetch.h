#pragma once
// The purgatory of Fetch requests that found too few bytes: each waits until there are enough, or
// something about one of its partitions must be told, or its maximal wait is over. On completion
// the shell reads the logs again (without counting it as a fetch of the follower) and answers.
//
// A fetch completes when, for a partition,
//   - the replica or its leadership is gone, its log directory failed, or the epoch is refused;
//   - the fetch offset lies beyond the readable end (the log was truncated);
//   - the readable end lies on a newer segment than the fetch offset;
//   - the last fetched epoch has no end any more, or diverges;
// or when the readable bytes of all its partitions, each capped by its max bytes, reach min bytes.
// Required: call check() after every change of LEO, high watermark, last stable offset, leader
// epoch or role of a partition, and expire() at next_deadline(). Only the named partition is looked
// at; what was last seen of the others is remembered.
//
// Source: DelayedFetch, DelayedOperationPurgatory, ReplicaManager.fetchMessages.

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <boost/container/flat_map.hpp>
#include <boost/container/flat_set.hpp>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/delayed_produce.h"
#include "sim/protocol/replication/fetch_check.h"
#include "sim/wire/error_code.h"

namespace bsim::replication {

// Where in its log a fetch stands: the segment by its base offset, and the byte position in it.
struct LogPosition {
    Offset offset;
    Offset segment_base;
    std::int64_t position = 0;
};

struct FetchPart {
    TopicIdPartition tp;
    FetchPosition fetch;
    std::int32_t max_bytes = 0;
    // nullopt if the first read failed to name it; then the partition never wakes the fetch.
    std::optional<LogPosition> start;
};

// How a partition stands towards a parked fetch.
struct ReadableNow {
    // Any error: the fetch is answered at once. The epoch check of the request belongs here too.
    wire::ErrorCode error = wire::ErrorCode::None;
    LogPosition end;                              // LEO, hw or last stable offset, by isolation
    std::optional<EpochEnd> end_of_last_fetched;  // asked only if the fetch names that epoch
};

class ReadableView {
  public:
    ReadableView() = default;
    virtual ~ReadableView() = default;
    virtual ReadableNow readable(const FetchPart& part, Isolation isolation) const = 0;

  protected:
    ReadableView(const ReadableView&) = default;
    ReadableView& operator=(const ReadableView&) = default;
};

// What the first read found, summed over the partitions of a request.
struct FirstRead {
    std::int64_t bytes = 0;
    bool error = false;
    bool diverging = false;
};

class DelayedFetches {
  public:
    struct Request {
        OperationId id;
        SimTime deadline;
        Isolation isolation = Isolation::HighWatermark;
        std::int64_t min_bytes = 1;
        std::vector<FetchPart> parts;
    };

    // True if the request is answered without being parked.
    static bool answer_now(const FirstRead& read, SimDuration max_wait, const Request& request);

    // False if it can complete at once; then it is not parked.
    bool add(Request request, const ReadableView& view);
    void check(const TopicIdPartition& tp,
               const ReadableView& view,
               std::vector<OperationId>& done);
    void expire(SimTime now, std::vector<OperationId>& done);
    std::optional<SimTime> next_deadline() const;
    std::size_t size() const { return parked_.size(); }

  private:
    struct Parked {
        Request request;
        std::vector<std::int64_t> readable;  // per part, as last seen
        std::int64_t total = 0;
    };

    // A parked fetch and which part of it.
    using Watch = std::pair<OperationId, std::size_t>;

    static bool look(Parked& parked, std::size_t part, const ReadableView& view);
    void erase(OperationId id);

    std::map<OperationId, Parked> parked_;
    // In order. An empty one stays: who fetches a partition fetches it again.
    boost::container::flat_map<TopicIdPartition, std::vector<Watch>> watches_;
    // Those of followers come in order, as all wait equally long.
    boost::container::flat_set<std::pair<SimTime, OperationId>> deadlines_;
};

}  // namespace bsim::replication
