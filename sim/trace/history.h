#pragma once
// What clients saw, in Jepsen's shape: a line for each invocation and each completion.
//
//     {"process":3,"type":"ok","f":"send","time":123,"value":[["send","orders-0",[17,"v"]]]}
//     {"process":4,"type":"ok","f":"poll","time":456,"value":[["poll",{"orders-0":[[17,"v"]]}]]}
//     {"process":4,"type":"ok","f":"commit","time":789,"value":[["commit",{"orders-0":18}]]}
//
// One operation a batch, one micro-operation a record. At the invocation of a send the offsets are
// null; of a poll, the map is empty. A commit tells the offsets to read next. `info` is an unknown
// outcome: the operation may take effect at any later time, or never. A record that was given up
// before it had a partition stands under partition -1, "orders--1". A process has at most one
// operation open: a client that keeps several requests in flight needs as many process numbers, and
// retires a number whose outcome is `info`.
//
// What a reader must know to judge stands behind `value`, where it is not what one would expect:
//   - `"client":"producer-shop-0"`: whom the number stands for, at each invocation of a send and
//     at the first of a poll under that number;
//   - `"begins":true`: at a poll's invocation, this life of the consumer begins;
//   - `"acks":1`: at a send's invocation, its acks if that is not all;
//   - `"idempotent":false`: at a send's invocation, a retry may be written twice;
//   - `"moved":[["orders-0",80],["orders-1",null]]`: at a poll's completion, where positions went
//     since the poll before other than by reading, in that order; null: the group gave or took the
//     partition, and reading may begin anywhere.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "sim/base/time.h"
#include "sim/model/ids.h"
#include "sim/trace/sinks.h"

namespace bsim {

enum class OpType { Invoke, Ok, Fail, Info };

struct SeenRecord {
    TopicPartition p;
    std::optional<Offset> offset;  // nullopt: not known (yet)
    std::string_view value;        // UTF-8; lives as long as the caller's buffer
};

// A consumer's commit: for each partition the offset to read next.
struct CommittedPosition {
    TopicPartition p;
    Offset offset;
};
struct CommitOp {
    std::int32_t process = 0;
    OpType type = OpType::Invoke;
    SimTime time;
    std::span<const CommittedPosition> offsets;
};

// Of a consumer's position: it goes on at `to`, or wherever its group lets it.
struct PositionMove {
    TopicPartition p;
    std::optional<Offset> to;
};

// What stands behind `value`.
struct ClientNote {
    std::string_view client = {};  // empty: not told
    bool begins = false;
    std::int32_t acks = -1;
    bool idempotent = true;
    std::span<const PositionMove> moved = {};
};

// `records` of a poll must be grouped by partition.
struct ClientOp {
    std::int32_t process = 0;
    OpType type = OpType::Invoke;
    SimTime time;
    std::span<const SeenRecord> records;
    ClientNote note = {};
};

// Clients call it; the run does not depend on it.
class HistorySink {
  public:
    virtual ~HistorySink() = default;
    virtual void send(const ClientOp& op) = 0;
    virtual void poll(const ClientOp& op) = 0;
    virtual void commit(const CommitOp& op) = 0;
};

// Writes history.jsonl.
class HistoryWriter : public HistorySink {
  public:
    explicit HistoryWriter(TextSink& out) : out_(out) {}
    ~HistoryWriter() override { flush(); }
    HistoryWriter(const HistoryWriter&) = delete;
    HistoryWriter& operator=(const HistoryWriter&) = delete;

    void send(const ClientOp& op) override;
    void poll(const ClientOp& op) override;
    void commit(const CommitOp& op) override;
    void flush();

  private:
    template <class Op>
    void begin(const Op& op, std::string_view f);
    void end();
    void end(const ClientNote& note);

    TextSink& out_;
    std::string buffer_;
};

}  // namespace bsim
