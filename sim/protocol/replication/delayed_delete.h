#pragma once
// The purgatory of DeleteRecords requests: each waits until, in every partition that it names, the
// log start offset of all live replicas has reached what was asked for, or its deadline passes.
//
// A partition answers once: with its low watermark then, or with an error when this broker does not
// lead it any more (noticed when something else makes the operation be looked at: as in Kafka, the
// loss of leadership alone does not). At the deadline the rest is answered REQUEST_TIMED_OUT with
// the low watermark of the beginning. Required: call check() after every rise of a low watermark,
// and expire() at next_deadline().
//
// Source: DelayedDeleteRecords, ReplicaManager.deleteRecords (3.9).

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/protocol/replication/delayed_produce.h"
#include "sim/wire/error_code.h"

namespace bsim::replication {

// How a partition stands: an error, or its low watermark.
struct DeleteStatus {
    wire::ErrorCode error = wire::ErrorCode::None;
    Offset low_watermark{-1};
    bool operator==(const DeleteStatus&) const = default;
};

class DeleteStatusView {
  public:
    DeleteStatusView() = default;
    virtual ~DeleteStatusView() = default;
    virtual DeleteStatus delete_status(const TopicIdPartition& tp) const = 0;

  protected:
    DeleteStatusView(const DeleteStatusView&) = default;
    DeleteStatusView& operator=(const DeleteStatusView&) = default;
};

// One partition of a request. `answer` is what it is answered so far: an error of the beginning is
// final, a low watermark only if it reaches `required`.
struct DeletePart {
    TopicIdPartition tp;
    Offset required;
    DeleteStatus answer;
    bool operator==(const DeletePart&) const = default;
};

struct CompletedDelete {
    OperationId id;
    std::vector<DeletePart> parts;  // in the order given
};

class DelayedDeletes {
  public:
    struct Request {
        OperationId id;
        SimTime deadline;
        std::vector<DeletePart> parts;
    };
    // Completes at once (into `done`) if nothing is pending.
    void add(Request request, std::vector<CompletedDelete>& done);
    void check(const TopicIdPartition& tp,
               const DeleteStatusView& view,
               std::vector<CompletedDelete>& done);
    void expire(SimTime now, std::vector<CompletedDelete>& done);

    std::optional<SimTime> next_deadline() const;
    std::size_t size() const { return parked_.size(); }

  private:
    struct Parked {
        SimTime deadline;
        std::vector<DeletePart> parts;
        std::set<std::size_t> pending;
    };

    std::map<OperationId, Parked> parked_;
};

}  // namespace bsim::replication
