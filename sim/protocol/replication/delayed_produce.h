#pragma once
// The purgatory of Produce requests with acks=all: each waits until every partition it wrote to has
// answered, or its deadline passes.
//
// A partition answers when the high watermark reaches the required offset (last offset + 1), or
// with an error when leadership is lost. What was answered stays answered. An operation completes
// once. Required: call check() after every change of the partition's high watermark or role, and
// expire() at next_deadline(). Cost of check(): what completes, plus one.
//
// Source: DelayedProduce, DelayedOperationPurgatory.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "sim/base/strong.h"
#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/wire/error_code.h"

namespace bsim::replication {

// The caller's name for a parked request; unique while it is parked.
using OperationId = Strong<struct OperationIdTag, std::uint64_t>;

// Answers for a partition as PartitionLeader::produce_status does; NOT_LEADER_OR_FOLLOWER if this
// broker does not lead it, UNKNOWN_TOPIC_OR_PARTITION if it holds no replica. An offset that is
// pending must imply that larger ones are.
class ProduceStatusView {
  public:
    ProduceStatusView() = default;
    virtual ~ProduceStatusView() = default;
    virtual std::optional<wire::ErrorCode> produce_status(const TopicIdPartition& tp,
                                                          Offset required) const = 0;

  protected:
    ProduceStatusView(const ProduceStatusView&) = default;
    ProduceStatusView& operator=(const ProduceStatusView&) = default;
};

// One partition of a request: what is required, or the error that its append met already.
struct ProducePart {
    TopicIdPartition tp;
    Offset required;
    std::optional<wire::ErrorCode> answer;  // nullopt while pending
    bool operator==(const ProducePart&) const = default;
};

struct CompletedProduce {
    OperationId id;
    bool expired = false;
    std::vector<ProducePart> parts;  // in the order given; each answered
};

class DelayedProduces {
  public:
    struct Request {
        OperationId id;
        SimTime deadline;
        std::vector<ProducePart> parts;  // answer set for those whose append failed
    };
    // Completes at once (into `done`) if nothing is pending.
    void add(Request request, const ProduceStatusView& view, std::vector<CompletedProduce>& done);
    void check(const TopicIdPartition& tp,
               const ProduceStatusView& view,
               std::vector<CompletedProduce>& done);
    // Pending parts of the overdue are answered with REQUEST_TIMED_OUT.
    void expire(SimTime now, std::vector<CompletedProduce>& done);
    // Forgets an operation without completing it, e.g. when its connection is gone.
    void drop(OperationId id);

    std::optional<SimTime> next_deadline() const;
    std::size_t size() const { return parked_.size(); }

  private:
    struct Parked {
        SimTime deadline;
        std::size_t pending = 0;
        std::vector<ProducePart> parts;
    };
    struct Watch {
        Offset required;
        OperationId id;
        std::size_t part;
        auto operator<=>(const Watch&) const = default;
    };

    void unpark(std::map<OperationId, Parked>::iterator at,
                bool expired,
                std::vector<CompletedProduce>& done);
    void unwatch(OperationId id, const Parked& parked);

    std::map<OperationId, Parked> parked_;
    std::map<TopicIdPartition, std::set<Watch>> watches_;  // by required offset, so stop early
    std::set<std::pair<SimTime, OperationId>> deadlines_;
};

}  // namespace bsim::replication
